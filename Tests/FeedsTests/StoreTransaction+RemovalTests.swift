import Cryptography
import Feeds
import Merkle
import Testing

@Suite struct RemovalTests {
    @Test(arguments: [0, 1, 2, 15, 16, 17, 100, 599, 600] as [UInt64])
    func `a truncated feed is the shorter one under a new fork`(length: UInt64) throws {
        try withFeed(600) { store, feed, keyPair in
            var appender = TreeAppender(roots: TreeRoots())
            for block in blocks(0..<length) { appender.append(block) }
            try store.write { try $0.truncate(feed, to: length, signingWith: keyPair) }
            try store.read { snapshot in
                let head = try snapshot.head(of: feed)
                #expect(head.treeHead == appender.roots.head(fork: 1))
                #expect(head.contiguousLength == length)
                #expect(try snapshot.block(at: length, of: feed) == nil)
                let held = try snapshot.heldRanges(in: 0..<700, of: feed)
                #expect(held == (length == 0 ? [] : [0..<length]))
                for value in 0..<1300 as Range<UInt64> {
                    let index = TreeIndex(value)
                    let node = try snapshot.node(at: index, of: feed)
                    #expect((node != nil) == (index.lastBlock < length))
                }
            }
            #expect(try store.verify(feed) == [])
            for index in length..<length + 50 {
                appender.append(block(index + 3))
            }
            try store.write { transaction in
                try transaction.append(
                    blocks(length + 3..<length + 53), to: feed, signingWith: keyPair)
            }
            let head = try store.read { try $0.head(of: feed).treeHead }
            #expect(head == appender.roots.head(fork: 1))
            #expect(try store.verify(feed) == [])
        }
    }

    @Test func `truncating and appending in one transaction`() throws {
        try withFeed(600) { store, feed, keyPair in
            try store.write { transaction in
                try transaction.append(blocks(600..<700), to: feed, signingWith: keyPair)
                try transaction.truncate(feed, to: 33, signingWith: keyPair)
                try transaction.append(blocks(33..<40), to: feed, signingWith: keyPair)
                try transaction.truncate(feed, to: 35, fork: 9, signingWith: keyPair)
            }
            let head = try store.read { try $0.head(of: feed) }
            #expect(head.length == 35 && head.fork == 9 && head.contiguousLength == 35)
            #expect(try store.verify(feed) == [])
        }
    }

    @Test func `only lengths and forks that make sense are taken`() throws {
        try withFeed(6) { store, feed, keyPair in
            for (length, fork) in [(7, 1), (3, 0)] as [(UInt64, UInt64)] {
                #expect(throws: FeedStoreError(.outOfRange, "")) {
                    try store.write {
                        try $0.truncate(feed, to: length, fork: fork, signingWith: keyPair)
                    }
                }
            }
            #expect(throws: FeedStoreError(.notWritable, "")) {
                try store.write {
                    try $0.truncate(feed, to: 3, signingWith: KeyPair.numbered(5))
                }
            }
            let length = try store.read { try $0.head(of: feed).length }
            #expect(length == 6)
        }
    }

    @Test func `cleared blocks are gone, and nothing else`() throws {
        try withFeed(100) { store, feed, keyPair in
            let before = try store.read { try $0.head(of: feed) }
            let cleared = try store.write { transaction in
                [
                    try transaction.clear(10..<20, of: feed),
                    try transaction.clear(12..<18, of: feed),
                    try transaction.clear(99..<300, of: feed),
                    try transaction.clear(7..<7, of: feed),
                ]
            }
            #expect(cleared == [true, false, true, false])
            try store.read { snapshot in
                let head = try snapshot.head(of: feed)
                #expect(head.treeHead == before.treeHead)
                #expect(head.contiguousLength == 10)
                #expect(try snapshot.heldRanges(in: 0..<100, of: feed) == [0..<10, 20..<99])
                #expect(try snapshot.heldBlockCount(in: 5..<25, of: feed) == 10)
                #expect(try snapshot.firstMissing(in: 0..<100, of: feed) == 10)
                #expect(try snapshot.firstMissing(in: 20..<100, of: feed) == 99)
                #expect(try snapshot.firstMissing(in: 20..<30, of: feed) == 30)
                #expect(try snapshot.firstMissing(in: 3..<8, of: feed) == 8)
                #expect(try snapshot.contains(blockAt: 20, of: feed))
                #expect(try !snapshot.contains(blockAt: 19, of: feed))
                let words = try snapshot.bitfield(of: 0..<100, in: feed)
                for index in 0..<128 as Range<UInt64> {
                    let bit = words[Int(index / 32)] >> UInt32(index % 32) & 1
                    let isHeld = try snapshot.contains(blockAt: index, of: feed)
                    #expect((bit == 1) == isHeld)
                }
                #expect(try snapshot.bitfield(of: 32..<64, in: feed) == [.max])
                #expect(try snapshot.heldRanges(in: 40..<40, of: feed) == [])
            }
            #expect(try store.verify(feed) == [])
            try store.write { try $0.append(block(100), to: feed, signingWith: keyPair) }
            let contiguous = try store.read { try $0.head(of: feed).contiguousLength }
            #expect(contiguous == 10)
        }
    }

    @Test func `blocks are visited in order`() throws {
        try withFeed(50) { store, feed, _ in
            try store.write { try $0.clear(5..<10, of: feed) }
            try store.read { snapshot in
                var seen: [UInt64] = []
                try snapshot.forEachBlock(in: 3..<40, of: feed) { index, bytes in
                    #expect(Array(bytes) == block(index))
                    seen.append(index)
                    return seen.count == 6 ? .stop : .next
                }
                #expect(seen == [3, 4, 10, 11, 12, 13])
            }
        }
    }
}
