public import Cryptography
package import LMDB
public import Merkle

/// All changes of one commit to a store.
///
/// It exists only inside `FeedStore.write`, on one thread. What is changed is seen at once through
/// `snapshot`; heads are signed and tree nodes written when the body has returned.
public struct StoreTransaction: ~Copyable {
    /// The reading side, which sees the changes made so far.
    public let snapshot: StoreSnapshot
    let changes: PendingChanges

    init(changes: PendingChanges) {
        self.changes = changes
        snapshot = StoreSnapshot(reader: changes.reader)
    }

    var tables: Tables { snapshot.reader.tables }

    /// Writes tables that other modules keep in the same environment.
    package func withEnvironmentTransaction<Result>(
        _ body: (borrowing WriteTransaction) throws -> Result
    ) throws -> Result {
        try body(changes.transaction.pointee)
    }
}

/// How the key of a feed follows from its writer's public key.
public enum FeedKind: Sendable, Hashable, CaseIterable {
    /// The key is the public key, as Corestore 6 makes it.
    case compat
    /// The key is the hash of a version 0 manifest.
    case version0
    /// The key is the hash of a version 1 manifest, as Corestore 7 makes it.
    case version1
}

extension StoreTransaction {
    /// Makes a feed that one key pair signs, or finds it.
    public func makeFeed(
        signedBy publicKey: PublicKey, kind: FeedKind = .version1
    ) throws -> Feed {
        switch kind {
        case .compat:
            let feed = try addFeed(FeedKey(publicKey))
            try changes.indivisibly {
                let state = try changes.state(for: feed)
                if !state.record.flags.isSuperset(of: [.isWritable, .isCompat]) {
                    state.setManifest(Manifest(singleSigner: publicKey), isCompat: true)
                    state.record.flags.insert(.isWritable)
                }
            }
            return feed
        case .version0:
            return try makeFeed(Manifest(singleSigner: publicKey, version: .v0))
        case .version1:
            return try makeFeed(Manifest(singleSigner: publicKey))
        }
    }

    /// Makes the feed of a manifest, or finds it; this store is taken to be a writer.
    ///
    /// - Throws: `FeedStoreError.wrongManifest` if the manifest cannot be obeyed.
    public func makeFeed(_ manifest: Manifest) throws -> Feed {
        guard manifest.isConsistent else {
            throw FeedStoreError(.wrongManifest, "The manifest asks for more than it allows.")
        }
        let feed = try addFeed(manifest.feedKey)
        try setManifest(manifest, of: feed)
        let state = try changes.state(for: feed)
        if !state.record.flags.contains(.isWritable) {
            state.record.flags.insert(.isWritable)
            state.markChanged()
        }
        return feed
    }

    /// Adds a feed of which the key is known, or finds it.
    public func addFeed(_ key: FeedKey) throws -> Feed {
        if let feed = try snapshot.feed(for: key) { return feed }
        return try changes.indivisibly {
            let number: UInt32 = try snapshot.reader.number(forKey: .feeds) ?? 0
            guard number < Limits.maximumFeedCount else {
                throw FeedStoreError(.tooLarge, "The store has as many feeds as it can have.")
            }
            try changes.setNumber(number + 1, forKey: .feeds)
            let feed = Feed(number: number, key: key)
            try withUnsafeBytes(of: number.bigEndian) { value in
                try key.withUnsafeBytes {
                    try changes.transaction.pointee.put(value, forKey: $0, in: tables.keys)
                }
                try feed.discoveryKey.withUnsafeBytes {
                    try changes.transaction.pointee.put(value, forKey: $0, in: tables.discovery)
                }
            }
            let state = changes.adopt(feed, FeedRecord(key: key))
            state.markChanged()
            // The record stands at once, so that the feed is listed inside this transaction too.
            try state.writeRecord(to: changes.transaction.pointee)
            return feed
        }
    }

    /// Remembers who may sign a feed, if that is not known yet.
    ///
    /// - Throws: `FeedStoreError.wrongManifest` if it is not the manifest of the feed's key.
    public func setManifest(_ manifest: Manifest, of feed: Feed) throws {
        guard let verifier = HeadVerifier(key: feed.key, manifest: manifest) else {
            throw FeedStoreError(
                .wrongManifest, "The manifest is not the one of feed \(feed.key.id).")
        }
        let state = try changes.state(for: feed)
        guard try state.verifier() == nil else { return }
        state.setManifest(manifest, isCompat: verifier.isCompat)
    }

    /// Removes a feed with all that is held of it; its number is not used again.
    public func removeFeed(_ feed: Feed) throws {
        try changes.indivisibly {
            let record = try changes.state(for: feed).record
            let transaction = changes.transaction
            let range = KeyRange(
                from: IndexKey(feed: feed.number, 0).bytes,
                upTo: IndexKey(feed: feed.number + 1, 0).bytes)
            try transaction.pointee.delete(range, in: tables.blocks)
            try transaction.pointee.delete(range, in: tables.nodes)
            let change = ChangeKey(change: record.lastChange, feed: feed.number)
            _ = try change.withBytes { try transaction.pointee.delete($0, in: tables.changes) }
            _ = try feed.key.withUnsafeBytes {
                try transaction.pointee.delete($0, in: tables.keys)
            }
            _ = try feed.discoveryKey.withUnsafeBytes {
                try transaction.pointee.delete($0, in: tables.discovery)
            }
            _ = try withUnsafeBytes(of: feed.number.bigEndian) {
                try transaction.pointee.delete($0, in: tables.feeds)
            }
            changes.forget(feed)
        }
    }
}
