import CompactEncoding
import Cryptography
import LMDB

/// The reading side of a transaction, without the types that keep it in its scope.
///
/// The pointer is valid exactly as long as the `StoreSnapshot` or `StoreTransaction` that holds
/// this value, and both exist only inside `FeedStore.read` and `FeedStore.write`.
struct StoreReader {
    let transaction: UnsafePointer<ReadTransaction>
    let tables: Tables
    /// What the transaction has changed and not yet written; `nil` in a snapshot.
    let pending: PendingChanges?
    /// The rows that were looked at last; `nil` where rows may change.
    let recent: UnsafeMutablePointer<RecentRows>?

    /// The bytes are valid until the next change, in a snapshot until its end.
    @inline(__always)
    func value(
        forKey key: UnsafeRawBufferPointer, in database: Database
    ) throws -> UnsafeRawBufferPointer? {
        try transaction.pointee.withValue(forKey: key, in: database) { $0 }
    }

    func value(forKey key: IndexKey, in database: Database) throws -> UnsafeRawBufferPointer? {
        try key.withBytes { try value(forKey: $0, in: database) }
    }

    func value(
        forKey key: Tables.MetaKey
    ) throws -> UnsafeRawBufferPointer? {
        try key.bytes.withUnsafeBytes { try value(forKey: $0, in: tables.meta) }
    }

    /// The tree of a feed, with the changes of this transaction.
    func tree(of feed: Feed) -> FeedTree {
        FeedTree(reader: self, number: feed.number, state: pending?.existingState(for: feed))
    }

    func tile(_ position: TilePosition, ofFeed number: UInt32) throws -> PackedTile? {
        let key = IndexKey(feed: number, position.number)
        guard let value = try value(forKey: key, in: tables.nodes) else { return nil }
        guard let tile = PackedTile(value) else {
            throw FeedStoreError(.damaged, "A tile of tree nodes of feed \(number) is damaged.")
        }
        return tile
    }

    func record(ofFeed number: UInt32) throws -> FeedRecord? {
        if let state = pending?.existingState(number) { return state.record }
        return try storedRecord(ofFeed: number)
    }

    func storedRecord(ofFeed number: UInt32) throws -> FeedRecord? {
        guard let value = try storedRecordBytes(ofFeed: number) else { return nil }
        do {
            return try FeedRecord(decoding: value)
        } catch {
            throw FeedStoreError(.damaged, "The record of feed \(number) is damaged.", cause: error)
        }
    }

    func storedRecordBytes(ofFeed number: UInt32) throws -> UnsafeRawBufferPointer? {
        try withUnsafeBytes(of: number.bigEndian) { try value(forKey: $0, in: tables.feeds) }
    }

    /// The record of a feed that a handle names.
    func record(of feed: Feed) throws -> FeedRecord {
        guard let record = try record(ofFeed: feed.number), record.key == feed.key else {
            throw FeedStoreError.unknown(feed)
        }
        return record
    }

    func head(of feed: Feed) throws -> FeedHead {
        if let state = pending?.existingState(for: feed) { return try state.currentHead() }
        guard let value = try storedRecordBytes(ofFeed: feed.number) else {
            throw FeedStoreError.unknown(feed)
        }
        guard let head = FeedHead(inRecord: value) else {
            throw FeedStoreError(.damaged, "The record of feed \(feed.number) is damaged.")
        }
        return head
    }

    func feedNumber(
        forKey key: UnsafeRawBufferPointer, in table: Database
    ) throws -> UInt32? {
        guard let value = try value(forKey: key, in: table) else { return nil }
        guard value.count == 4 else {
            throw FeedStoreError(.damaged, "The number of a feed is damaged.")
        }
        return UInt32(bigEndian: value.loadUnaligned(as: UInt32.self))
    }
}

extension FeedStoreError {
    static func unknown(_ feed: Feed) -> FeedStoreError {
        FeedStoreError(.unknownFeed, "The store has no feed \(feed.key.id).")
    }
}
