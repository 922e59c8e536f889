import CompactEncoding
import Cryptography
import Feeds
import Merkle
import Testing

@testable import Feeds

@Suite struct NodeTileTests {
    @Test func `every node has its own tile and slot, and is found again from them`() {
        var seen: Set<[UInt64]> = []
        for value in 0..<5000 as Range<UInt64> {
            let index = TreeIndex(value)
            let (tile, slot) = TilePosition.of(index)
            #expect(seen.insert([tile.number, UInt64(slot)]).inserted)
            #expect((0..<TilePosition.slotCount).contains(slot))
            #expect(tile.index(ofSlot: slot) == index)
            #expect(tile.level == index.depth / 5)
        }
        for depth in 0..<53 as Range<UInt64> {
            let index = TreeIndex(depth: depth, offset: (1 << (52 - depth)) - 1)
            let (tile, slot) = TilePosition.of(index)
            #expect(tile.index(ofSlot: slot) == index)
        }
    }

    @Test func `a climb to the root of a million blocks touches four tiles`() {
        var index = TreeIndex(block: 777_777)
        var tiles: Set<UInt64> = []
        while index.depth < 20 {
            tiles.insert(TilePosition.of(index).tile.number)
            index = index.parent
        }
        #expect(tiles.count == 4)
    }

    @Test func `a packed tile holds what was put into it`() throws {
        let position = TilePosition(level: 1, offset: 3)
        let tile = NodeTile(position: position)
        var expected: [Int: StoredNode] = [:]
        for slot in [0, 5, 30, 17] {
            let node = Node(
                index: position.index(ofSlot: slot), size: UInt64(slot) * 1000,
                hash: Digest.hash(of: [UInt8(slot)]))
            tile.set(node, inSlot: slot, isSizeProven: slot != 5)
            expected[slot] = StoredNode(node: node, isSizeProven: slot != 5)
        }
        var bytes = [UInt8](repeating: 0, count: tile.byteCount)
        bytes.withUnsafeMutableBytes { tile.write(to: $0) }
        try bytes.withUnsafeBytes { bytes in
            let packed = try #require(PackedTile(bytes))
            let unpacked = NodeTile(position: position, packed: packed)
            for slot in 0..<TilePosition.slotCount {
                let index = position.index(ofSlot: slot)
                #expect(packed.node(inSlot: slot, index: index) == expected[slot])
                #expect(unpacked.node(inSlot: slot, index: index) == expected[slot])
            }
            for count in 0..<bytes.count {
                #expect(PackedTile(UnsafeRawBufferPointer(rebasing: bytes[..<count])) == nil)
            }
        }
    }

    @Test func `keys sort by feed, then by number`() {
        let keys = [
            IndexKey(feed: 0, 0), IndexKey(feed: 0, 255), IndexKey(feed: 0, 256),
            IndexKey(feed: 0, 1 << 40), IndexKey(feed: 1, 0), IndexKey(feed: 256, 3),
        ]
        for (key, next) in zip(keys, keys.dropFirst()) {
            #expect(key.bytes.lexicographicallyPrecedes(next.bytes))
        }
        #expect(IndexKey(feed: 7, 1 << 33 + 5).number == 1 << 33 + 5)
        #expect(IndexKey(feed: 7, 5).feedNumber == 7)
        #expect(MemoryLayout<IndexKey>.size == 12)
        #expect(MemoryLayout<ChangeKey>.size == 12)
        #expect(ChangeKey(change: 1 << 35 + 2, feed: 9).change == 1 << 35 + 2)
    }

    @Test func `a record reads back as it was written`() throws {
        var record = FeedRecord(key: FeedKey(KeyPair.numbered(1).publicKey))
        #expect(try FeedRecord(decoding: record.encoded) == record)
        record.flags = [.isWritable, .isCompat]
        record.lastChange = .max
        record.head = FeedHead(
            fork: .max, length: 1 << 52, byteLength: .max, contiguousLength: 7,
            treeHash: Digest.hash(of: [1]))
        record.signature = [1, 2, 3]
        record.manifest = [4, 5]
        let side = FeedConflict.Side(
            fork: .max, length: 3, treeHash: Digest.hash(of: [2]), signature: [9])
        record.conflict = FeedConflict(own: side, other: side)
        let encoded = record.encoded
        #expect(try FeedRecord(decoding: encoded) == record)
        encoded.withUnsafeBytes { #expect(FeedHead(inRecord: $0) == record.head) }
        for count in 0..<encoded.count {
            #expect(throws: (any Error).self) {
                try FeedRecord(decoding: Array(encoded.prefix(count)))
            }
        }
    }
}
