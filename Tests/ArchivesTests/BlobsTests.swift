import Cryptography
import Feeds
import Merkle
import Testing

@testable import Archives

@Suite struct BlobsTests {
    private let keyPair = KeyPair(seed: [UInt8](repeating: 9, count: 32))

    private func withBlobs(
        _ body: (FeedStore, Blobs) throws -> Void
    ) throws {
        try withStore { store in
            let feed = try store.write { try $0.makeFeed(signedBy: keyPair.publicKey) }
            try body(store, Blobs(feed))
        }
    }

    private func content(_ count: Int) -> [UInt8] {
        (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31 >> 3) }
    }

    @Test(arguments: [7, 8, 9, 16, 20])
    func `pieces that were hashed beforehand make the same blob`(count: Int) throws {
        let content = content(count)
        func write(_ transaction: borrowing StoreTransaction, hashing: Bool) throws -> WrittenBlob {
            let feed = try transaction.makeFeed(signedBy: keyPair.publicKey)
            var writer = BlobWriter(feed: feed, cutting: .into(8), signingWith: keyPair)
            for start in stride(from: 0, to: count, by: 8) {
                let piece = Array(content[start..<min(count, start + 8)])
                if hashing {
                    try writer.write(piece, hashedAs: .leaf(piece), in: transaction)
                } else {
                    try writer.write(piece, in: transaction)
                }
            }
            return try writer.finish(in: transaction)
        }
        var heads: [TreeHead] = []
        for isHashing in [false, true] {
            try withBlobs { store, blobs in
                let written = try store.write { try write($0, hashing: isHashing) }
                try store.read { (snapshot) throws in
                    #expect(try blobs.read(written.blob, in: snapshot) == content)
                    heads.append(try snapshot.head(of: blobs.feed).treeHead)
                }
            }
        }
        #expect(heads[0] == heads[1])
    }

    @Test(arguments: [0, 1, 7, 8, 9, 16, 17, 100])
    func `cuts alike however the pieces come`(count: Int) throws {
        let content = content(count)
        try withBlobs { store, blobs in
            for pieceCount in [1, 3, 8, 11, 1000] {
                let written = try store.write { (transaction) throws in
                    var writer = BlobWriter(
                        feed: blobs.feed, cutting: .into(8), signingWith: keyPair)
                    for start in stride(from: 0, to: count, by: pieceCount) {
                        let piece = content[start..<min(count, start + pieceCount)]
                        try writer.write(Array(piece), in: transaction)
                    }
                    return try writer.finish(in: transaction)
                }
                #expect(written.blob.blockLength == UInt64((count + 7) / 8))
                #expect(written.byteLength == UInt64(count))
                try store.read { (snapshot) throws in
                    #expect(try blobs.read(written.blob, in: snapshot) == content)
                    for start in stride(from: 0, through: count + 9, by: 5) {
                        for length in [0, 1, 8, 13, 200] {
                            let range = BlobRange(from: UInt64(start), length: UInt64(length))
                            let end = min(count, start + length)
                            let expected = start < end ? Array(content[start..<end]) : []
                            #expect(
                                try blobs.read(written.blob, range, in: snapshot) == expected)
                        }
                    }
                }
            }
        }
    }

    @Test func `hashes content as a feed of its own`() throws {
        try withBlobs { store, blobs in
            for count in [0, 1, 8, 9, 33, 64] {
                let bytes = content(count)
                let written = try store.write {
                    try blobs.put(bytes, blockByteCount: 8, in: $0, signingWith: keyPair)
                }
                var tree = TreeAppender(roots: TreeRoots())
                for start in stride(from: 0, to: count, by: 8) {
                    tree.append(Array(bytes[start..<min(count, start + 8)]))
                }
                let expected = Array(tree.roots.treeHash.bytes.prefix(16))
                #expect(written.contentHash.bytes == expected)
                #expect(ContentHash(expected) == written.contentHash)
                #expect(
                    try store.read { try blobs.contentHash(of: written.blob, in: $0) }
                        == written.contentHash)
            }
            #expect(ContentHash.empty.hexadecimal.count == 32)
        }
    }

    @Test func `keeps a blob whole when somebody else writes in between`() throws {
        try withBlobs { store, blobs in
            var writer = BlobWriter(feed: blobs.feed, cutting: .into(8), signingWith: keyPair)
            let content = content(60)
            for start in stride(from: 0, to: 60, by: 20) {
                writer = try store.write { (transaction) throws in
                    var next = writer
                    try next.write(Array(content[start..<start + 20]), in: transaction)
                    return next
                }
                if start == 20 {
                    try store.write {
                        _ = try blobs.put([1, 2, 3], in: $0, signingWith: keyPair)
                    }
                }
            }
            let last = writer
            let written = try store.write { (transaction) throws in
                var last = last
                return try last.finish(in: transaction)
            }
            #expect(written.blob.isBlockMap)
            #expect(written.byteLength == 60)
            try store.read { (snapshot) throws in
                #expect(try blobs.read(written.blob, in: snapshot) == content)
                #expect(
                    try blobs.contentHash(of: written.blob, in: snapshot) == written.contentHash)
            }
        }
    }

    @Test func `refuses ids that do not fit the feed`() throws {
        try withBlobs { store, blobs in
            let good = try store.write {
                _ = try blobs.put(content(5), in: $0, signingWith: keyPair)
                return try blobs.put(
                    content(20), blockByteCount: 8, in: $0, signingWith: keyPair
                ).blob
            }
            var ids: [(Blob, ArchiveError.Code)] = []
            func add(_ code: ArchiveError.Code, _ change: (inout Blob) -> Void) {
                var blob = good
                change(&blob)
                ids.append((blob, code))
            }
            add(.blockNotAvailable) { $0.blockLength = 4 }
            add(.blockNotAvailable) { $0.blockOffset = 1000 }
            add(.malformedBlob) { $0.blockOffset = .max }
            add(.malformedBlob) { $0.blockOffset = 1 << 53 }
            add(.malformedBlob) { $0.blockLength = .max }
            add(.malformedBlob) { $0.blockLength = 2 }
            add(.malformedBlob) { $0.blockLength = 0 }
            add(.malformedBlob) { $0.blockOffset = 0 }
            add(.malformedBlob) { $0.byteLength = 21 }
            add(.malformedBlob) { $0.byteLength = 1 << 53 - 1 }
            add(.malformedBlob) { $0.byteLength = .max }
            try store.read { (snapshot) throws in
                for (blob, code) in ids {
                    for range in [BlobRange.all, BlobRange(from: 9), BlobRange(from: 1 << 60)] {
                        guard !range.clamped(to: blob.byteLength).isEmpty else { continue }
                        let error = #expect(throws: ArchiveError.self, "\(blob)") {
                            _ = try blobs.read(blob, range, in: snapshot)
                        }
                        #expect(error?.code == code, "\(blob) \(range)")
                    }
                }
            }
        }
    }

    @Test func `refuses block maps that lie`() throws {
        try withBlobs { store, blobs in
            func blob(of map: [UInt8]) throws -> Blob {
                try store.write {
                    var blob = try blobs.put(map, in: $0, signingWith: keyPair).blob
                    blob.isBlockMap = true
                    return blob
                }
            }
            _ = try blob(of: [1, 2, 3])
            let good = try blob(of: [0, 2, 0, 3, 0, 3])
            #expect(
                try store.read { try blobs.read(good, in: $0) } == [1, 2, 3, 1, 2, 3])
            let huge: [UInt8] = [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x1f, 0]
            let bad: [[UInt8]] = [
                [1, 1, 0, 3], [0, 1, 0, 2], [0, 1, 0, 4], [0, 2, 0, 3], [0, 0xfd, 0xff, 0xff],
                [0] + huge, [0, 2, 0] + huge + [0] + huge, [0, 1, 200, 3], [],
            ]
            for map in bad {
                let blob = try blob(of: map)
                #expect(throws: ArchiveError.self, "\(map)") {
                    var blob = blob
                    // An empty block has no bytes, but the id claims that there is a map.
                    if map.isEmpty { blob.blockLength = 65 }
                    _ = try store.read { try blobs.read(blob, in: $0) }
                }
            }
        }
    }

    @Test func `says which blocks are missing and goes on once they are there`() throws {
        try withBlobs { store, blobs in
            let bytes = content(70)
            let (before, written) = try store.write {
                (
                    try blobs.put(content(10), in: $0, signingWith: keyPair),
                    try blobs.put(bytes, blockByteCount: 8, in: $0, signingWith: keyPair)
                )
            }
            try withStore { other in
                let source = Copier(store: store, feed: blobs.feed)
                let copy = Blobs(try source.copyHead(to: other))
                #expect(
                    try other.read { try copy.missingBlocks(of: written.blob, in: $0) } == [1..<10])
                var reader = try other.read { try copy.reader(for: written.blob, in: $0) }
                var found: [UInt8] = []
                while let block = reader.nextBlock {
                    let error = #expect(throws: ArchiveError.self) {
                        _ = try other.read { try reader.next(in: $0) }
                    }
                    #expect(error?.block?.index == block)
                    #expect(error?.block?.feed == blobs.feed.key)
                    try source.copy(block, to: other)
                    found += try other.read { try reader.next(in: $0) } ?? []
                }
                #expect(found == bytes)
                #expect(try other.read { try copy.missingBlocks(of: written.blob, in: $0) } == [])
                #expect(
                    try other.read { try copy.missingBlocks(of: before.blob, in: $0) } == [0..<1])
                try readRanges(of: written.blob, bytes, source)
            }
        }
    }

    /// A range in a sparse feed: the errors lead to the right blocks.
    private func readRanges(of blob: Blob, _ bytes: [UInt8], _ source: Copier) throws {
        for start in stride(from: 1, to: bytes.count, by: 6) {
            try withStore { other in
                let copy = Blobs(try source.copyHead(to: other))
                let range = BlobRange(from: UInt64(start), length: 9)
                for _ in 0..<20 {
                    do {
                        let found = try other.read { try copy.read(blob, range, in: $0) }
                        #expect(found == Array(bytes[start..<min(start + 9, bytes.count)]))
                        return
                    } catch let error as ArchiveError where error.code == .blockNotAvailable {
                        try source.copy(try #require(error.block).index, to: other)
                    }
                }
                Issue.record("the range from \(start) never became readable")
            }
        }
    }
}

/// Copies a feed, block by block, as a peer would.
struct Copier {
    let store: FeedStore
    let feed: Feed

    func copyHead(to other: FeedStore) throws -> Feed {
        let length = try store.read { try $0.head(of: feed).length }
        let request = ProofRequest(
            upgrade: .init(start: 0, length: length), manifest: true)
        let proof = try #require(try store.read { try $0.proof(for: request, of: feed) })
        return try other.write { transaction in
            let copy = try transaction.addFeed(feed.key)
            try transaction.apply(proof, to: copy)
            #expect(try transaction.snapshot.head(of: copy).length == length)
            return copy
        }
    }

    func copy(_ block: UInt64, to other: FeedStore) throws {
        try other.write { transaction in
            let copy = try transaction.addFeed(feed.key)
            let nodes = try transaction.snapshot.missingNodes(forBlock: block, of: copy)
            let request = ProofRequest(block: .init(index: block, nodes: nodes))
            let proof = try #require(try store.read { try $0.proof(for: request, of: feed) })
            try transaction.apply(proof, to: copy)
        }
    }
}
