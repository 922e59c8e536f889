import Cryptography
import LMDB
import Merkle
import Testing

@testable import Feeds

/// Random operations on two stores against what they should hold, kept in plain arrays.
@Suite struct ModelTests {
    @Test(arguments: 1...16 as ClosedRange<UInt64>)
    func `stores do what plain arrays do`(seed: UInt64) throws {
        try withWriterAndReader(0, kind: FeedKind.allCases[Int(seed % 3)]) { writer, reader in
            var model = Model(seed: seed, writer: writer, reader: reader)
            defer { model.close() }
            for step in 0..<120 {
                do {
                    try model.step()
                    if step % 10 == 9 { try model.audit() }
                } catch {
                    Issue.record("seed \(seed), step \(step): \(error)")
                    return
                }
            }
            try model.audit()
        }
    }
}

/// A generator that gives the same numbers for the same seed.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 &+ 1 }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
        return mixed ^ mixed >> 31
    }
}

private struct Model {
    struct Copy {
        var blocks: [[UInt8]] = []
        var held: Set<UInt64> = []
        var fork: UInt64 = 0
    }

    var random: SeededGenerator
    var writer: Side
    var reader: Side
    var own = Copy()
    var other = Copy()
    var nextBlock: UInt64 = 0

    init(seed: UInt64, writer: Side, reader: Side) {
        random = SeededGenerator(seed: seed)
        self.writer = writer
        self.reader = reader
    }

    private mutating func below(_ bound: Int) -> UInt64 {
        bound == 0 ? 0 : UInt64.random(in: 0..<UInt64(bound), using: &random)
    }

    mutating func step() throws {
        switch below(15) {
        case 0, 1: try append()
        case 2: try appendOneByOne()
        case 3: try truncate()
        case 4: try clear(\.own, writer)
        case 5: try clear(\.other, reader)
        case 6: try abort()
        case 7: try catchUp()
        case 8: try changeMuch()
        case 9: try unpack(below(2) == 0 ? writer : reader)
        case 10: try reopen()
        case 11, 12: try downloadRun()
        default: try download()
        }
    }

    func close() {
        writer.store.close()
        reader.store.close()
    }

    /// Blocks of all sizes, most of them small.
    private mutating func makeBlocks(_ count: UInt64) -> [[UInt8]] {
        defer { nextBlock += count }
        let hasLarge = below(3) == 0
        return (nextBlock..<nextBlock + count).map { index in
            let byteCount =
                switch below(hasLarge ? 40 : 1) {
                case 1: Int(below(9000))
                case 2: 65_536
                case 3: Int(below(4)) == 0 ? 600_000 : 4096
                default: 0
                }
            return block(index)
                + [UInt8](repeating: UInt8(truncatingIfNeeded: index), count: byteCount)
        }
    }

    /// Several appends of various sizes in one transaction.
    private mutating func append() throws {
        var batches: [[[UInt8]]] = []
        for _ in 0...below(3) {
            batches.append(makeBlocks(below(4) == 0 ? below(400) : below(20)))
        }
        try writer.store.write { transaction in
            for batch in batches {
                try transaction.append(batch, to: writer.feed, signingWith: writer.keyPair)
            }
        }
        didAppend(Array(batches.joined()))
    }

    private mutating func appendOneByOne() throws {
        for _ in 0..<below(40) {
            let batch = makeBlocks(1)
            try writer.append(batch)
            didAppend(batch)
        }
    }

    private mutating func didAppend(_ blocks: [[UInt8]]) {
        for block in blocks {
            own.held.insert(UInt64(own.blocks.count))
            own.blocks.append(block)
        }
    }

    /// Appends, clears and truncates in one transaction, which reads what it has changed.
    private mutating func changeMuch() throws {
        let (first, second) = (makeBlocks(below(80)), makeBlocks(below(80)))
        let before = UInt64(own.blocks.count)
        let start = below(Int(before) + first.count + 1)
        let cleared = start..<start + below(30)
        let length = max(before, 20) - 20 + below(first.count + 20)
        let isTruncated = length < before + UInt64(first.count) && below(2) == 0
        didAppend(first)
        own.held.subtract(cleared)
        let middle = own
        if isTruncated {
            own.blocks.removeLast(own.blocks.count - Int(length))
            own.held = own.held.filter { $0 < length }
            own.fork += 1
        }
        didAppend(second)
        let end = own
        try writer.store.write { transaction in
            let (feed, pair) = (writer.feed, writer.keyPair)
            try transaction.append(first, to: feed, signingWith: pair)
            try transaction.clear(cleared, of: feed)
            try audit(middle, of: feed, in: transaction.snapshot)
            if isTruncated { try transaction.truncate(feed, to: length, signingWith: pair) }
            try transaction.append(second, to: feed, signingWith: pair)
            try audit(end, of: feed, in: transaction.snapshot)
        }
    }

    /// Makes some rows what a store of version 1 has.
    private mutating func unpack(_ side: Side) throws {
        var isUnpacked: [Bool] = []
        for _ in 0..<200 { isUnpacked.append(below(3) == 0) }
        try side.store.write { transaction in
            let reader = transaction.snapshot.reader
            var rows: [BlockRow] = []
            try reader.forEachRow(in: 0..<UInt64.max, ofFeed: side.feed.number) { row in
                rows.append(row)
                return .next
            }
            let copies = try zip(rows, isUnpacked).filter(\.1).map { row, _ in
                let content = try row.content()
                return (row.blocks, row.blocks.map { content.block(at: $0).map { Array($0) } })
            }
            let tables = side.store.tables
            try transaction.withEnvironmentTransaction { writing in
                for (range, blocks) in copies {
                    _ = try BlockRow.withKey(feed: side.feed.number, blocks: range) {
                        try writing.delete($0, in: tables.blocks)
                    }
                    for (index, block) in zip(range, blocks) {
                        try writing.put(
                            #require(block), forKey: IndexKey(feed: side.feed.number, index).bytes,
                            in: tables.blocks)
                    }
                }
                try writing.put([1, 0, 0, 0], forKey: Array("format".utf8), in: tables.meta)
            }
        }
    }

