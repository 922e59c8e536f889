import Cryptography
import Feeds
import Merkle
import Replication

/// A feed in a store of its own.
final class SampleFeed {
    let path: String
    let store: FeedStore
    private let feed: Feed
    private let keyPair: KeyPair

    init(at path: String, _ durability: FeedStoreOptions.Durability) throws {
        self.path = path
        store = try FeedStore(path: path, options: FeedStoreOptions(durability: durability))
        let keyPair = store.primaryKey.keyPair(named: "guard")
        feed = try store.write { try $0.makeFeed(signedBy: keyPair.publicKey) }
        self.keyPair = keyPair
    }

    /// Appends blocks of 64 bytes, a thousand to a commit.
    func append(_ count: Int) throws {
        let blocks = (0..<1000).map { number in
            [UInt8](repeating: UInt8(truncatingIfNeeded: number), count: 64)
        }
        for _ in 0..<count / 1000 {
            try store.write { transaction in
                _ = try transaction.append(blocks, to: feed, signingWith: keyPair)
            }
        }
    }

    /// Both ends of a connection to a new, empty store.
    func makeSides(_ otherPath: String) throws -> (Side, Side) {
        let other = try FeedStore(
            path: otherPath, options: FeedStoreOptions(durability: .powerCut))
        let copy = try other.write { try $0.addFeed(feed.key) }
        return (
            try Side(store, feed, isInitiator: true),
            try Side(other, copy, isInitiator: false)
        )
    }
}

extension Side {
    /// Lets frames go to and fro until nobody has anything to say.
    static func run(_ left: Side, _ right: Side) throws {
        repeat {
            try left.takeTurn(with: right)
            try right.takeTurn(with: left)
        } while !(left.isIdle && right.isIdle)
        let head = try right.store.read { try $0.head(of: right.session.feed) }
        precondition(head.contiguousLength > 0, "the blocks have come")
    }
}
