import Archives
import Cryptography
import Feeds
import TestSupport
import Testing

@Suite struct BlobVectorTests {
    static let cases = Result { try VectorFile.load("hyperblobs.json")["cases"]?.items ?? [] }

    @Test func `writes and reads every recorded content feed`() throws {
        for vector in try Self.cases.get() {
            let name = Comment(rawValue: vector["name"]?.text ?? "?")
            vector.expectFields(
                [
                    "name", "stack", "seed", "coreKey", "blockSize", "ops", "lengthAfterOp", "ids",
                    "length", "byteLength", "treeHash", "signature", "blocks", "gets", "ranges",
                    "readStreamChunks",
                ], name)
            try withStore { store in
                let (blobs, ids) = try write(vector, to: store, name)
                try store.read { snapshot in
                    try checkFeed(vector, blobs.feed, snapshot, name)
                    try checkReads(vector, blobs, ids, snapshot, name)
                }
            }
        }
    }

    private func write(
        _ vector: JSONValue, to store: FeedStore, _ name: Comment
    ) throws -> (Blobs, [Blob]) {
        let keyPair = KeyPair(seed: vector["seed"]?.bytes ?? [])
        return try store.write { transaction in
            let feed = try transaction.makeFeed(signedBy: keyPair.publicKey)
            #expect(feed.key.hexadecimal == vector["coreKey"]?.text, name)
            var writer = OperationWriter(
                blobs: Blobs(feed), keyPair: keyPair,
                blockByteCount: Int(vector["blockSize"]?.number ?? 65_536))
            let lengths = vector["lengthAfterOp"]?.items ?? []
            let operations = vector["ops"]?.items ?? []
            #expect(lengths.count == operations.count, name)
            for (operation, length) in zip(operations, lengths) {
                try writer.apply(operation, in: transaction)
                #expect(try transaction.snapshot.head(of: feed).length == length.number, name)
            }
            let expected = (vector["ids"]?.items ?? []).map { Blob(vector: $0) }
            #expect(writer.written.map(\.blob) == expected, name)
            for written in writer.written {
                let hash = try Blobs(feed).contentHash(
                    of: written.blob, in: transaction.snapshot)
                #expect(hash == written.contentHash, name)
            }
            return (Blobs(feed), writer.written.map(\.blob))
        }
    }

    private func checkFeed(
        _ vector: JSONValue, _ feed: Feed, _ snapshot: borrowing StoreSnapshot, _ name: Comment
    ) throws {
        let head = try snapshot.head(of: feed)
        #expect(head.length == vector["length"]?.number, name)
        #expect(head.byteLength == vector["byteLength"]?.number, name)
        #expect(head.treeHash.hexadecimal == vector["treeHash"]?.text, name)
        let signature = try snapshot.signature(of: feed)
        #expect(signature == vector.optional("signature")?.bytes ?? [], name)
        let blocks = vector["blocks"]?.items ?? []
        #expect(UInt64(blocks.count) == head.length, name)
        for (index, block) in blocks.enumerated() {
            block.expectFields(["byteLength", "hash", "bytes"], name)
            let found = try snapshot.block(at: UInt64(index), of: feed) ?? []
            block.expect(found, "\(name): block \(index)")
        }
    }

    private func checkReads(
        _ vector: JSONValue, _ blobs: Blobs, _ ids: [Blob], _ snapshot: borrowing StoreSnapshot,
        _ name: Comment
    ) throws {
        for get in vector["gets"]?.items ?? [] {
            get.expectFields(["blob", "byteLength", "hash", "bytes"], name)
            let blob = ids[Int(get["blob"]?.number ?? 0)]
            get.expect(try blobs.read(blob, in: snapshot), name)
        }
        for range in vector["ranges"]?.items ?? [] {
            range.expectFields(["blob", "opts", "byteLength", "hash", "bytes", "result"], name)
            let blob = ids[Int(range["blob"]?.number ?? 0)]
            let options = range["opts"] ?? .null
            let found = try blobs.read(blob, BlobRange(options), in: snapshot)
            if try overruns(options, blob, blobs, snapshot) {
                try checkClamping(options, blob, blobs, found, range, snapshot)
            } else {
                #expect(range["result"] == nil, name)
                range.expect(found, "\(name): \(options)")
            }
        }
        for stream in vector["readStreamChunks"]?.items ?? [] {
            stream.expectFields(["blob", "opts", "chunkLengths"], name)
            let options = stream["opts"] ?? .null
            let blob = ids[Int(stream["blob"]?.number ?? 0)]
            var reader = try blobs.reader(for: blob, BlobRange(options), in: snapshot)
            var lengths: [UInt64] = []
            while let piece = try reader.next(in: snapshot) { lengths.append(UInt64(piece.count)) }
            #expect(lengths == stream["chunkLengths"]?.items.map(\.number), "\(name): \(options)")
        }
    }

