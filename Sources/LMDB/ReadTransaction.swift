import CLMDB

/// A snapshot of an environment: all reads of it see the same commit.
///
/// It exists only inside `Environment.read` and `Environment.write`, and cannot be copied out.
public struct ReadTransaction: ~Copyable {
    let core: EnvironmentCore
    @usableFromInline let pointer: OpaquePointer
    let isWriting: Bool

    init(core: EnvironmentCore, pointer: OpaquePointer, isWriting: Bool) {
        self.core = core
        self.pointer = pointer
        self.isWriting = isWriting
    }

    /// Tells whether the reads see the changes of a write, which may move the values.
    public var isPartOfWrite: Bool { isWriting }

    /// The number of the commit that is seen; in a write, the number that its commit will have.
    public var id: UInt64 { UInt64(mdb_txn_id(pointer)) }

    /// Reads the value of a key in place, nil if there is none.
    ///
    /// The bytes are valid only inside the body, and in a write only until the next change.
    @inlinable
    public func withValue<Result>(
        forKey key: UnsafeRawBufferPointer, in database: Database,
        _ body: (UnsafeRawBufferPointer?) throws -> Result
    ) throws -> Result {
        try body(try unsafeValue(forKey: key, in: database))
    }

    /// Reads the value of a key in place, nil if there is none.
    @inlinable
    public func withValue<Result>(
        forKey key: [UInt8], in database: Database,
        _ body: (UnsafeRawBufferPointer?) throws -> Result
    ) throws -> Result {
        try key.withUnsafeBytes { try withValue(forKey: $0, in: database, body) }
    }

    /// Copies the value of a key, nil if there is none.
    public func value(
        forKey key: UnsafeRawBufferPointer, in database: Database
    ) throws(LMDBError) -> [UInt8]? {
        try unsafeValue(forKey: key, in: database).map { [UInt8]($0) }
    }

    /// Copies the value of a key, nil if there is none.
    public func value(forKey key: [UInt8], in database: Database) throws(LMDBError) -> [UInt8]? {
        try key.withBytes { bytes throws(LMDBError) in try value(forKey: bytes, in: database) }
    }

    /// Tells whether there is a value for a key.
    public func contains(
        key: UnsafeRawBufferPointer, in database: Database
    ) throws(LMDBError) -> Bool {
        try unsafeValue(forKey: key, in: database) != nil
    }

    /// Tells whether there is a value for a key.
    public func contains(key: [UInt8], in database: Database) throws(LMDBError) -> Bool {
        try key.withBytes { bytes throws(LMDBError) in try contains(key: bytes, in: database) }
    }

    /// The number of keys in a table.
    public func count(of database: Database) throws(LMDBError) -> Int {
        precondition(database.core == core.identifier, "A table belongs to one environment.")
        var statistics = MDB_stat()
        let result = mdb_stat(pointer, database.handle, &statistics)
        guard result == MDB_SUCCESS else { throw core.error(result, "Reading the database at") }
        return statistics.ms_entries
    }

    /// Finds a value; the caller sees to it that the bytes are not kept.
    @usableFromInline
    func unsafeValue(
        forKey key: UnsafeRawBufferPointer, in database: Database
    ) throws(LMDBError) -> UnsafeRawBufferPointer? {
        precondition(database.core == core.identifier, "A table belongs to one environment.")
        var keyValue = MDB_val(key)
        var value = MDB_val()
        let result = mdb_get(pointer, database.handle, &keyValue, &value)
        if result == MDB_SUCCESS { return UnsafeRawBufferPointer(value) }
        if result == MDB_NOTFOUND { return nil }
        throw core.error(result, "Reading the database at")
    }
}

extension MDB_val {
    init(_ bytes: UnsafeRawBufferPointer) {
        self.init(
            mv_size: bytes.count, mv_data: UnsafeMutableRawPointer(mutating: bytes.baseAddress))
    }
}

extension UnsafeRawBufferPointer {
    init(_ value: MDB_val) {
        self.init(start: value.mv_data, count: value.mv_size)
    }
}

extension [UInt8] {
    /// The standard library's scope, with the type of the error kept.
    func withBytes<Result>(
        _ body: (UnsafeRawBufferPointer) throws(LMDBError) -> Result
    ) throws(LMDBError) -> Result {
        let outcome = withUnsafeBytes { bytes in
            Swift.Result { () throws(LMDBError) in try body(bytes) }
        }
        return try outcome.get()
    }
}
