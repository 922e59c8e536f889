import BenchmarkSupport
import BenchmarkWork
import Cryptography
import Feeds
import Merkle

/// A feed in a store of its own, in a temporary folder.
final class SampleFeed {
    let folder: TemporaryFolder
    let store: FeedStore
    let feed: Feed
    let keyPair: KeyPair

    init(_ durability: FeedStoreOptions.Durability) throws {
        folder = try TemporaryFolder()
        store = try FeedStore(
            path: folder.path, options: FeedStoreOptions(durability: durability))
        let keyPair = store.primaryKey.keyPair(named: "benchmark")
        feed = try store.write { try $0.makeFeed(signedBy: keyPair.publicKey) }
        self.keyPair = keyPair
    }

    deinit { store.close() }

    /// A feed of so many blocks of random content.
    static func filled(_ count: Int, byteCount: Int) throws -> SampleFeed {
        let sample = try SampleFeed(.processCrash)
        var random = RandomBytes()
        var rest = count
        while rest > 0 {
            let part = min(rest, 1000)
            try sample.append(random.arrays(part, byteCount: byteCount))
            rest -= part
        }
        return sample
    }

    /// Appends blocks in one commit.
    func append(_ blocks: [[UInt8]]) throws {
        try store.write { transaction in
            _ = try transaction.append(blocks, to: feed, signingWith: keyPair)
        }
    }
}

/// A store that follows a feed and holds its head, and no blocks.
final class Reader {
    let folder: TemporaryFolder
    let store: FeedStore
    let feed: Feed

    init(of source: SampleFeed, _ durability: FeedStoreOptions.Durability) throws {
        folder = try TemporaryFolder()
        store = try FeedStore(
            path: folder.path, options: FeedStoreOptions(durability: durability))
        feed = try store.write { try $0.addFeed(source.feed.key) }
        let upgrade = try source.store.read { snapshot in
            let length = try snapshot.head(of: source.feed).length
            return try snapshot.proof(
                for: ProofRequest(upgrade: .init(start: 0, length: length), manifest: true),
                of: source.feed)
        }
        guard let upgrade else { preconditionFailure("a head is there") }
        try store.write { _ = try $0.apply(upgrade, to: feed) }
    }

    deinit { store.close() }
}
