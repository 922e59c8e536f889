import CompactEncoding
import Cryptography

@testable import Archives
@testable import DriveNetworking
@testable import Multiwriter

extension FuzzTarget {
    static let texts: [FuzzTarget] = [
        FuzzTarget(
            "index-block",
            seeds: [
                .bytes("hyperbee", "bytes"), .bytes("hyperdrive", "indexBlocks"),
                .bytes("hyperbee", "blocks"),
            ], runIndexBlock),
        FuzzTarget(
            "index-messages",
            seeds: [
                .bytes("hyperbee", "bytes", prefix: [0]),
                .bytes("hyperbee", "bytes", prefix: [1]),
            ], runIndexMessages),
        FuzzTarget("block-map", seeds: [.bytes("hyperblobs", "bytes")], runBlockMap),
        FuzzTarget(
            "json",
            seeds: [
                .text("hyperbee", "jsonText"), .json(file: "hyperdrive", member: "value"),
                .json(file: "hyperdrive", member: "metadata"),
            ], runJSON),
        FuzzTarget(
            "entry",
            seeds: [
                .json(file: "hyperdrive", member: "value"),
                .made { entries },
            ], runEntry),
        FuzzTarget(
            "archive-path",
            seeds: [
                .text("hyperdrive", "input"), .text("hyperdrive", "path"),
                .text("hyperdrive", "target"),
            ], runArchivePath),
        FuzzTarget(
            "drive-path", seeds: [.text("hyperdrive", "input"), .text("hyperdrive", "path")],
            runDrivePath),
        FuzzTarget("feed-key", seeds: [.text("hyperdrive", "id"), .text("", "key")], runFeedKey),
        FuzzTarget(
            "network-address",
            seeds: [
                .made {
                    ["example.org:7000", "[::1]:7", ":0", "10.0.0.1:65535"].map { Array($0.utf8) }
                }
            ],
            runAddress),
        FuzzTarget(
            "entry-reference",
            seeds: [
                .made {
                    [Array(#"{"name":"a","link":"\#(String(repeating: "a", count: 64))"}"#.utf8)]
                },
                .text("seed", "stdout"),
            ], runReference),
    ]

    private static func runIndexBlock(_ input: UnsafeRawBufferPointer) throws {
        let block = try IndexBlock(decoding: input)
        let entry = IndexEntry(seq: 3, block)
        _ = try? block.isDeletion(seq: 3)
        for offset: UInt64 in [0, 1, 5, .max] {
            _ = try? IndexNode(
                NodeReference(seq: 3, offset: offset), in: block, isRoot: offset == 0)
        }
        for kind in EntryKey.allCases where entry.key.starts(with: kind.prefix) {
            _ = try? Version(entry, kind: kind, link: FeedKey(Digest.zero))
        }
        _ = EntryKey.split(entry.key)
        let levels = try block.levels()
        var index = ProtobufWriter()
        index.write(levels: levels)
        let bytes = IndexBlock.encode(key: entry.key, value: entry.value, index: index.bytes)
        try bytes.withUnsafeBytes { bytes in
            let again = try? IndexBlock(decoding: bytes)
            require(
                (try? again?.levels()) == levels && again.map { IndexEntry(seq: 3, $0) } == entry,
                "an index block that is not read back")
        }
    }

    private static func runIndexMessages(_ input: UnsafeRawBufferPointer) throws {
        guard let first = input.first else { return }
        let body = UnsafeRawBufferPointer(rebasing: input.dropFirst())
        if first & 1 == 0 {
            let header = try IndexHeader(decoding: body)
            let again = header.encoded.withUnsafeBytes { try? IndexHeader(decoding: $0) }
            require(again == header, "a header that is not read back")
        } else {
            let hint = try IndexHint(decoding: body)
            let again = hint.encoded.withUnsafeBytes { try? IndexHint(decoding: $0) }
            require(again == hint, "a hint that is not read back")
        }
    }

    private static func runBlockMap(_ input: UnsafeRawBufferPointer) throws {
        var map = BlockMap()
        try map.append(decoding: input)
        var again = BlockMap()
        for block in map.blocks { try block.withUnsafeBytes { try again.append(decoding: $0) } }
        require(again.entries == map.entries, "a map that is not read back")
    }

    private static func runJSON(_ input: UnsafeRawBufferPointer) throws {
        let value = try JSONValue(parsing: input)
        let bytes = value.serialized
        let again = try? JSONValue(parsing: bytes)
        // What is too large for a double is infinite, and written as null, as in JavaScript.
        guard value.isFinite else { return }
        require(again == value, "a value that is not read back")
        require(again?.serialized == bytes, "a value that is written in two ways")
        require(again?.hashValue == value.hashValue, "equal values of two hashes")
    }

    private static var entries: [[UInt8]] {
        let link = FeedKey(Digest.hash(of: [1])).id
        let metadata =
            #"{"mdrive":{"v":{"\#(link)":7},"t":"d","m":420,"u":1,"g":2,"mt":[5,6],"#
            + #""ct":-9,"h":"yyyyyyyyyyyyyyyyyyyyyyyyyy","l":"x","n":"a//b","p":9,"o":{"k":[1.5]}}}"#
        return [
            #"{"executable":true,"linkname":null,"blob":{"blockOffset":1,"byteOffset":2,"#
                + #""blockLength":3,"byteLength":4,"blockMap":true},"metadata":\#(metadata)}"#,
            #"{"executable":false,"linkname":"t","blob":null,"metadata":null}"#, metadata,
        ].map { Array($0.utf8) }
    }

    private static func runEntry(_ input: UnsafeRawBufferPointer) throws {
        if let json = try? JSONValue(parsing: input) {
            expectReadBack(EntryMetadata(json))
            expectReadBack(EntryMetadata(json[EntryMetadata.member]))
        }
        let path = Array("files\0/a/b".utf8)
        let entry = IndexEntry(seq: 9, key: path, value: Array(input))
        if let version = try? Version(entry, kind: .file, link: FeedKey(Digest.zero)) {
            let row = Row(version, end: Row.Content(blockOffset: 1, bytesOffset: 2))
            _ = JSONValue.object(row.object).serialized
            _ = version.statement
            _ = (row.end, version.mode, version.byteLength)
        }
        let value = try EntryValue(decoding: input)
        for order in [BlobMemberOrder.blockOffsetFirst, .byteOffsetFirst] {
            let again = value.encoded(order).withUnsafeBytes { try? EntryValue(decoding: $0) }
            require(again == value, "an entry that is not read back")
        }
        if let blob = value.blob {
            let range = BlobRange(from: blob.byteOffset, length: blob.blockLength)
            let clamped = range.clamped(to: blob.byteLength)
            require(clamped.upperBound <= blob.byteLength, "a range beyond its blob")
            _ = blob.blocks
        }
    }

    private static func expectReadBack(_ metadata: EntryMetadata) {
        var known = metadata
        let again = EntryMetadata(.object(metadata.object))
        require(!again.isMalformed, "metadata that is malformed once written")
        known = EntryMetadata(.object(known.object))
        let isFinite = JSONValue.object(metadata.object).isFinite
        require(
            !isFinite || known == again && again.object == metadata.object, "metadata not read back"
        )
    }

    private static func runArchivePath(_ input: UnsafeRawBufferPointer) throws {
        let text = String(decoding: input, as: UTF8.self)
        if let stored = ArchivePath(normalizedBytes: input) {
            require(Array(stored.string.utf8) == Array(input), "a stored path that changes")
            let again = try? ArchivePath(stored.string)
            require(again == stored, "a stored path that nobody can ask for")
            _ = (stored.parent, stored.name, stored.isInside(stored.parent))
        }
        _ = try? ArchivePath.root.resolving(text)
        let path = try ArchivePath(text)
        let names = path.string.split(separator: "/", omittingEmptySubsequences: true)
        require(path.string.utf8.first == UInt8(ascii: "/"), "a path without a slash in front")
        require(!names.contains("..") && !names.contains("."), "dots in a path")
        require(path.isInside(.root) && !path.isRoot, "a path beside the root")
        require(path.parent.isRoot || path.isInside(path.parent), "a path beside its folder")
        _ = try? path.resolving(text)
        _ = path.parent.child(towards: path)
    }

    private static func runDrivePath(_ input: UnsafeRawBufferPointer) throws {
        if let stored = DrivePath(stored: input) {
            require(stored.bytes == Array(input), "a stored path that changes")
            require((try? DrivePath(naming: stored.string)) == stored, "a path to nowhere")
            require(stored.parent.contains(stored), "a path beside its folder")
            require(ArchivePath(normalizedBytes: input) != nil, "a path that Hyperdrive refuses")
        }
        let text = String(decoding: input, as: UTF8.self)
        let path = try DrivePath(naming: text)
        require(DrivePath(stored: path.bytes) == path, "a path that cannot be read back")
        require((try? DrivePath(naming: path.name)) == path, "a name that leads elsewhere")
        require(DrivePath.root.contains(path) && path.parent.contains(path), "a path outside")
        require(!path.lastPiece.isEmpty && path.lastPiece != "..", "a path to a folder above")
    }

    private static func runFeedKey(_ input: UnsafeRawBufferPointer) throws {
        let text = String(decoding: input, as: UTF8.self)
        if let bytes = ZBase32.decode(text) {
            require(ZBase32.decode(ZBase32.encode(bytes)) == bytes, "bytes that are not read back")
        }
        let key = try FeedKey(parsing: text)
        require((try? FeedKey(parsing: key.id)) == key, "a key that is not read back")
        require((try? FeedKey(parsing: key.hexadecimal)) == key, "a key that is not read back")
    }

    private static func runAddress(_ input: UnsafeRawBufferPointer) throws {
        let address = try NetworkAddress(parsing: String(decoding: input, as: UTF8.self))
        require((0...65535).contains(address.port), "a port that is none")
        let again = try? NetworkAddress(parsing: address.description)
        require(again == address, "an address that is not read back")
    }

    private static func runReference(_ input: UnsafeRawBufferPointer) throws {
        let reference = try EntryReference(parsing: String(decoding: input, as: UTF8.self))
        _ = try? DrivePath(naming: reference.name)
    }
}

extension JSONValue {
    /// Whether no number in it is infinite.
    fileprivate var isFinite: Bool {
        switch self {
        case .double(let number): number.isFinite
        case .array(let items): items.allSatisfy(\.isFinite)
        case .object(let object): object.members.allSatisfy(\.value.isFinite)
        default: true
        }
    }
}
