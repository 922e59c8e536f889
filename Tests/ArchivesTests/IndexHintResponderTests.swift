import Cryptography
import Feeds
import Testing

@testable import Archives

@Suite struct IndexHintResponderTests {
    private func key(_ number: Int) -> [UInt8] { Array("key-\(1_000_000 + number)".utf8) }

    /// Lends a store with an index of many entries, and another that has its head alone.
    private func withIndexAndReader(
        _ count: Int, _ body: (FeedStore, IndexTree, FeedStore, IndexTree) throws -> Void
    ) throws {
        try withIndex { store, writer in
            try store.write { transaction in
                var batch = IndexBatch(writer)
                for number in 0..<count { try batch.put(key(number), [1], in: transaction) }
                try batch.commit(in: transaction)
            }
            try withStore { other in
                let copy = try Copier(store: store, feed: writer.tree.feed).copyHead(to: other)
                try body(store, writer.tree, other, IndexTree(copy))
            }
        }
    }

    private func answers(
        _ responder: inout IndexHintResponder, _ message: [UInt8], now: Duration = .zero,
        _ store: FeedStore
    ) throws -> [IndexHint.Cache] {
        try store.read { snapshot in
            try responder.answers(to: message, now: now, in: snapshot)
        }.compactMap { bytes in
            IndexHint(message: bytes)?.cache
        }
    }

    @Test func `a lookup needs the blocks of one answer and no other`() throws {
        try withIndexAndReader(2_000) { store, tree, other, copy in
            var responder = IndexHintResponder(tree.feed)
            let copier = Copier(store: store, feed: tree.feed)
            for number in [0, 17, 1_000, 1_999, 5_000] {
                let version = try store.read { try tree.version(in: $0) }
                let caches = try answers(
                    &responder, IndexHint.lookup(of: key(number), version: version), store)
                let cache = try #require(caches.first)
                #expect(caches.count == 1)
                #expect(cache.start == cache.blocks.min())
                #expect(cache.end == cache.blocks.max().map { $0 + 1 })
                let wanted = cache.wantedBlocks(below: version)
                #expect(wanted == cache.blocks)
                for block in wanted { try copier.copy(block, to: other) }
                let entry = try other.read { try copy.entry(for: key(number), in: $0) }
                #expect(entry?.key == (number < 2_000 ? key(number) : nil))
            }
        }
    }

    @Test(arguments: [false, true])
    func `a walk gets blocks ahead, in messages of a bounded size`(isReversed: Bool) throws {
        try withIndexAndReader(4_000) { store, tree, other, copy in
            var responder = IndexHintResponder(tree.feed)
            let copier = Copier(store: store, feed: tree.feed)
            let version = try store.read { try tree.version(in: $0) }
            let range = IndexRange(gt: key(100), lt: key(400))
            let caches = try answers(
                &responder,
                IndexHint.walk(through: range, version: version, reversed: isReversed), store)
            #expect(caches.dropLast().allSatisfy { $0.blocks.count == 128 })
            let blocks = caches.flatMap(\.blocks)
            #expect(Set(blocks).count == blocks.count && blocks.count > 299)
            for block in blocks { try copier.copy(block, to: other) }
            let found = try other.read {
                try copy.all(in: range, reversed: isReversed, $0).map(\.key)
            }
            let expected = (101..<400).map(key)
            #expect(found == (isReversed ? expected.reversed() : expected))
            // Everything would be more than one answer may name.
            let all = try answers(
                &responder, IndexHint.walk(through: .all, version: version), now: .seconds(9),
                store)
            let count = all.reduce(0) { $0 + $1.blocks.count }
            #expect(2_176...2_180 ~= count)
        }
    }

    @Test func `a walk goes on where the peer stands`() throws {
        try withIndexAndReader(300) { store, tree, _, _ in
            var responder = IndexHintResponder(tree.feed)
            let version = try store.read { try tree.version(in: $0) }
            var hint = IndexHint.Iterator()
            hint.version = version
            hint.limit = 3
            hint.checkpoint = [version - 1, 0, 1]
            let caches = try answers(&responder, IndexHint(iterator: hint).message, store)
            let root = try store.read {
                try $0.indexNode(
                    NodeReference(seq: version - 1, offset: 0), of: tree.feed, isRoot: true)
            }
            #expect(caches.first?.blocks.first == root.keys[0])
        }
    }

    @Test func `a block that is missing ends the answer, and what was touched is told`() throws {
        try withIndexAndReader(2_000) { store, tree, other, copy in
            let version = try store.read { try tree.version(in: $0) }
            try Copier(store: store, feed: tree.feed).copy(version - 1, to: other)
            var responder = IndexHintResponder(copy.feed)
            let caches = try answers(
                &responder, IndexHint.lookup(of: key(3), version: version), other)
            #expect(caches.map(\.blocks) == [[version - 1]])
        }
    }

    @Test func `hints that make no sense are ignored, and floods as well`() throws {
        try withIndexAndReader(50) { store, tree, _, _ in
            let version = try store.read { try tree.version(in: $0) }
            var responder = IndexHintResponder(tree.feed)
            for message in [
                [], [0xff, 0xff], [0x12, 0x7f], [UInt8](repeating: 0x12, count: 70_000),
                IndexHint.lookup(of: key(1), version: 0),
                IndexHint.lookup(of: key(1), version: version + 1),
                IndexHint.lookup(of: key(1), version: .max >> 11),
            ] {
                let caches = try answers(&responder, message, store)
                #expect(caches.isEmpty)
            }
            var hint = IndexHint.Iterator()
            hint.version = version
            for checkpoint: [UInt64] in [
                [1], [version, 0, 0], [0, 0, 0], [1, 99, 0], [1, 0, 1 << 60], [1, 0, 99, 4],
            ] {
                hint.checkpoint = checkpoint
                let caches = try answers(
                    &responder, IndexHint(iterator: hint).message, store)
                #expect(caches.isEmpty, "\(checkpoint)")
            }
            let lookup = IndexHint.lookup(of: key(1), version: version)
            var answeredCount = 0
            for _ in 0..<20_000 where try !answers(&responder, lookup, store).isEmpty {
                answeredCount += 1
            }
            #expect(answeredCount < 17_408)
            let late = try answers(&responder, lookup, now: .seconds(1), store)
            #expect(!late.isEmpty)
        }
    }

    @Test func `blocks outside their own bounds are not fetched`() {
        let cache = IndexHint.Cache(start: 5, end: 10, blocks: [4, 5, 9, 10, 1 << 60])
        #expect(cache.wantedBlocks(below: 100) == [5, 9])
        #expect(cache.wantedBlocks(below: 9) == [5])
        let many = IndexHint.Cache(start: 0, end: 1 << 40, blocks: Array(0..<10_000))
        #expect(many.wantedBlocks(below: 1 << 40).count == 512)
    }

    @Test func `a message is what Hyperbee sends, with its length in front`() {
        let message: [UInt8] = [9, 0x12, 7, 8, 12, 0x12, 3] + Array("bee".utf8)
        #expect(
            IndexHint(message: message)?.get == IndexHint.Get(version: 12, key: Array("bee".utf8)))
        #expect(IndexHint.lookup(of: Array("bee".utf8), version: 12) == message)
        #expect(IndexHint(message: Array(message.dropFirst())) == nil)
        #expect(IndexHint(message: Array(message.dropLast())) == nil)
        #expect(IndexHint(message: []) == nil)
    }
}
