import CompactEncoding
import Cryptography
import LMDB

/// The drive's own tables, in the environment of its feeds.
///
/// | table | key | value |
/// |---|---|---|
/// | drive | `format` | u8, the version of this page |
/// | drive | `self` | the link of the own archive, 32 bytes |
/// | drive | `sparse` | u8, 1 if content is fetched only when it is asked for |
/// | drive | `hint` ‖ feed key ‖ block u64 big-endian ‖ 8 bytes of its hash | an `IndexHint` |
/// | writers | link, 32 bytes | `WriterRecord` |
/// | wants | feed key, 32 bytes ‖ first block u64 big-endian | block after the last, u64 |
struct DriveTables: Sendable {
    static let formatVersion: UInt8 = 1

    let drive: Database
    let writers: Database
    let wants: Database

    static let formatKey = Array("format".utf8)
    static let selfKey = Array("self".utf8)
    static let sparseKey = Array("sparse".utf8)

    /// Opens the tables, and makes those that are missing unless nothing may be written.
    init(_ environment: Environment) throws {
        if environment.isReadOnly, try environment.existingDatabase(named: "drive") == nil {
            throw DriveError(.notADrive, "the store at \(environment.path) holds no drive")
        }
        let tables = try environment.openDatabases(named: ["drive", "writers", "wants"])
        drive = tables[0]
        writers = tables[1]
        wants = tables[2]
    }
}

/// What is remembered of one archive beside its feeds.
struct WriterRecord: Equatable, CompactEncodable, CompactDecodable {
    /// The fork and the length at which the index was last complete; a version between may end in
    /// the middle of a batch, where an index cannot be read.
    var readableFork: UInt64 = 0
    var readableLength: UInt64 = 0
    /// Whether a peer has told of the archive, and nobody here has asked for it.
    var isLearnt = false
    /// Why the writer is not trusted any more; empty if it is.
    var mark: String = ""

    func encode(to encoder: inout CompactEncoder) {
        encoder.writeUInt(isLearnt ? 1 : 0)
        encoder.writeUInt(readableFork)
        encoder.writeUInt(readableLength)
        encoder.writeString(mark)
    }

    init() {}

    /// Fields that later versions append are skipped.
    init(from decoder: inout CompactDecoder) throws(CompactDecodingError) {
        isLearnt = try decoder.readUInt() & 1 == 1
        readableFork = try decoder.readUInt()
        readableLength = try decoder.readUInt()
        mark = try decoder.readString()
        _ = decoder.readRest()
    }
}
