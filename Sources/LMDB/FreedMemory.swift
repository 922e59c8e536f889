import CLMDB

/// What the process does with memory that it has freed.
package enum FreedMemory {
    /// Keeps so much of it for the next transaction, where the system's allocator can be told.
    ///
    /// LMDB takes memory for every page that a transaction changes and frees it at the commit.
    /// Given back to the system, it would be cleared and mapped anew for the next one.
    package static func keep(byteCount: Int32) {
        clmdb_keep_freed_memory(byteCount, 4 << 20)
    }
}
