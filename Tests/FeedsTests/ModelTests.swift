import Cryptography
import Feeds
import Merkle
import Testing

/// Random operations on two stores against what they should hold, kept in plain arrays.
@Suite struct ModelTests {
    @Test(arguments: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12] as [UInt64])
    func `stores do what plain arrays do`(seed: UInt64) throws {
        try withWriterAndReader(0, kind: FeedKind.allCases[Int(seed % 3)]) { writer, reader in
            var model = Model(seed: seed, writer: writer, reader: reader)
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
    let writer: Side
    let reader: Side
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
        switch below(10) {
        case 0, 1, 2: try append()
        case 3: try truncate()
        case 4: try clear(\.own, writer)
        case 5: try clear(\.other, reader)
        case 6: try abort()
        case 7: try catchUp()
        default: try download()
        }
    }

    /// Several appends of various sizes in one transaction.
    private mutating func append() throws {
        var batches: [[[UInt8]]] = []
        for _ in 0...below(3) {
            let count = below(4) == 0 ? below(400) : below(20)
            batches.append(blocks(nextBlock..<nextBlock + count))
            nextBlock += count
        }
        try writer.store.write { transaction in
            for batch in batches {
                try transaction.append(batch, to: writer.feed, signingWith: writer.keyPair)
            }
        }
        for block in batches.joined() {
            own.held.insert(UInt64(own.blocks.count))
            own.blocks.append(block)
        }
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

    func audit() throws {
        for (copy, side) in [(own, writer), (other, reader)] {
            var appender = TreeAppender(roots: TreeRoots())
            for block in copy.blocks { appender.append(block) }
            try side.store.read { snapshot in
                let head = try snapshot.head(of: side.feed)
                try #require(head.treeHead == appender.roots.head(fork: copy.fork))
                for index in 0..<UInt64(copy.blocks.count) + 3 {
                    let block = try snapshot.block(at: index, of: side.feed)
                    let expected = copy.held.contains(index) ? copy.blocks[Int(index)] : nil
                    try #require(block == expected)
                }
                let missing = (0..<UInt64.max).first { !copy.held.contains($0) }
                try #require(head.contiguousLength == missing)
            }
            let damages = try side.store.verify(side.feed)
            try #require(damages == [])
        }
    }
}
