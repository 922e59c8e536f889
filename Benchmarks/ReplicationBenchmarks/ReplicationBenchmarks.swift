import Benchmark
import BenchmarkSupport
import BenchmarkWork
import Cryptography
import Feeds
import Replication

let benchmarks: @Sendable () -> Void = {
    let suite = ModuleBenchmarks(of: "Replication")
    let cases: [(name: String, count: Int, byteCount: Int)] = [
        ("10k blocks of 64 B", 10_000, 64),
        ("10k blocks of 1 KiB", 10_000, 1024),
        ("64 MiB as 64 KiB", 1024, 65536),
    ]
    for (name, count, byteCount) in cases {
        for (suffix, durability) in [
            ("no fsync", FeedStoreOptions.Durability.processCrash), ("fsync", .powerCut),
        ] {
            for (way, takesRuns) in [("in memory", false), ("in memory by runs", true)] {
                suite.add(
                    "copy a feed \(way), \(name), \(suffix)", samples: 10,
                    setUp: { try Source(count, byteCount: byteCount) }
                ) { benchmark, source in
                    let (left, right) = try source.makeSides(durability, takesRuns: takesRuns)
                    benchmark.startMeasurement()
                    try run(left, right)
                    benchmark.stopMeasurement()
                    let head = try right.store.read { try $0.head(of: right.session.feed) }
                    precondition(head.contiguousLength == UInt64(count), "all blocks have come")
                }
            }
        }
    }
    suite.add(
        "find that nothing is new, 10k blocks of 64 B",
        setUp: { () -> (Source, FeedStore, Feed) in
            let source = try Source(10_000, byteCount: 64)
            let (left, right) = try source.makeSides(.processCrash)
            try run(left, right)
            return (source, right.store, right.session.feed)
        }
    ) { _, state in
        let (source, store, feed) = state
        let left = try Side(source.store, source.feed, isInitiator: true)
        try run(left, try Side(store, feed, isInitiator: false))
    }
}

/// Lets frames go to and fro until nobody has anything to say.
private func run(_ left: Side, _ right: Side) throws {
    while true {
        try left.takeTurn(with: right)
        try right.takeTurn(with: left)
        if left.isIdle && right.isIdle { return }
    }
}

/// A feed that is copied again and again.
private final class Source {
    let folder: TemporaryFolder
    let store: FeedStore
    let feed: Feed

    init(_ count: Int, byteCount: Int) throws {
        folder = try TemporaryFolder()
        store = try FeedStore(
            path: folder.next(), options: FeedStoreOptions(durability: .processCrash))
        let keyPair = store.primaryKey.keyPair(named: "benchmark")
        let feed = try store.write { try $0.makeFeed(signedBy: keyPair.publicKey) }
        var random = RandomBytes()
        for start in stride(from: 0, to: count, by: 1000) {
            let blocks = random.arrays(min(1000, count - start), byteCount: byteCount)
            try store.write { transaction in
                _ = try transaction.append(blocks, to: feed, signingWith: keyPair)
            }
        }
        self.feed = feed
    }

    deinit { store.close() }

    /// Both ends of a connection to a new, empty store.
    func makeSides(
        _ durability: FeedStoreOptions.Durability, takesRuns: Bool = false
    ) throws -> (Side, Side) {
        let other = try FeedStore(
            path: folder.next(), options: FeedStoreOptions(durability: durability))
        let copy = try other.write { try $0.addFeed(feed.key) }
        return (
            try Side(store, feed, isInitiator: true),
            try Side(other, copy, isInitiator: false, takesRuns: takesRuns)
        )
    }
}
