import CLMDB

/// All changes of one commit, made on one thread: either all of them are stored or none.
///
/// It exists only inside `Environment.write`, and cannot be copied or sent elsewhere.
public struct WriteTransaction: ~Copyable {
    /// The reading side, which sees the changes made so far.
    public let reading: ReadTransaction

    let core: EnvironmentCore
    var pointer: OpaquePointer { reading.pointer }

    init(core: EnvironmentCore, pointer: OpaquePointer) {
        self.core = core
        reading = ReadTransaction(core: core, pointer: pointer, isWriting: true)
    }

    /// The number that the commit will have.
    public var id: UInt64 { reading.id }

    /// Stores a value under a key, whatever was there.
    ///
    /// `append` makes it cheaper when the key is greater than all others of the table; if it is
    /// not, nothing is lost.
    public func put(
        _ value: UnsafeRawBufferPointer, forKey key: UnsafeRawBufferPointer,
        in database: Database, append: Bool = false
    ) throws(LMDBError) {
        var bytes = MDB_val(value)
        let flags = append ? UInt32(MDB_APPEND) : 0
        try check(put(&bytes, forKey: key, in: database, flags: flags))
    }

    /// Stores a value under a key, whatever was there.
    public func put(
        _ value: [UInt8], forKey key: [UInt8], in database: Database, append: Bool = false
    ) throws(LMDBError) {
        try key.withBytes { key throws(LMDBError) in
            try put(value, forKey: key, in: database, append: append)
        }
    }

    /// Stores a value under a key, whatever was there.
    public func put(
        _ value: [UInt8], forKey key: UnsafeRawBufferPointer, in database: Database,
        append: Bool = false
    ) throws(LMDBError) {
        try value.withBytes { value throws(LMDBError) in
            try put(value, forKey: key, in: database, append: append)
        }
    }

    /// Stores a value if the key is not there; returns false, and changes nothing, if it is.
    public func insert(
        _ value: UnsafeRawBufferPointer, forKey key: UnsafeRawBufferPointer, in database: Database
    ) throws(LMDBError) -> Bool {
        var bytes = MDB_val(value)
        let result = put(&bytes, forKey: key, in: database, flags: UInt32(MDB_NOOVERWRITE))
        if result == MDB_KEYEXIST { return false }
        try check(result)
        return true
    }

    /// Makes room for a value and lets the body fill all of it in place, with no copy.
    ///
    /// If the body throws, the room holds anything: the error must leave the write, too.
    @inlinable
    public func reserve(
        byteCount: Int, forKey key: UnsafeRawBufferPointer, in database: Database,
        append: Bool = false, _ body: (UnsafeMutableRawBufferPointer) throws -> Void
    ) throws {
        try body(
            try unsafeReserve(byteCount: byteCount, forKey: key, in: database, append: append))
    }

    /// Removes a key and its value; returns false if it was not there.
    @discardableResult
    public func delete(
        _ key: UnsafeRawBufferPointer, in database: Database
    ) throws(LMDBError) -> Bool {
        checkOwner(database)
        core.changedByteCount += Limits.mappedByteCountOfChange
        var keyValue = MDB_val(key)
        let result = mdb_del(pointer, database.handle, &keyValue, nil)
        if result == MDB_NOTFOUND { return false }
        try check(result)
        return true
    }

    /// Removes a key and its value; returns false if it was not there.
    @discardableResult
    public func delete(_ key: [UInt8], in database: Database) throws(LMDBError) -> Bool {
        try key.withBytes { key throws(LMDBError) in try delete(key, in: database) }
    }

    /// Removes all keys of a table.
    public func deleteAll(in database: Database) throws(LMDBError) {
        checkOwner(database)
        try check(mdb_drop(pointer, database.handle, 0))
    }

    @usableFromInline
    func unsafeReserve(
        byteCount: Int, forKey key: UnsafeRawBufferPointer, in database: Database, append: Bool
    ) throws(LMDBError) -> UnsafeMutableRawBufferPointer {
        precondition(byteCount >= 0, "A value cannot have fewer than no bytes.")
        var room = MDB_val(mv_size: byteCount, mv_data: nil)
        let flags = UInt32(MDB_RESERVE) | (append ? UInt32(MDB_APPEND) : 0)
        try check(put(&room, forKey: key, in: database, flags: flags))
        return UnsafeMutableRawBufferPointer(start: room.mv_data, count: byteCount)
    }

    private func put(
        _ value: inout MDB_val, forKey key: UnsafeRawBufferPointer, in database: Database,
        flags: UInt32
    ) -> Int32 {
        checkOwner(database)
        core.changedByteCount += value.mv_size + Limits.mappedByteCountOfChange
        var keyValue = MDB_val(key)
        let result = mdb_put(pointer, database.handle, &keyValue, &value, flags)
        let append = UInt32(MDB_APPEND)
        guard result == MDB_KEYEXIST, flags & append != 0 else { return result }
        return mdb_put(pointer, database.handle, &keyValue, &value, flags & ~append)
    }

    private func checkOwner(_ database: Database) {
        precondition(database.core == core.identifier, "A table belongs to one environment.")
    }

    /// Throws what LMDB returned; a full map is remembered, even if the caller drops the error.
    func check(_ result: Int32) throws(LMDBError) {
        guard result != MDB_SUCCESS else { return }
        if result == MDB_MAP_FULL { core.isMapFull = true }
        throw core.error(result, "Writing to the database at")
    }
}
