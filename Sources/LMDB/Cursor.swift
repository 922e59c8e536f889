import CLMDB

/// A place in a table's sorted keys, which moves; it exists only inside `withCursor`.
///
/// After a move that found nothing, go on with one to the first, the last or a given key.
public struct Cursor: ~Copyable {
    private let core: EnvironmentCore
    let pointer: OpaquePointer
    private let isWriting: Bool
    private var key = MDB_val()
    private var value = MDB_val()

    /// Tells whether the last move found a key.
    public private(set) var isAtKey = false

    init(_ transaction: borrowing ReadTransaction, _ database: Database) throws(LMDBError) {
        core = transaction.core
        isWriting = transaction.isWriting
        precondition(database.core == core.identifier, "A table belongs to one environment.")
        var opened: OpaquePointer?
        let result = mdb_cursor_open(transaction.pointer, database.handle, &opened)
        guard result == MDB_SUCCESS, let opened else {
            throw core.error(result, "Reading the database at")
        }
        pointer = opened
    }

    /// Moves to the smallest key; returns false if the table is empty.
    @discardableResult
    public mutating func moveToFirst() throws(LMDBError) -> Bool { try move(MDB_FIRST) }

    /// Moves to the greatest key; returns false if the table is empty.
    @discardableResult
    public mutating func moveToLast() throws(LMDBError) -> Bool { try move(MDB_LAST) }

    /// Moves to the next greater key, at first to the first; returns false at the end.
    @discardableResult
    public mutating func moveToNext() throws(LMDBError) -> Bool { try move(MDB_NEXT) }

    /// Moves to the next smaller key, at first to the last; returns false at the beginning.
    @discardableResult
    public mutating func moveToPrevious() throws(LMDBError) -> Bool { try move(MDB_PREV) }

    /// Moves to a key; returns false if it is not there.
    @discardableResult
    public mutating func move(to key: UnsafeRawBufferPointer) throws(LMDBError) -> Bool {
        self.key = MDB_val(key)
        return try move(MDB_SET_KEY)
    }

    /// Moves to the first key that is equal or greater; returns false if there is none.
    @discardableResult
    public mutating func move(
        toFirstNotBefore key: UnsafeRawBufferPointer
    ) throws(LMDBError) -> Bool {
        guard key.count > 0 else { return try move(MDB_FIRST) }
        self.key = MDB_val(key)
        return try move(MDB_SET_RANGE)
    }

    /// Moves to the last key that is smaller; returns false if there is none.
    @discardableResult
    public mutating func move(
        toLastBefore key: UnsafeRawBufferPointer
    ) throws(LMDBError) -> Bool {
        guard try move(toFirstNotBefore: key) else { return try move(MDB_LAST) }
        return try move(MDB_PREV)
    }

    /// Reads the key and the value in place; the cursor must be at a key.
    ///
    /// The bytes are valid only inside the body, and in a write only until the next change.
    @inlinable
    public func withCurrent<Result>(
        _ body: (_ key: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer) throws -> Result
    ) throws -> Result {
        let (key, value) = try unsafeCurrent()
        return try body(key, value)
    }

    @usableFromInline
    func unsafeCurrent() throws(LMDBError) -> (UnsafeRawBufferPointer, UnsafeRawBufferPointer) {
        precondition(isAtKey, "The cursor is not at a key.")
        guard isWriting else { return (UnsafeRawBufferPointer(key), UnsafeRawBufferPointer(value)) }
        // A change since the last move may have moved the page; LMDB keeps the cursor right.
        var key = MDB_val()
        var value = MDB_val()
        let result = mdb_cursor_get(pointer, &key, &value, MDB_GET_CURRENT)
        guard result == MDB_SUCCESS else { throw core.error(result, "Reading the database at") }
        return (UnsafeRawBufferPointer(key), UnsafeRawBufferPointer(value))
    }

    private mutating func move(_ operation: MDB_cursor_op) throws(LMDBError) -> Bool {
        let result = mdb_cursor_get(pointer, &key, &value, operation)
        isAtKey = result == MDB_SUCCESS
        if isAtKey || result == MDB_NOTFOUND { return isAtKey }
        throw core.error(result, "Reading the database at")
    }

    /// Removes what the cursor is at; the next move to the next key finds the one that followed.
    public mutating func deleteCurrent(
        in transaction: borrowing WriteTransaction
    ) throws(LMDBError) {
        precondition(isAtKey, "The cursor is not at a key.")
        precondition(
            mdb_cursor_txn(pointer) == transaction.pointer,
            "A cursor deletes only in the transaction that lent it.")
        isAtKey = false
        transaction.core.changedByteCount += Limits.mappedByteCountOfChange
        try transaction.check(mdb_cursor_del(pointer, 0))
    }

    @usableFromInline
    func close() { mdb_cursor_close(pointer) }
}

extension ReadTransaction {
    /// Lends a cursor over a table; at first it is at no key.
    @inlinable
    public func withCursor<Result>(
        in database: Database, _ body: (inout Cursor) throws -> Result
    ) throws -> Result {
        var cursor = try makeCursor(in: database)
        defer { cursor.close() }
        return try body(&cursor)
    }

    @usableFromInline
    func makeCursor(in database: Database) throws(LMDBError) -> Cursor {
        try Cursor(self, database)
    }
}
