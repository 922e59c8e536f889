import Benchmark
import BenchmarkSupport
import BenchmarkWork
import Cryptography
import Merkle

let benchmarks: @Sendable () -> Void = {
    let suite = ModuleBenchmarks(of: "Merkle")
    addAppends(to: suite)
    addProofs(to: suite)
    addHeads(to: suite)
}

private func addAppends(to suite: ModuleBenchmarks) {
    var random = RandomBytes()
    let sizes: [(name: String, byteCount: Int, scaling: ModuleBenchmarks.Scaling)] = [
        ("64 B", 64, .kilo), ("64 KiB", 65536, .one),
    ]
    for (name, byteCount, scaling) in sizes {
        let block = random.next(count: byteCount)
        suite.add("append a block of \(name) to the tree", scaling: scaling) { benchmark in
            var appender = TreeAppender(roots: TreeRoots())
            block.withUnsafeBytes { block in
                for _ in benchmark.scaledIterations { appender.append(block) }
            }
            blackHole(appender.roots)
        }
    }
    let leaf = Digest.hash(ofUTF8: "leaf")
    suite.add("append a leaf that is hashed already", scaling: .kilo) { benchmark in
        var appender = TreeAppender(roots: TreeRoots())
        for number in benchmark.scaledIterations {
            appender.append(
                Node(index: TreeIndex(block: UInt64(number)), size: 64, hash: leaf))
        }
        blackHole(appender.roots)
    }
}

private func addProofs(to suite: ModuleBenchmarks) {
    let length: UInt64 = 1 << 17
    var random = RandomBytes()
    let places = (0..<1000).map { _ in UInt64.random(in: 0..<length, using: &random) }
    suite.add(
        "make the proof of a block of 128k, 17 nodes", scaling: .kilo,
        setUp: { SampleTree(length: length) }
    ) { _, tree in
        let builder = tree.builder
        for place in places {
            blackHole(try builder.proof(for: tree.request(for: place, nodes: 17), from: tree))
        }
    }
    suite.add(
        "check the proof of a block of 128k, 17 nodes",
        setUp: {
            let tree = SampleTree(length: length)
            return (tree, try places.map { try tree.proof(of: $0, nodes: 17) })
        }
    ) { benchmark, state in
        let proof = state.1[benchmark.currentIteration % state.1.count]
        blackHole(try state.0.verifier.verify(proof, with: NoNodes()))
    }
    suite.add(
        "check and store the proofs of a feed in order", scaling: .kilo,
        setUp: { try OrderedDownload(length: 1024) }
    ) { _, download in
        try download.run(count: 1000)
    }
}

private func addHeads(to suite: ModuleBenchmarks) {
    let setUp = { SampleTree(length: 100_003) }
    suite.add("hash and sign a head of 100k blocks", setUp: setUp) { _, tree in
        blackHole(tree.authority.sign(tree.roots.head(fork: 0), with: tree.keyPair))
    }
    suite.add(
        "check an upgrade to 100k blocks, signature included",
        setUp: {
            let tree = setUp()
            let request = ProofRequest(
                upgrade: .init(start: 0, length: tree.roots.length), manifest: true)
            return (tree, try tree.builder.proof(for: request, from: tree))
        }
    ) { _, state in
        let (tree, proof) = state
        let verifier = ProofVerifier(
            key: tree.authority.key, headVerifier: nil, fork: 0, roots: TreeRoots())
        blackHole(try verifier.verify(proof, with: NoNodes()))
    }
}
