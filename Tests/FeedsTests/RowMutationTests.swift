import Cryptography
import LMDB
import Merkle
import Testing

@testable import Feeds

/// Rows of blocks that somebody has damaged: they are errors, and never read beyond their end.
@Suite struct RowMutationTests {
    /// Everything that looks at rows; each part returns or throws that the store is damaged.
    private func lookAtAll(_ store: FeedStore, _ feed: Feed, _ keyPair: KeyPair) throws {
        var byteCount = 0
        for index in 0..<110 as Range<UInt64> {
            try mayFind {
                _ = try store.read { snapshot in
                    _ = try snapshot.contains(blockAt: index, of: feed)
                    byteCount += try snapshot.block(at: index, of: feed)?.count ?? 0
                }
            }
        }
        try mayFind {
            try store.read { snapshot in
                try snapshot.forEachBlock(in: 0..<UInt64.max, of: feed) { _, block in
                    byteCount += block.reduce(0) { $0 &+ Int($1) }
                    return .next
                }
            }
        }
        try store.read { snapshot in
            _ = try snapshot.heldRanges(in: 0..<UInt64.max, of: feed)
            _ = try snapshot.bitfield(of: 0..<256, in: feed)
            _ = try snapshot.firstMissing(in: 0..<300, of: feed)
        }
        _ = try store.verify(feed)
        for body in changes(feed, keyPair) {
            try mayFind {
                do {
                    try store.write { transaction in
                        try body(transaction)
                        throw Stop()
                    }
                } catch is Stop {}
            }
        }
    }

    private func changes(
        _ feed: Feed, _ keyPair: KeyPair
    ) -> [(borrowing StoreTransaction) throws -> Void] {
        [
            { try $0.append(blocks(100..<160), to: feed, signingWith: keyPair) },
            { _ = try $0.clear(30..<50, of: feed) },
            { _ = try $0.clear(0..<UInt64.max, of: feed) },
            { try $0.truncate(feed, to: 77, signingWith: keyPair) },
            { try $0.removeFeed(feed) },
        ]
    }

    private func mayFind(_ body: () throws -> Void) throws {
        do {
            try body()
        } catch let error as FeedStoreError where error.code == .damaged {}
    }

    private func withDamage(
        seed: UInt64,
        _ body: (
            borrowing WriteTransaction, Tables, Feed, inout SeededGenerator, BlockRow
        ) throws -> Void
    ) throws {
        try withFeed(0) { store, feed, keyPair in
            for start in stride(from: 0, to: 100, by: 25) as StrideTo<UInt64> {
                try store.write { transaction in
                    try transaction.append(
                        blocks(start..<start + 25), to: feed, signingWith: keyPair)
                }
            }
            // Once in a while ends of four bytes.
            if seed % 3 == 0 {
                try store.write {
                    try $0.truncate(feed, to: 50, signingWith: keyPair)
                    let large = [UInt8](repeating: 5, count: 60_000)
                    try $0.append(
                        blocks(50..<95) + [large, large, large, [], [1]], to: feed,
                        signingWith: keyPair)
                }
            }
            var random = SeededGenerator(seed: seed)
            for _ in 0..<12 {
                try store.write { transaction in
                    var rows: [BlockRow] = []
                    try transaction.snapshot.reader.forEachRow(
                        in: 0..<UInt64.max, ofFeed: feed.number
                    ) { row in
                        rows.append(row)
                        return .next
                    }
                    // A key that is none hides those behind it.
                    guard let row = rows.randomElement(using: &random) else { return }
                    try transaction.withEnvironmentTransaction {
                        try body($0, store.tables, feed, &random, row)
                    }
                }
                try lookAtAll(store, feed, keyPair)
            }
        }
    }

    @Test(arguments: 1...20 as ClosedRange<UInt64>)
    func `changed values`(seed: UInt64) throws {
        try withDamage(seed: seed) { writing, tables, feed, random, row in
            var value = Array(row.value)
            switch Int.random(in: 0..<4, using: &random) {
            case 0: value.removeLast(Int.random(in: 0...value.count, using: &random))
            case 1: value += [UInt8](repeating: 7, count: Int.random(in: 0..<9, using: &random))
            default:
                for _ in 0..<Int.random(in: 1..<4, using: &random) where !value.isEmpty {
                    let place = Int.random(in: 0..<min(value.count, 60), using: &random)
                    value[place] = UInt8.random(in: 0...255, using: &random)
                }
            }
            try BlockRow.withKey(feed: feed.number, blocks: row.blocks) {
                try writing.put(value, forKey: $0, in: tables.blocks)
            }
        }
    }

    @Test(arguments: 1...20 as ClosedRange<UInt64>)
    func `changed keys`(seed: UInt64) throws {
        try withDamage(seed: seed) { writing, tables, feed, random, row in
            let value = Array(row.value)
            var key = try BlockRow.withKey(feed: feed.number, blocks: row.blocks) { Array($0) }
            if Bool.random(using: &random) { try writing.delete(key, in: tables.blocks) }
            switch Int.random(in: 0..<4, using: &random) {
            case 0: key += [UInt8](repeating: 0, count: Int.random(in: 0..<4, using: &random))
            case 1: key.removeLast(Int.random(in: 0..<8, using: &random))
            case 2:
                key.replaceSubrange(4..<11, with: [UInt8](repeating: 255, count: 7))
            default:
                let place = Int.random(in: 4..<key.count, using: &random)
                key[place] = UInt8.random(in: 0...255, using: &random)
            }
            try writing.put(value, forKey: key, in: tables.blocks)
        }
    }
}
