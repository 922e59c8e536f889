import CompactEncoding
import Cryptography
import Feeds
import LMDB
import Merkle
import Testing

@testable import Feeds

/// Damages a store behind its back, and expects the damage to be named.
@Suite struct FeedVerificationTests {
    private func damage(
        _ expected: [FeedDamage],
        _ body: (borrowing WriteTransaction, Tables, Feed) throws -> Void
    ) throws {
        try withFeed(40) { store, feed, keyPair in
            // A neighbour must not be taken for a part of the feed.
            try store.write { transaction in
                let other = try transaction.makeFeed(signedBy: KeyPair.numbered(2).publicKey)
                try transaction.append(blocks(0..<9), to: other, signingWith: KeyPair.numbered(2))
            }
            #expect(try store.verify(feed) == [])
            try store.write { transaction in
                try transaction.withEnvironmentTransaction { try body($0, store.tables, feed) }
            }
            #expect(Set(try store.verify(feed)) == Set(expected))
        }
    }

    private func changeRecord(
        _ writing: borrowing WriteTransaction, _ tables: Tables, _ feed: Feed,
        _ change: (inout FeedRecord) -> Void
    ) throws {
        let key = withUnsafeBytes(of: feed.number.bigEndian) { Array($0) }
        let value = try #require(try writing.reading.value(forKey: key, in: tables.feeds))
        var record = try FeedRecord(decoding: value)
        change(&record)
        try writing.put(record.encoded, forKey: key, in: tables.feeds)
    }

    private func changeNode(
        _ index: TreeIndex, _ writing: borrowing WriteTransaction, _ tables: Tables, _ feed: Feed,
        _ change: (inout Node) -> Void
    ) throws {
        let (position, slot) = TilePosition.of(index)
        let key = IndexKey(feed: feed.number, position.number).bytes
        let value = try #require(try writing.reading.value(forKey: key, in: tables.nodes))
        let tile = try value.withUnsafeBytes {
            NodeTile(position: position, packed: try #require(PackedTile($0)))
        }
        var node = try #require(tile.node(inSlot: slot, index: index)).node
        change(&node)
        tile.set(node, inSlot: slot, isSizeProven: true)
        var bytes = [UInt8](repeating: 0, count: tile.byteCount)
        bytes.withUnsafeMutableBytes { tile.write(to: $0) }
        try writing.put(bytes, forKey: key, in: tables.nodes)
    }

    /// The key of the only row of the feed.
    private func rowKey(_ feed: Feed) -> [UInt8] {
        PackKey(feed: feed.number, blocks: 0..<40).withBytes { Array($0) }
    }

    @Test func `a changed block`() throws {
        try damage([.block(6)]) { writing, tables, feed in
            let key = rowKey(feed)
            var value = try #require(try writing.reading.value(forKey: key, in: tables.blocks))
            let start = blocks(0..<6).reduce(1 + 40 * 2) { $0 + $1.count }
            value[start] ^= 1
            try writing.put(value, forKey: key, in: tables.blocks)
        }
    }

    @Test func `rows that cannot be read, and one that has a block of another`() throws {
        try damage([.row(0)]) { writing, tables, feed in
            try writing.put([9, 1, 2], forKey: rowKey(feed), in: tables.blocks)
        }
        // What stands before the end that is wrong is intact.
        try damage([.row(0)]) { writing, tables, feed in
            let key = rowKey(feed)
            var value = try #require(try writing.reading.value(forKey: key, in: tables.blocks))
            value[1 + 20 * 2 + 1] = 255
            try writing.put(value, forKey: key, in: tables.blocks)
        }
        try damage([.row(6)]) { writing, tables, feed in
            let key = IndexKey(feed: feed.number, 6).bytes
            try writing.put(block(6), forKey: key, in: tables.blocks)
        }
        try damage([.row(0), .contiguousLength]) { writing, tables, feed in
            try writing.delete(rowKey(feed), in: tables.blocks)
            let key = PackKey(feed: feed.number, blocks: 0..<1).withBytes { Array($0) }
            try writing.put(block(0), forKey: key, in: tables.blocks)
        }
    }

    @Test func `a lost and a superfluous block`() throws {
        try damage([.contiguousLength, .blockOutside(40)]) { writing, tables, feed in
            try writing.delete(rowKey(feed), in: tables.blocks)
            try writing.put([1], forKey: IndexKey(feed: feed.number, 40).bytes, in: tables.blocks)
        }
    }

    @Test func `a changed node`() throws {
        try damage([.node(TreeIndex(9)), .node(TreeIndex(11))]) { writing, tables, feed in
            try changeNode(TreeIndex(9), writing, tables, feed) {
                $0.hash = Digest.zero
            }
        }
    }

    @Test func `a changed root`() throws {
        try damage([.head, .node(TreeIndex(71))]) { writing, tables, feed in
            try changeNode(TreeIndex(71), writing, tables, feed) { $0.size += 1 }
        }
    }

    @Test func `lost nodes`() throws {
        var expected: [FeedDamage] = [.rootMissing(TreeIndex(71))]
        expected += (32..<40).map { .leafMissing($0) }
        try damage(expected) { writing, tables, feed in
            let position = TilePosition(level: 0, offset: 2)
            try writing.delete(
                IndexKey(feed: feed.number, position.number).bytes, in: tables.nodes)
        }
    }

    @Test func `nodes that cannot be read`() throws {
        var expected: [FeedDamage] = [.tile(TreeIndex(47))]
        expected += (16..<32).map { .leafMissing($0) }
        try damage(expected) { writing, tables, feed in
            let position = TilePosition(level: 0, offset: 1)
            try writing.put(
                [1, 2, 3], forKey: IndexKey(feed: feed.number, position.number).bytes,
                in: tables.nodes)
        }
    }

    @Test func `a changed signature`() throws {
        try damage([.signature]) { writing, tables, feed in
            try changeRecord(writing, tables, feed) { $0.signature[20] ^= 1 }
        }
    }

    @Test func `a changed head`() throws {
        try damage([.head]) { writing, tables, feed in
            try changeRecord(writing, tables, feed) { $0.head.byteLength += 1 }
        }
        try damage([.signature]) { writing, tables, feed in
            try changeRecord(writing, tables, feed) { $0.head.fork += 1 }
        }
    }

    @Test func `a shorter length`() throws {
        var expected: [FeedDamage] = [.head, .contiguousLength, .blockOutside(39)]
        expected += [78, 77, 75, 71].map { .nodeOutside(TreeIndex($0)) }
        try damage(expected) { writing, tables, feed in
            try changeRecord(writing, tables, feed) { $0.head.length = 39 }
        }
    }

    @Test func `a record that cannot be read`() throws {
        try damage([.record]) { writing, tables, feed in
            let key = withUnsafeBytes(of: feed.number.bigEndian) { Array($0) }
            try writing.put([0, 1, 2], forKey: key, in: tables.feeds)
        }
        try damage([.record]) { writing, tables, feed in
            try changeRecord(writing, tables, feed) { $0.manifest[3] ^= 1 }
        }
    }

    @Test func `large feeds are checked in steps`() throws {
        try withFeed { store, feed, keyPair in
            let large = [UInt8](repeating: 1, count: 1 << 20)
            try store.write { transaction in
                for _ in 0..<70 {
                    try transaction.append(large, to: feed, signingWith: keyPair)
                }
            }
            var steps: [UInt64] = []
            let damages = try store.verify(feed) { steps.append($0.checkedByteCount) }
            #expect(damages == [])
            #expect(steps.count > 3 && steps.last == 70 << 20)
        }
    }
}
