import Cryptography
import Feeds
import Testing

@testable import Archives

/// Indexes that are correctly signed and still break the rules.
@Suite struct HostileIndexTests {
    /// One block of an index that nobody would write.
    struct Block {
        var key: String
        var levels: [IndexLevel]

        init(_ key: String, _ levels: IndexLevel...) {
            self.key = key
            self.levels = levels
        }

        var bytes: [UInt8] {
            var index = ProtobufWriter()
            index.write(levels: levels)
            return IndexBlock.encode(key: Array(key.utf8), value: [1], index: index.bytes)
        }
    }

    /// Appends a header and blocks, and expects every walk of the last version to fail or end.
    private func expectRefused(
        _ blocks: [Block], sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        try withIndex { store, writer in
            try store.write { transaction in
                try transaction.append(
                    [IndexHeader().encoded] + blocks.map(\.bytes), to: writer.tree.feed,
                    signingWith: writer.keyPair)
            }
            try store.read { snapshot in
                for reversed in [false, true] {
                    let error = #expect(
                        throws: ArchiveError.self, sourceLocation: sourceLocation
                    ) { _ = try writer.tree.all(reversed: reversed, snapshot) }
                    #expect(error?.code == .malformedIndex, sourceLocation: sourceLocation)
                }
                #expect(throws: ArchiveError.self, sourceLocation: sourceLocation) {
                    _ = try writer.tree.allDifferences(from: writer.tree.checkout(1), snapshot)
                }
            }
        }
    }

    private func level(_ keys: [UInt64], _ children: (UInt64, UInt64)...) -> IndexLevel {
        IndexLevel(
            keys: keys, children: children.map { NodeReference(seq: $0.0, offset: $0.1) })
    }

    @Test func `refuses a root that is its own child`() throws {
        try expectRefused([
            Block("a", level([1])), Block("b", level([2], (1, 0), (2, 0))),
        ])
        try expectRefused([
            Block("a", level([1])), Block("b", level([2], (2, 0), (1, 0))),
        ])
    }

    @Test func `refuses a node that is reached twice`() throws {
        // Each level names the next one twice: 2^70 leaves in one block.
        var levels = (0..<70).map { depth in
            level([1], (2, UInt64(depth) + 1), (2, UInt64(depth) + 1))
        }
        levels.append(level([1]))
        var block = Block("b")
        block.levels = levels
        try expectRefused([Block("a", level([1])), block])
        block.levels = [
            level([2], (2, 1), (2, 1)), level([1]),
        ]
        try expectRefused([Block("a", level([1])), block])
    }

    @Test func `refuses nodes without keys that are not the root`() throws {
        var block = Block("b")
        block.levels = [level([2], (2, 1), (2, 2)), level([]), level([])]
        try expectRefused([Block("a", level([1])), block])
    }

    @Test func `refuses a tree that is too deep`() throws {
        // Keys ascend along a way that goes down to the right for ever.
        let count: UInt64 = 40
        var blocks: [Block] = []
        for seq in 1...count {
            let name = String(repeating: "k", count: Int(count - seq + 1))
            blocks.append(
                seq == 1
                    ? Block(name, level([1])) : Block(name, level([seq], (1, 0), (seq - 1, 0))))
        }
        try expectRefused(blocks)
    }

    @Test func `refuses keys out of order`() throws {
        try expectRefused([Block("b", level([1])), Block("a", level([1, 2]))])
        try expectRefused([Block("a", level([1])), Block("a", level([1, 2]))])
        try expectRefused([
            Block("m", level([1])), Block("z", level([2])),
            Block("n", level([1], (2, 0), (3, 1)), level([3])),
        ])
    }

    @Test func `refuses references to blocks that cannot be meant`() throws {
        try expectRefused([Block("a", level([0]))])
        try expectRefused([Block("a", level([2])), Block("b", level([3]))])
        try expectRefused([Block("a", level([1], (0, 0), (1, 0)))])
        try expectRefused([Block("a", level([1], (1, 9), (1, 0)))])
        try expectRefused([Block("a", level([1], (7, 0), (1, 0)))])
        try expectRefused([Block("a")])
        try expectRefused([
            Block("a", level([UInt64(1) << 53]))
        ])
    }

    @Test func `refuses nodes with too many keys, children or levels`() throws {
        try expectRefused([Block("a", level([1, 1, 1, 1, 1, 1, 1, 1, 1]))])
        try expectRefused([Block("a", level([1], (1, 0)))])
        try expectRefused([Block("a", level([1], (1, 0), (1, 0), (1, 0)))])
        var block = Block("a")
        block.levels = Array(repeating: level([]), count: 5000)
        block.levels[0] = level([1], (1, 4998), (1, 4999))
        try expectRefused([block])
    }

    @Test func `never gives out a key beyond the range that was asked for`() throws {
        try withIndex { store, writer in
            try store.write { transaction in
                let blocks = [
                    Block("a", level([1])), Block("x", level([2])),
                    // Below the keys after "m" there is an "a".
                    Block("m", level([3], (2, 0), (1, 0))),
                ]
                try transaction.append(
                    [IndexHeader().encoded] + blocks.map(\.bytes), to: writer.tree.feed,
                    signingWith: writer.keyPair)
            }
            try store.read { snapshot in
                #expect(throws: ArchiveError.self) {
                    _ = try writer.tree.all(in: IndexRange(gt: Array("m".utf8)), snapshot)
                }
                #expect(throws: ArchiveError.self) {
                    _ = try writer.tree.all(
                        in: IndexRange(lt: Array("m".utf8)), reversed: true, snapshot)
                }
            }
        }
    }

    @Test func `refuses absurd numbers and lengths`() throws {
        let absurd: [[UInt8]] = [
            [0x0a, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f],
            [0x0a] + [UInt8](repeating: 0x80, count: 40),
            [0x0a, 0x00, 0x12, 0xff, 0xff, 0xff, 0x7f],
            [0x0a, 0x00, 0x12, 0x01, 0x61, 0x0b], [0x0a, 0x00, 0x12, 0x01, 0x61, 0x0c],
            [0x08, 0x00, 0x12, 0x01, 0x61], [0x0a, 0x00, 0x12, 0x01, 0x61, 0x1e],
            [0x0a, 0x00, 0x12, 0x01, 0x61, 0x29, 1, 2, 3], [],
        ]
        for bytes in absurd {
            #expect(throws: IndexCodingError.self) {
                try bytes.withUnsafeBytes { _ = try IndexBlock(decoding: $0) }
            }
        }
        #expect(throws: IndexCodingError.numberTooLarge) {
            // 2^53 in a list of keys.
            let bytes: [UInt8] = [0x0a, 8, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x10]
            try bytes.withUnsafeBytes { _ = try IndexLevel(decoding: $0) }
        }
    }

    @Test func `survives every flipped byte of an index`() throws {
        try withIndex { store, writer in
            var numbers = SeededNumbers(seed: 5)
            let blocks = try store.write { transaction in
                for number in 0..<14 {
                    try writer.put(
                        Array("k\(number * 7 % 15)".utf8), [UInt8(number)], in: transaction)
                }
                return try (0..<15).map {
                    try transaction.snapshot.block(at: $0, of: writer.tree.feed) ?? []
                }
            }
            try store.write { transaction in
                for (position, block) in blocks.enumerated() {
                    for byte in block.indices {
                        var changed = blocks
                        changed[position][byte] ^= UInt8.random(in: 1...255, using: &numbers)
                        try walk(changed, using: &numbers, in: transaction)
                    }
                }
            }
        }
    }

    /// Does everything with a damaged index; it may fail but neither trap nor go on for ever.
    private func walk(
        _ blocks: [[UInt8]], using numbers: inout SeededNumbers,
        in transaction: borrowing StoreTransaction
    ) throws {
        let keyPair = KeyPair(
            seed: (0..<32).map { _ in UInt8.random(in: 0...255, using: &numbers) })
        let feed = try transaction.makeFeed(signedBy: keyPair.publicKey)
        try transaction.append(blocks, to: feed, signingWith: keyPair)
        let tree = IndexTree(feed)
        func isArchiveError(_ body: () throws -> Void) {
            do { try body() } catch { #expect(error is ArchiveError) }
        }
        isArchiveError { _ = try tree.header(in: transaction.snapshot) }
        isArchiveError { _ = try tree.all(transaction.snapshot) }
        isArchiveError { _ = try tree.all(reversed: true, transaction.snapshot) }
        isArchiveError {
            _ = try tree.allDifferences(from: tree.checkout(7), transaction.snapshot)
        }
        isArchiveError { _ = try tree.entry(for: Array("k8".utf8), in: transaction.snapshot) }
        isArchiveError {
            var history = try tree.history(of: transaction.snapshot)
            while try history.next(in: transaction.snapshot) != nil {}
        }
        isArchiveError {
            let writer = IndexWriter(feed, signingWith: keyPair)
            var batch = IndexBatch(writer)
            try batch.put(Array("k77".utf8), [1], in: transaction)
            try batch.remove(Array("k5".utf8), in: transaction)
        }
    }
}