    private mutating func reopen() throws {
        writer = try writer.reopened()
        reader = try reader.reopened()
    }

    private mutating func truncate() throws {
        let length = UInt64(own.blocks.count) - below(min(own.blocks.count, 50) + 1)
        try writer.store.write {
            try $0.truncate(writer.feed, to: length, signingWith: writer.keyPair)
        }
        own.blocks.removeLast(own.blocks.count - Int(length))
        own.held = own.held.filter { $0 < length }
        own.fork += 1
    }

    private mutating func clear(
        _ copy: WritableKeyPath<Model, Copy>, _ side: Side
    ) throws {
        let held = self[keyPath: copy].held
        let start = below(self[keyPath: copy].blocks.count + 1)
        let end = start + below(40)
        let anyHeld = try side.store.write { try $0.clear(start..<end, of: side.feed) }
        #expect(anyHeld == held.contains { start <= $0 && $0 < end })
        self[keyPath: copy].held = held.filter { !(start <= $0 && $0 < end) }
    }

    private mutating func abort() throws {
        let cut = below(own.blocks.count + 1)
        #expect(throws: Stop.self) {
            try writer.store.write { transaction in
                try transaction.append(blocks(0..<50), to: writer.feed, signingWith: writer.keyPair)
                try transaction.clear(cut..<cut + 30, of: writer.feed)
                try transaction.truncate(writer.feed, to: cut, signingWith: writer.keyPair)
                try transaction.clear(0..<20, of: writer.feed)
                throw Stop()
            }
        }
    }

    private mutating func catchUp() throws {
        guard own.fork == other.fork else {
            guard !own.blocks.isEmpty else { return }
            let followed = try #require(try reader.follow(writer))
            let kept = min(Int(followed.ancestors), other.blocks.count)
            let common = zip(own.blocks, other.blocks).prefix { $0 == $1 }
            #expect(Array(common).count >= kept)
            other.held = other.held.filter { $0 < followed.ancestors }
            other.blocks = own.blocks
            other.fork = own.fork
            return
        }
        let outcome = try reader.upgrade(from: writer)
        #expect((outcome != nil) == (own.blocks.count > other.blocks.count))
        other.blocks = own.blocks
    }

    private mutating func download() throws {
        guard own.fork == other.fork, !other.blocks.isEmpty else { return }
        let start = below(other.blocks.count)
        for index in start..<min(start + 1 + below(30), UInt64(other.blocks.count)) {
            let outcome = try reader.download(index, from: writer)
            #expect((outcome != nil) == own.held.contains(index))
            guard let outcome else { continue }
            let applied = try #require(outcome.applied)
            #expect(applied.isBlockNew == other.held.insert(index).inserted)
        }
    }

    /// Fetches a run of blocks of which the reader has some.
    private mutating func downloadRun() throws {
        guard own.fork == other.fork, !other.blocks.isEmpty else { return }
        let length = UInt64(other.blocks.count)
        let depth = below(8)
        let index = TreeIndex(depth: depth, offset: below(Int(length)) >> depth)
        guard index.lastBlock < length else { return }
        let isHeld = index.blocks.allSatisfy(own.held.contains)
        let count = try reader.fetchRun(below: index, fork: own.fork, from: writer)
        #expect((count != nil) == isHeld)
        guard count != nil else { return }
        #expect(count == index.blocks.count { !other.held.contains($0) })
        other.held.formUnion(index.blocks)
    }

    func audit() throws {
        for (copy, side) in [(own, writer), (other, reader)] {
            try side.store.read { try audit(copy, of: side.feed, in: $0) }
            let damages = try side.store.verify(side.feed)
            try #require(damages == [])
        }
    }

    private func audit(
        _ copy: Copy, of feed: Feed, in snapshot: borrowing StoreSnapshot
    ) throws {
        var appender = TreeAppender(roots: TreeRoots())
        for block in copy.blocks { appender.append(block) }
        let head = try snapshot.head(of: feed)
        try #require(head.treeHead == appender.roots.head(fork: copy.fork))
        for index in 0..<UInt64(copy.blocks.count) + 3 {
            let block = try snapshot.block(at: index, of: feed)
            let expected = copy.held.contains(index) ? copy.blocks[Int(index)] : nil
            try #require(block == expected)
            try #require(try snapshot.contains(blockAt: index, of: feed) == (expected != nil))
        }
        let missing = (0..<UInt64.max).first { !copy.held.contains($0) }
        try #require(head.contiguousLength == missing)
        var held: [UInt64] = []
        try snapshot.forEachBlock(in: 0..<UInt64.max, of: feed) { index, block in
            held.append(index)
            try #require(Array(block) == copy.blocks[Int(index)])
            return .next
        }
        try #require(held == copy.held.sorted())
        let ranges = try snapshot.heldRanges(in: 0..<UInt64(copy.blocks.count), of: feed)
        try #require(Array(ranges.joined()) == held)
    }
}
