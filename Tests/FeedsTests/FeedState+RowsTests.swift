import Cryptography
import Foundation
import LMDB
import Merkle
import Testing

@testable import Feeds

@Suite struct RowTests {
    private func rows(_ store: FeedStore, _ feed: Feed) throws -> [Range<UInt64>] {
        try store.read { snapshot in
            var rows: [Range<UInt64>] = []
            try snapshot.reader.forEachRow(in: 0..<UInt64.max, ofFeed: feed.number) { row in
                rows.append(row.blocks)
                return .next
            }
            return rows
        }
    }

    private func format(_ store: FeedStore) throws -> UInt32? {
        try store.read { try $0.reader.number(forKey: .format) }
    }

    @Test func `small blocks share rows of four pages, large ones rows of half a mebibyte`() throws
    {
        try withFeed { store, feed, keyPair in
            let small = [UInt8](repeating: 1, count: 100)
            let large = [UInt8](repeating: 2, count: 65_536)
            try store.write { transaction in
                try transaction.append(
                    [[UInt8]](repeating: small, count: 480)
                        + [[UInt8]](repeating: large, count: 17), to: feed, signingWith: keyPair)
            }
            #expect(
                try rows(store, feed) == [0..<160, 160..<320, 320..<487, 487..<495, 495..<497])
            #expect(try store.verify(feed) == [])
        }
    }

    @Test func `a feed that grows block by block gets few rows`() throws {
        try withFeed { store, feed, keyPair in
            for index in 0..<1000 as Range<UInt64> {
                try store.write {
                    try $0.append(block(index), to: feed, signingWith: keyPair)
                }
            }
            let rows = try rows(store, feed)
            #expect(rows.count < 16)
            #expect(rows.map(\.count).reduce(0, +) == 1000)
            #expect(try store.verify(feed) == [])
        }
    }

    @Test func `an enormous block has a row of its own, and an empty one as well`() throws {
        try withFeed { store, feed, keyPair in
            let enormous = [UInt8](repeating: 3, count: 3 << 20)
            try store.write {
                try $0.append([[], enormous, []], to: feed, signingWith: keyPair)
            }
            #expect(try rows(store, feed) == [0..<1, 1..<2, 2..<3])
            try store.read { snapshot in
                let found1 = try snapshot.block(at: 0, of: feed)
                #expect(found1 == [])
                let found2 = try snapshot.block(at: 1, of: feed)
                #expect(found2 == enormous)
                let found3 = try snapshot.block(at: 2, of: feed)
                #expect(found3 == [])
            }
        }
    }

    @Test(arguments: [0..<1, 5..<6, 0..<40, 39..<40, 38..<90, 12..<28] as [Range<UInt64>])
    func `what a row holds outside of a cleared range stays`(range: Range<UInt64>) throws {
        try withFeed(40) { store, feed, _ in
            try store.write { try $0.clear(range, of: feed) }
            let expected = [0..<range.lowerBound, range.upperBound..<max(40, range.upperBound)]
            #expect(try rows(store, feed) == expected.filter { !$0.isEmpty })
            #expect(try store.verify(feed) == [])
            try store.read { snapshot in
                for index in 0..<40 as Range<UInt64> {
                    let held = try snapshot.block(at: index, of: feed)
                    #expect(held == (range.contains(index) ? nil : block(index)))
                }
            }
        }
    }

    @Test func `a store of version 1 is read, and becomes one of version 2 by its first row`()
        throws
    {
        try withFeed(40) { store, feed, keyPair in
            let tables = store.tables
            try store.write { transaction in
                try transaction.withEnvironmentTransaction { writing in
                    try writing.deleteAll(in: tables.blocks)
                    for index in 0..<40 as Range<UInt64> {
                        let key = IndexKey(feed: feed.number, index).bytes
                        try writing.put(block(index), forKey: key, in: tables.blocks)
                    }
                    try writing.put([1, 0, 0, 0], forKey: Array("format".utf8), in: tables.meta)
                }
            }
            #expect(try rows(store, feed).count == 40)
            #expect(try store.verify(feed) == [])
            store.close()
            let opened = try FeedStore(path: store.path, options: .quick)
            defer { opened.close() }
            let last = try opened.read { try $0.block(at: 39, of: feed) }
            #expect(last == block(39))
            try opened.write { try $0.clear(3..<5, of: feed) }
            #expect(try format(opened) == 1)
            try opened.write {
                try $0.append(blocks(40..<60), to: feed, signingWith: keyPair)
            }
            #expect(try format(opened) == 2)
            #expect(try opened.verify(feed) == [])
            let added = try opened.read { try $0.block(at: 59, of: feed) }
            #expect(added == block(59))
        }
    }

    @Test func `a visitor of blocks may change the feed`() throws {
        try withFeed(40) { store, feed, keyPair in
            var seen: [UInt64] = []
            try store.write { transaction in
                try transaction.append(blocks(40..<60), to: feed, signingWith: keyPair)
                try transaction.snapshot.forEachBlock(in: 0..<60, of: feed) { index, bytes in
                    #expect(Array(bytes) == block(index))
                    seen.append(index)
                    if index % 7 == 0 { try transaction.clear(index..<index + 3, of: feed) }
                    let length = try transaction.snapshot.head(of: feed).length
                    let more = blocks(length..<length + 9)
                    try transaction.append(more, to: feed, signingWith: keyPair)
                    return .next
                }
            }
            #expect(seen == (0..<60).filter { $0 % 7 != 1 && $0 % 7 != 2 })
            #expect(try store.verify(feed) == [])
        }
    }

    @Test func `a snapshot goes on seeing rows that were changed since`() throws {
        try withFeed(40) { store, feed, keyPair in
            try store.read { snapshot in
                let found4 = try snapshot.block(at: 3, of: feed)
                #expect(found4 == block(3))
                let isDone = DispatchSemaphore(value: 0)
                Thread.detachNewThread {
                    _ = try? store.write {
                        try $0.clear(2..<20, of: feed)
                        try $0.append(blocks(40..<90), to: feed, signingWith: keyPair)
                    }
                    _ = try? store.write {
                        try $0.truncate(feed, to: 30, signingWith: keyPair)
                        try $0.append(blocks(200..<900), to: feed, signingWith: keyPair)
                    }
                    isDone.signal()
                }
                isDone.wait()
                for index in 0..<40 as Range<UInt64> {
                    let found5 = try snapshot.block(at: index, of: feed)
                    #expect(found5 == block(index))
                }
            }
            let length = try store.read { try $0.head(of: feed).length }
            #expect(length == 730)
            #expect(try store.verify(feed) == [])
        }
    }
}
