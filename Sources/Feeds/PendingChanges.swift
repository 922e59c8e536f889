import Cryptography
import LMDB

/// What one write transaction has changed and not yet written.
final class PendingChanges {
    let transaction: UnsafePointer<WriteTransaction>
    private let reading: UnsafePointer<ReadTransaction>
    let tables: Tables
    private var states: [UInt32: FeedState] = [:]
    private var latest: FeedState?
    private var removed: [Feed] = []
    private var failure: (any Error)?
    private var isFormatChecked = false

    init(
        transaction: UnsafePointer<WriteTransaction>, reading: UnsafePointer<ReadTransaction>,
        tables: Tables
    ) {
        self.transaction = transaction
        self.reading = reading
        self.tables = tables
    }

    /// Reads with the changes of this transaction.
    var reader: StoreReader {
        StoreReader(transaction: reading, tables: tables, pending: self, recent: nil)
    }

    func existingState(_ number: UInt32) -> FeedState? {
        if let latest, latest.number == number { return latest }
        return states[number]
    }

    func existingState(for feed: Feed) -> FeedState? {
        guard let state = existingState(feed.number), state.feed.key == feed.key else {
            return nil
        }
        return state
    }

    /// The state of a feed, read from its record if this transaction has not used it before.
    func state(for feed: Feed) throws -> FeedState {
        if let latest, latest.number == feed.number, latest.feed.key == feed.key { return latest }
        let state = try existingState(for: feed) ?? makeState(for: feed)
        latest = state
        return state
    }

    private func makeState(for feed: Feed) throws -> FeedState {
        guard let record = try tableReader.storedRecord(ofFeed: feed.number),
            record.key == feed.key
        else { throw FeedStoreError.unknown(feed) }
        return adopt(feed, record)
    }

    /// Takes up a feed whose record was made in this transaction, or read.
    @discardableResult
    func adopt(_ feed: Feed, _ record: FeedRecord) -> FeedState {
        let state = FeedState(feed: feed.encrypted(with: nil), record: record, changes: self)
        states[feed.number] = state
        return state
    }

    /// Forgets a feed that was removed; its number stays among the changes.
    func forget(_ feed: Feed) {
        states[feed.number] = nil
        latest = nil
        removed.append(feed)
    }

    /// Reads what is written, past the changes that are pending.
    var tableReader: StoreReader {
        StoreReader(transaction: reading, tables: tables, pending: nil, recent: nil)
    }

    /// Runs a change that would leave the feed half changed if it failed.
    ///
    /// After such a failure the transaction cannot be committed, even if the error is caught.
    func indivisibly<Result>(_ body: () throws -> Result) throws -> Result {
        if let failure { throw failure }
        do {
            return try body()
        } catch {
            failure = error
            throw error
        }
    }

    /// Writes everything; returns the feeds that changed.
    func write() throws -> [Feed] {
        if let failure { throw failure }
        let changed = states.values.filter(\.isChanged).sorted { $0.number < $1.number }
        guard !changed.isEmpty || !removed.isEmpty else { return [] }
        let change = try reader.lastChange() + 1
        try setNumber(change, forKey: .change)
        for state in changed { try state.write(to: transaction.pointee, change: change) }
        return changed.map(\.feed) + removed
    }

    /// Sees to it that programs that do not know rows of several blocks refuse the store.
    func requireFormatOfPacks() throws {
        guard !isFormatChecked else { return }
        let format: UInt32 = try reader.number(forKey: .format) ?? 0
        if format < Tables.formatVersion {
            try setNumber(Tables.formatVersion, forKey: .format)
        }
        isFormatChecked = true
    }

    func setNumber<Number: FixedWidthInteger>(
        _ number: Number, forKey key: Tables.MetaKey
    ) throws {
        try key.bytes.withUnsafeBytes { key in
            try withUnsafeBytes(of: number.littleEndian) { value in
                try transaction.pointee.put(value, forKey: key, in: tables.meta)
            }
        }
    }
}

extension StoreReader {
    /// The counter of transactions that changed a feed.
    func lastChange() throws -> UInt64 { try number(forKey: .change) ?? 0 }

    func number<Number: FixedWidthInteger>(
        forKey key: Tables.MetaKey, as type: Number.Type = Number.self
    ) throws -> Number? {
        guard let value = try value(forKey: key) else { return nil }
        guard value.count == MemoryLayout<Number>.size else {
            throw FeedStoreError(.damaged, "The store's \(key.rawValue) entry is damaged.")
        }
        return Number(littleEndian: value.loadUnaligned(as: Number.self))
    }

    /// Whether no feed with a higher number has keys in a table.
    func isLast(_ feed: UInt32, in database: Database) throws -> Bool {
        try transaction.pointee.withCursor(in: database) { cursor in
            guard try cursor.moveToLast() else { return true }
            return try cursor.withCurrent { key, _ in
                (IndexKey(key)?.feedNumber ?? .max) <= feed
            }
        }
    }
}