    /// Whether JavaScript reads on behind the end of a blob for these options.
    private func overruns(
        _ options: JSONValue, _ blob: Blob, _ blobs: Blobs,
        _ snapshot: borrowing StoreSnapshot
    ) throws -> Bool {
        let length = try blobs.byteLength(of: blob, in: snapshot)
        let range = BlobRange(options)
        return range.start > length || range.end ?? 0 > length
    }

    // Deliberately different, `range-past-the-end`: JavaScript does not clamp a range of a plain
    // blob and gives out bytes of the next one, or nothing at the end of the feed. Here a range
    // ends with its blob, so that no bytes of another blob are ever given out.
    private func checkClamping(
        _ options: JSONValue, _ blob: Blob, _ blobs: Blobs, _ found: [UInt8],
        _ vector: JSONValue, _ snapshot: borrowing StoreSnapshot
    ) throws {
        let whole = try blobs.read(blob, in: snapshot)
        let range = BlobRange(options)
        let start = Int(min(range.start, UInt64(whole.count)))
        let end = Int(min(range.end ?? .max, UInt64(whole.count)))
        #expect(found == Array(whole[start..<max(start, end)]), "clamped: \(options)")
        if let bytes = vector.optional("bytes")?.bytes, range.start <= UInt64(whole.count) {
            #expect(bytes.starts(with: found), "clamped: \(options)")
        }
    }
}

/// Does what the operations of a case say.
private struct OperationWriter {
    let blobs: Blobs
    let keyPair: KeyPair
    let blockByteCount: Int
    var written: [WrittenBlob] = []

    mutating func apply(
        _ operation: JSONValue, in transaction: borrowing StoreTransaction
    ) throws {
        operation.expectFields(
            [
                "put", "blockSize", "stream", "blockMap", "dedup", "dedupAgainst", "batch",
                "append",
            ], "operation")
        if let content = operation["put"] {
            let count = operation["blockSize"].map { Int($0.number) } ?? blockByteCount
            try put(content, cutInto: count, in: transaction)
        } else if let contents = operation["batch"] {
            for content in contents.items {
                try put(content, cutInto: blockByteCount, in: transaction)
            }
        } else if let chunks = operation["stream"] {
            var mapping = BlobWriter.Mapping.none
            if operation["blockMap"]?.bool == true { mapping = .mapped }
            if operation["dedup"]?.bool == true {
                let earlier = operation.optional("dedupAgainst").map { Int($0.number) }
                mapping = .deduplicated(against: earlier.map { written[$0].blob })
            }
            try stream(chunks.items, mapping, in: transaction)
        } else if let blocks = operation["append"] {
            try append(blocks.items.map(\.bytes), in: transaction)
        }
    }

    private mutating func put(
        _ content: JSONValue, cutInto count: Int, in transaction: borrowing StoreTransaction
    ) throws {
        written.append(
            try blobs.put(
                content.bytes, blockByteCount: count, in: transaction, signingWith: keyPair))
    }

    private mutating func stream(
        _ chunks: [JSONValue], _ mapping: BlobWriter.Mapping,
        in transaction: borrowing StoreTransaction
    ) throws {
        var writer = BlobWriter(
            feed: blobs.feed, cutting: .asGiven, mapping: mapping, signingWith: keyPair)
        for chunk in chunks { try writer.write(chunk.bytes, in: transaction) }
        written.append(try writer.finish(in: transaction))
    }

    /// Empty blocks are read but never written, so they are appended past the blob writer.
    private mutating func append(
        _ blocks: [[UInt8]], in transaction: borrowing StoreTransaction
    ) throws {
        let head = try transaction.snapshot.head(of: blobs.feed)
        try transaction.append(blocks, to: blobs.feed, signingWith: keyPair)
        let blob = Blob(
            blockOffset: head.length, blockLength: UInt64(blocks.count),
            byteOffset: head.byteLength, byteLength: UInt64(blocks.joined().count))
        written.append(
            WrittenBlob(
                blob: blob, byteLength: blob.byteLength,
                contentHash: try blobs.contentHash(of: blob, in: transaction.snapshot)))
    }
}
