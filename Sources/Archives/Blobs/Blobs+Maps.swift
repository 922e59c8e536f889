import CompactEncoding
import Cryptography
import Feeds

extension BlockMap {
    /// The bytes of the content; sizes come from outside, so they are checked as they are added.
    var byteLength: UInt64 {
        entries.reduce(0) { $0 &+ $1.byteLength }
    }

    /// Whether the sizes add up to a number that can be held.
    var isPlausible: Bool {
        var sum: UInt64 = 0
        for entry in entries {
            let (next, overflow) = sum.addingReportingOverflow(entry.byteLength)
            guard !overflow, next <= ArchiveLimits.maximumSafeInteger else { return false }
            sum = next
        }
        return true
    }
}

extension Blobs {
    /// The block map of a blob that has one.
    func map(of blob: Blob, in snapshot: borrowing StoreSnapshot) throws -> BlockMap {
        guard blob.blockLength <= ArchiveLimits.maximumMapBlocks else {
            throw malformed("its block map is too large")
        }
        var map = BlockMap()
        for index in try storedBlocks(of: blob, in: snapshot) {
            try snapshot.withBlock(at: index, of: feed) { bytes in
                guard let bytes else { throw ArchiveError.missing(index, of: feed.key) }
                do {
                    try map.append(decoding: bytes)
                } catch {
                    throw malformed("its block map cannot be read", cause: error)
                }
            }
            guard map.entries.count <= ArchiveLimits.maximumMapEntries else {
                throw malformed("its block map is too large")
            }
        }
        guard map.isPlausible else { throw malformed("its sizes are out of range") }
        return map
    }

    /// The block map, `nil` if it cannot be read here.
    func heldMap(of blob: Blob, in snapshot: borrowing StoreSnapshot) throws -> BlockMap? {
        do {
            return try map(of: blob, in: snapshot)
        } catch let error as ArchiveError
            where error.code == .blockNotAvailable || error.code == .malformedBlob
        {
            return nil
        }
    }

    /// The blocks of a blob by the hash of their bytes, to find equal ones.
    func blocksByHash(
        of blob: Blob, in snapshot: borrowing StoreSnapshot
    ) throws -> [Digest: BlockMap.Entry] {
        var found: [Digest: BlockMap.Entry] = [:]
        let listed = blob.isBlockMap ? try map(of: blob, in: snapshot).entries : []
        let indexes =
            blob.isBlockMap
            ? listed.map(\.index) : Array(try storedBlocks(of: blob, in: snapshot))
        for index in indexes {
            try snapshot.withBlock(at: index, of: feed) { bytes in
                guard let bytes else { throw ArchiveError.missing(index, of: feed.key) }
                found[Digest.hash(of: bytes)] = BlockMap.Entry(
                    index: index, byteLength: UInt64(bytes.count))
            }
        }
        return found
    }
}
