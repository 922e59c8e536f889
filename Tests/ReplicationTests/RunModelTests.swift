import Cryptography
import Feeds
import Merkle
import Testing

@testable import Replication

/// Runs against a model: what the source has, block by block.
@Suite struct RunModelTests {
    /// A run as it would come, with its own copy of the bytes.
    struct Copy {
        var fork: UInt64
        var index: TreeIndex
        var siblings: [Node]
        var lengths: [UInt32]
        var bytes: [UInt8]

        func apply(to reader: Site, _ writer: Writer) throws -> RunOutcome {
            try bytes.withUnsafeBytes { bytes in
                try reader.store.write { transaction in
                    let feed = try transaction.addFeed(writer.key)
                    return try transaction.apply(
                        BlockRun(
                            fork: fork, index: index, siblings: siblings, lengths: lengths,
                            bytes: bytes),
                        to: feed)
                }
            }
        }
    }

    /// A reader with the head of a source and some of its blocks.
    private func makeReader(
        _ source: Site, _ writer: Writer, using generator: inout SeededGenerator
    ) throws -> Site {
        let reader = try Site()
        try reader.add(writer.key)
        let head = try source.head(writer.key)
        var requests = [
            ProofRequest(
                fork: head.fork, upgrade: .init(start: 0, length: head.length), manifest: true)
        ]
        for index in 0..<head.length where Int.random(in: 0..<8, using: &generator) == 0 {
            requests.append(ProofRequest(fork: head.fork, block: .init(index: index, nodes: 0)))
        }
        for var request in requests {
            try reader.store.write { transaction in
                let feed = try transaction.addFeed(writer.key)
                if let index = request.block?.index {
                    request.block?.nodes = try transaction.snapshot.missingNodes(
                        forBlock: index, of: feed)
                }
                let proof = try source.store.read { snapshot in
                    guard let feed = try snapshot.feed(for: writer.key) else {
                        return nil as Proof?
                    }
                    return try snapshot.proof(for: request, of: feed)
                }
                #expect(try transaction.apply(#require(proof), to: feed).applied != nil)
            }
        }
        return reader
    }

    private func copy(
        _ index: TreeIndex, maximumByteCount: UInt64, from source: Site, to reader: Site,
        _ writer: Writer
    ) throws -> Copy? {
        let nodes = try reader.store.read { snapshot in
            guard let feed = try snapshot.feed(for: writer.key) else { return 0 as UInt64 }
            return try snapshot.missingNodes(from: index, of: feed)
        }
        return try source.store.read { snapshot in
            guard let feed = try snapshot.feed(for: writer.key) else { return nil }
            let request = RunRequest(
                fork: 0, index: index, nodes: nodes, maximumByteCount: maximumByteCount)
            return try snapshot.withProver(of: feed) { prover in
                try prover.withRun(for: request, maximumBlockCount: 64) { plan, blocks in
                    Copy(
                        fork: 0, index: plan.node.index, siblings: plan.siblings,
                        lengths: blocks.map { UInt32($0.count) }, bytes: blocks.flatMap { $0 })
                }
            }
        }
    }

    private func makeSource(
        using generator: inout SeededGenerator
    ) throws -> (site: Site, writer: Writer) {
        let source = try Site()
        let writer = try Writer(source)
        let blocks = (0..<Int.random(in: 1...200, using: &generator)).map { index in
            [UInt8](repeating: UInt8(index), count: Int.random(in: 0...90, using: &generator))
        }
        try writer.append(blocks, in: source)
        return (source, writer)
    }

    private func randomIndex(
        below length: UInt64, using generator: inout SeededGenerator
    ) -> TreeIndex {
        while true {
            let depth = UInt64.random(in: 0...7, using: &generator)
            let count = length >> depth
            guard count > 0 else { continue }
            return TreeIndex(
                depth: depth, offset: UInt64.random(in: 0..<count, using: &generator))
        }
    }

    @Test(arguments: seeds(40))
    func `every run of every tree is taken, whatever is held`(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let (source, writer) = try makeSource(using: &generator)
        let reader = try makeReader(source, writer, using: &generator)
        let length = try source.head(writer.key).length
        for _ in 0..<12 {
            let asked = randomIndex(below: length, using: &generator)
            let limit = UInt64.random(in: 0...4_000, using: &generator)
            let run = try #require(
                try copy(asked, maximumByteCount: limit, from: source, to: reader, writer))
            #expect(asked.contains(run.index) && run.index.firstBlock == asked.firstBlock)
            #expect(run.index.isLeaf || run.bytes.count <= limit && run.lengths.count <= 64)
            let held = Set(try reader.held(writer.key).flatMap { $0 })
            let expected = run.index.blocks.filter { !held.contains($0) }.count
            #expect(
                try run.apply(to: reader, writer) == .applied(newBlockCount: expected),
                "seed \(seed)")
            for block in run.index.blocks {
                #expect(
                    try reader.block(block, of: writer.key) == source.block(block, of: writer.key))
            }
        }
        // The nodes that were stored serve others, and whoever asks for blocks one by one.
        let third = try Site()
        try third.add(writer.key)
        try reader.refresh(writer.key)
        let (link, _) = try connect(reader, third)
        try settle([reader, third])
        #expect(link.violation == nil)
        #expect(try third.held(writer.key) == reader.held(writer.key), "seed \(seed)")
    }

    @Test(arguments: seeds(40))
    func `no wrong run is stored`(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let (source, writer) = try makeSource(using: &generator)
        let reader = try makeReader(source, writer, using: &generator)
        let length = try source.head(writer.key).length
        let before = try reader.held(writer.key)
        for kind in 0..<9 {
            let asked = randomIndex(below: length, using: &generator)
            guard
                var run = try copy(
                    asked, maximumByteCount: 4_000, from: source, to: reader, writer),
                spoil(&run, kind, using: &generator)
            else { continue }
            guard case .rejected = try run.apply(to: reader, writer) else {
                Issue.record("seed \(seed): kind \(kind) was taken")
                continue
            }
            #expect(try reader.held(writer.key) == before)
        }
    }

    /// Makes a run wrong; false if this one cannot be.
    private func spoil(
        _ run: inout Copy, _ kind: Int, using generator: inout SeededGenerator
    ) -> Bool {
        let place = Int.random(in: 0..<run.lengths.count, using: &generator)
        let other = Int.random(in: 0..<run.lengths.count, using: &generator)
        switch kind {
        case 0:
            guard !run.bytes.isEmpty else { return false }
            run.bytes[Int.random(in: 0..<run.bytes.count, using: &generator)] ^= 1
        case 1:
            guard run.lengths[place] != run.lengths[other] else { return false }
            run.lengths.swapAt(place, other)
        case 2:
            run.lengths[place] += 1
            run.bytes.append(0)
        case 3:
            guard run.lengths[run.lengths.count - 1] > 0 else { return false }
            run.bytes.removeLast()
        case 4: run.fork += 1
        case 5: run.index = TreeIndex(depth: run.index.depth, offset: run.index.offset + 1)
        case 6:
            guard !run.siblings.isEmpty else { return false }
            run.siblings[0].size += 1
        case 7:
            guard !run.siblings.isEmpty else { return false }
            run.siblings[0].hash = run.siblings[0].hash == .zero ? .emptyTree : .zero
        default: run.siblings.append(Node(index: TreeIndex(3), size: 1, hash: .zero))
        }
        return true
    }
}
