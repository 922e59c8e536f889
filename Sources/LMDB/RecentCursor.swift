import CLMDB

/// A cursor in the table that a snapshot reads most, kept from one read to the next.
///
/// The keys that are asked for one after the other mostly stand on one page, which the cursor
/// then need not look for again from the root. It belongs to one snapshot on one thread, and only
/// to one that changes nothing.
final class RecentCursor {
    private var cursor: OpaquePointer?
    private var cursorHandle: UInt32 = 0
    /// The table that was asked last, and how often in a row.
    private var lastHandle: UInt32 = 0
    private var count = 0

    /// Finds a value as `mdb_get` does; `nil` as long as a cursor would not pay.
    func find(
        _ key: inout MDB_val, _ value: inout MDB_val, in handle: UInt32,
        of transaction: OpaquePointer
    ) -> Int32? {
        if let cursor, handle == cursorHandle {
            return mdb_cursor_get(cursor, &key, &value, MDB_SET_KEY)
        }
        count = handle == lastHandle ? count + 1 : 1
        lastHandle = handle
        if count >= Limits.readCountBeforeCursor {
            close()
            cursorHandle = handle
            if mdb_cursor_open(transaction, handle, &cursor) != MDB_SUCCESS { cursor = nil }
        }
        return nil
    }

    /// Lets the cursor go; to be called before the snapshot ends.
    func close() {
        if let cursor { mdb_cursor_close(cursor) }
        cursor = nil
    }
}
