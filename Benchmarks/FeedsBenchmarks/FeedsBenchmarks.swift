import Benchmark
import BenchmarkSupport
import BenchmarkWork
import Cryptography
import Feeds
import Merkle

let benchmarks: @Sendable () -> Void = {
    let suite = ModuleBenchmarks(of: "Feeds")
    addAppends(to: suite)
    addReads(to: suite)
    addProofs(to: suite)
}

private func addAppends(to suite: ModuleBenchmarks) {
    var random = RandomBytes()
    let small = random.arrays(1000, byteCount: 64)
    let large = random.arrays(256, byteCount: 65536)
    suite.add("append 64 B, one a commit, fsync", setUp: { try SampleFeed(.powerCut) }) {
        _, sample in
        try sample.append([small[0]])
    }
    suite.add(
        "append 64 B, one a commit, no fsync", scaling: .kilo,
        setUp: { try SampleFeed(.processCrash) }
    ) { _, sample in
        for block in small { try sample.append([block]) }
    }
    suite.add(
        "append 64 B, 1k a commit, fsync", scaling: .kilo, setUp: { try SampleFeed(.powerCut) }
    ) { _, sample in
        try sample.append(small)
    }
    suite.add(
        "append 64 B, 1k a commit, no fsync", scaling: .kilo,
        setUp: { try SampleFeed(.processCrash) }
    ) { _, sample in
        try sample.append(small)
    }
    suite.add(
        "append 16 MiB as 64 KiB, 256 a commit, fsync", samples: 30,
        setUp: { try SampleFeed(.powerCut) }
    ) { _, sample in
        try sample.append(large)
    }
}

private func addReads(to suite: ModuleBenchmarks) {
    let count = 100_000
    let small = { try SampleFeed.filled(count, byteCount: 64) }
    var random = RandomBytes()
    // Other places in every sample, or they would all be in the processor's cache.
    let places = (0..<100_000).map { _ in UInt64.random(in: 0..<UInt64(count), using: &random) }
    suite.add("read 64 B of 100k at random", scaling: .kilo, setUp: small) { benchmark, sample in
        let start = benchmark.currentIteration % 100 * 1000
        try sample.store.read { snapshot in
            for place in places[start..<start + 1000] {
                try snapshot.withBlock(at: place, of: sample.feed) { blackHole($0?.count) }
            }
        }
    }
    suite.add("read 64 B, one a snapshot, in order", scaling: .kilo, setUp: small) { _, sample in
        for place in 0..<1000 as Range<UInt64> {
            try sample.store.read { snapshot in
                try snapshot.withBlock(at: place, of: sample.feed) { blackHole($0?.count) }
            }
        }
    }
    suite.add("visit 100k blocks of 64 B in order", setUp: small) { _, sample in
        try sample.store.read { snapshot in
            var sum = 0
            try snapshot.forEachBlock(in: 0..<UInt64(count), of: sample.feed) { _, block in
                sum += block.count
                return .next
            }
            blackHole(sum)
        }
    }
    suite.add("find the block of a byte of 100k", scaling: .kilo, setUp: small) {
        benchmark, sample in
        let start = benchmark.currentIteration % 100 * 1000
        try sample.store.read { snapshot in
            for place in places[start..<start + 1000] {
                blackHole(try snapshot.position(ofByte: place * 64 + 7, of: sample.feed))
            }
        }
    }
    suite.add(
        "read 64 MiB as 64 KiB, warm", setUp: { try SampleFeed.filled(1024, byteCount: 65536) }
    ) { _, sample in
        try sample.store.read { snapshot in
            var total: UInt64 = 0
            try snapshot.forEachBlock(in: 0..<1024, of: sample.feed) { _, block in
                total &+= sum(of: block)
                return .next
            }
            blackHole(total)
        }
    }
    suite.add(
        "verify 100k blocks of 64 B", samples: 10, setUp: small
    ) { _, sample in
        blackHole(try sample.store.verify(sample.feed))
    }
}

private func addProofs(to suite: ModuleBenchmarks) {
    let length: UInt64 = 1 << 16
    let setUp = { try SampleFeed.filled(Int(length), byteCount: 64) }
    var random = RandomBytes()
    let places = (0..<1000).map { _ in UInt64.random(in: 0..<length, using: &random) }
    suite.add(
        "make the proof of a block of 64k, 16 nodes", scaling: .kilo, setUp: setUp
    ) { _, sample in
        try sample.store.read { snapshot in
            try snapshot.withProver(of: sample.feed) { prover in
                for place in places {
                    let request = ProofRequest(block: .init(index: place, nodes: 16))
                    try prover.withProof(for: request) {
                        blackHole($0); blackHole($1.count)
                    }
                }
            }
        }
    }
    for (name, durability) in [
        ("no fsync", FeedStoreOptions.Durability.processCrash), ("fsync", .powerCut),
    ] {
        suite.add(
            "check and store 1k blocks of 64 B in order, one commit, \(name)", scaling: .kilo,
            samples: 20,
            setUp: {
                let source = try setUp()
                return (source, try proofsInOrder(of: source, count: 1000))
            }
        ) { benchmark, state in
            let reader = try Reader(of: state.0, durability)
            benchmark.startMeasurement()
            try reader.store.write { transaction in
                for proof in state.1 { blackHole(try transaction.apply(proof, to: reader.feed)) }
            }
            benchmark.stopMeasurement()
        }
    }
}

/// The answers that a reader gets who begins with the first block.
private func proofsInOrder(of source: SampleFeed, count: UInt64) throws -> [Proof] {
    let reader = try Reader(of: source, .processCrash)
    return try source.store.read { snapshot in
        try snapshot.withProver(of: source.feed) { prover in
            try reader.store.write { transaction in
                try (0..<count).compactMap { block in
                    let nodes = try transaction.snapshot.missingNodes(
                        forBlock: block, of: reader.feed)
                    let request = ProofRequest(block: .init(index: block, nodes: nodes))
                    guard let proof = try prover.proof(for: request) else { return nil }
                    _ = try transaction.apply(proof, to: reader.feed)
                    return proof
                }
            }
        }
    }
}
