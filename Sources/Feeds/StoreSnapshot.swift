public import Cryptography
package import LMDB
public import Merkle

/// A view of the store in which nothing moves.
///
/// It exists only inside `FeedStore.read`, or as the reading side of a `StoreTransaction`, where it
/// sees the changes made so far.
public struct StoreSnapshot: ~Copyable {
    let reader: StoreReader

    init(reader: StoreReader) { self.reader = reader }

    /// Reads tables that other modules keep in the same environment.
    package func withEnvironmentTransaction<Result>(
        _ body: (borrowing ReadTransaction) throws -> Result
    ) throws -> Result {
        try body(reader.transaction.pointee)
    }
}

extension StoreSnapshot {
    /// The feed with a key, `nil` if the store does not have it.
    public func feed(for key: FeedKey) throws -> Feed? {
        let number = try key.withUnsafeBytes {
            try reader.feedNumber(forKey: $0, in: reader.tables.keys)
        }
        return number.map { Feed(number: $0, key: key) }
    }

    /// The feed with a discovery key, `nil` if the store does not have it.
    public func feed(for discoveryKey: DiscoveryKey) throws -> Feed? {
        let number = try discoveryKey.withUnsafeBytes {
            try reader.feedNumber(forKey: $0, in: reader.tables.discovery)
        }
        guard let number, let record = try reader.record(ofFeed: number) else { return nil }
        return Feed(number: number, key: record.key, discoveryKey: discoveryKey)
    }

    /// All feeds, in the order in which they were added.
    public func feeds() throws -> [Feed] {
        var numbers: [UInt32] = []
        try reader.transaction.pointee.withCursor(in: reader.tables.feeds) { cursor in
            while try cursor.moveToNext() {
                try cursor.withCurrent { key, _ in
                    guard key.count == 4 else { return }
                    numbers.append(UInt32(bigEndian: key.loadUnaligned(as: UInt32.self)))
                }
            }
        }
        return try numbers.compactMap { number in
            try reader.record(ofFeed: number).map { Feed(number: number, key: $0.key) }
        }
    }

    /// Where a feed stands.
    public func head(of feed: Feed) throws -> FeedHead { try reader.head(of: feed) }

    /// The signature field of a feed's head; empty if there is none.
    public func signature(of feed: Feed) throws -> [UInt8] {
        if let state = reader.pending?.existingState(for: feed) { return try state.signature() }
        return try reader.record(of: feed).signature
    }

    /// The roots of a feed's head.
    public func roots(of feed: Feed) throws -> TreeRoots {
        if let state = reader.pending?.existingState(for: feed) { return try state.roots() }
        let length = try reader.head(of: feed).length
        guard let roots = try reader.tree(of: feed).roots(ofLength: length) else {
            throw FeedStoreError(.damaged, "Feed \(feed.key.id) lacks its roots.")
        }
        return roots
    }

    /// The manifest of a feed, also an implied one; `nil` if it is not known.
    public func manifest(of feed: Feed) throws -> Manifest? {
        try verifier(of: feed)?.manifest
    }

    /// What checks and makes the signatures of a feed; `nil` if its manifest is not known.
    public func verifier(of feed: Feed) throws -> HeadVerifier? {
        if let state = reader.pending?.existingState(for: feed) { return try state.verifier() }
        return try reader.record(of: feed).verifier()
    }

    /// What kind of feed it is.
    public func traits(of feed: Feed) throws -> FeedTraits {
        let record = try reader.record(of: feed)
        return FeedTraits(
            isWritable: record.flags.contains(.isWritable),
            isCompat: record.flags.contains(.isCompat),
            hasManifest: !record.manifest.isEmpty || record.flags.contains(.isCompat),
            conflict: record.conflict)
    }

    /// The counter of transactions that changed a feed, to be given to `feedsChanged(since:)`.
    ///
    /// Inside a transaction it does not count that one.
    public func lastChange() throws -> UInt64 { try reader.lastChange() }

    /// The feeds that committed transactions changed after a counter, the longest unchanged first.
    public func feedsChanged(since change: UInt64) throws -> [Feed] {
        var numbers: [UInt32] = []
        let first = ChangeKey(change: change &+ 1, feed: 0)
        try reader.transaction.pointee.withCursor(in: reader.tables.changes) { cursor in
            var isAtKey = try first.withBytes { try cursor.move(toFirstNotBefore: $0) }
            while isAtKey {
                try cursor.withCurrent { key, _ in
                    if let key = ChangeKey(key) { numbers.append(key.feedNumber) }
                }
                isAtKey = try cursor.moveToNext()
            }
        }
        return try numbers.compactMap { number in
            try reader.record(ofFeed: number).map { Feed(number: number, key: $0.key) }
        }
    }

    /// The same feed, read through the cipher that an encryption key of 32 bytes makes for it.
    ///
    /// - Throws: `FeedStoreError.incomplete` if the manifest of the feed is not known yet, for
    ///   then it is not known which cipher it is.
    public func encrypted(
        _ feed: Feed, withEncryptionKey key: UnsafeRawBufferPointer
    ) throws -> Feed {
        guard let verifier = try verifier(of: feed) else {
            throw FeedStoreError(
                .incomplete, "The manifest of feed \(feed.key.id) is not known yet.")
        }
        return feed.encrypted(
            with: BlockCipher(
                encryptionKey: key, feedKey: feed.key, isCompat: verifier.isCompat))
    }
}

/// What kind of feed a feed is in this store.
public struct FeedTraits: Sendable, Hashable {
    /// Whether this store is the feed's writer.
    public var isWritable: Bool
    /// Whether the key is the public key, so that no manifest is ever sent.
    public var isCompat: Bool
    /// Whether it is known who may sign the feed.
    public var hasManifest: Bool
    /// Both heads, if the writer signed two histories.
    public var conflict: FeedConflict?

    /// Whether the writer signed two histories.
    public var isFrozen: Bool { conflict != nil }
}
