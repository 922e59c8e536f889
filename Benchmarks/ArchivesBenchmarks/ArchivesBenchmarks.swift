import Archives
import Benchmark
import BenchmarkSupport
import BenchmarkWork
import Cryptography
import Feeds

let benchmarks: @Sendable () -> Void = {
    let suite = ModuleBenchmarks(of: "Archives")
    addPuts(to: suite)
    addReads(to: suite)
    addBlobs(to: suite)
    addFiles(to: suite)
}

private func addPuts(to suite: ModuleBenchmarks) {
    let value = [UInt8](repeating: 0x20, count: 100)
    suite.add("index: put 100 B, one a commit, fsync", setUp: { try Sample(.powerCut) }) {
        benchmark, sample in
        try sample.store.write { transaction in
            _ = try sample.index.put(sample.nextKey(), value, in: transaction)
        }
    }
    suite.add(
        "index: put 100 B, one a commit, no fsync", scaling: .kilo,
        setUp: { try Sample(.processCrash) }
    ) { benchmark, sample in
        for _ in benchmark.scaledIterations {
            try sample.store.write { transaction in
                _ = try sample.index.put(sample.nextKey(), value, in: transaction)
            }
        }
    }
    for (name, isOrdered) in [("in order", true), ("at random", false)] {
        suite.add(
            "index: put 100 B \(name), 1k a commit, no fsync", scaling: .kilo,
            setUp: { try Sample(.processCrash) }
        ) { benchmark, sample in
            try sample.put(benchmark.scaledIterations.count, isOrdered: isOrdered)
        }
    }
}

private func addReads(to suite: ModuleBenchmarks) {
    let count = 10_000
    let setUp = {
        let sample = try Sample(.processCrash)
        for _ in 0..<10 { try sample.put(count / 10, isOrdered: true) }
        return sample
    }
    var random = RandomBytes()
    let keys = (0..<10_000).map { _ in Sample.key(Int.random(in: 0..<count, using: &random)) }
    suite.add("index: get of 10k at random", scaling: .kilo, setUp: setUp) { benchmark, sample in
        let start = benchmark.currentIteration % 10 * 1000
        try sample.store.read { snapshot in
            for key in keys[start..<start + 1000] {
                blackHole(try sample.index.tree.entry(for: key, in: snapshot))
            }
        }
    }
    suite.add("index: scan of 10k", setUp: setUp) { _, sample in
        try sample.store.read { snapshot in
            var entries = try sample.index.tree.entries(of: snapshot)
            var sum = 0
            while let entry = try entries.next(in: snapshot) { sum += entry.key.count }
            blackHole(sum)
        }
    }
}

private func addBlobs(to suite: ModuleBenchmarks) {
    var random = RandomBytes()
    let content = random.next(count: 16 << 20)
    suite.add(
        "content: write 16 MiB, fsync", samples: 30, setUp: { try Sample(.powerCut) }
    ) { _, sample in
        try sample.store.write { blackHole(try sample.archive.store(content, in: $0)) }
    }
    suite.add(
        "content: write 16 MiB, no fsync", samples: 30, setUp: { try Sample(.processCrash) }
    ) { _, sample in
        try sample.store.write { blackHole(try sample.archive.store(content, in: $0)) }
    }
    suite.add(
        "content: read 16 MiB, warm",
        setUp: {
            let sample = try Sample(.processCrash)
            let blob = try sample.store.write { try sample.archive.store(content, in: $0).blob }
            return (sample, blob)
        }
    ) { _, state in
        let (sample, blob) = state
        try sample.store.read { snapshot in
            let blobs = try sample.archive.requireContent()
            var reader = try blobs.reader(for: blob, in: snapshot)
            var total: UInt64 = 0
            while try reader.withNext(in: snapshot, { total &+= sum(of: $0) }) != nil {}
            blackHole(total)
        }
    }
}

private func addFiles(to suite: ModuleBenchmarks) {
    let content = [UInt8](repeating: 0x61, count: 100)
    suite.add(
        "archive: put a file of 100 B, 1k a commit, no fsync", scaling: .kilo,
        setUp: { try Sample(.processCrash) }
    ) { benchmark, sample in
        try sample.putFiles(benchmark.scaledIterations.count, content)
    }
    suite.add(
        "archive: read a file of 100 B of 10k", scaling: .kilo,
        setUp: {
            let sample = try Sample(.processCrash)
            for _ in 0..<10 { try sample.putFiles(1000, content) }
            return sample
        }
    ) { _, sample in
        try sample.store.read { snapshot in
            for number in 0..<1000 {
                blackHole(try sample.archive.read(Sample.path(number * 10), in: snapshot))
            }
        }
    }
}
