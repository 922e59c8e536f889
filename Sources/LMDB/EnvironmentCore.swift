import CLMDB

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// An open environment, one per file and process, shared by all who opened it.
///
/// Unchecked: `environment` changes only while the gate is held exclusively, the other variables
/// only under the writer's lock.
final class EnvironmentCore: @unchecked Sendable {
    let files: EnvironmentFiles
    let options: EnvironmentOptions
    let generation: Int
    let gate = TransactionGate()
    let writerLock = Monitor()
    let mapMemory = MapMemory()
    private(set) var environment: OpaquePointer
    private(set) var durability: EnvironmentOptions.Durability

    /// Set when a write found the map full, and the whole closure must run again.
    var isMapFull = false

    /// What the write that runs has changed, as `MapMemory` counts it.
    var changedByteCount = 0

    /// The names of the tables in the order of their handles.
    var databaseNames: [String] = []

    /// Why the environment cannot be used any more, if so.
    private(set) var failure: LMDBError?

    init(files: EnvironmentFiles, options: EnvironmentOptions) throws(LMDBError) {
        self.files = files
        self.options = options
        durability = options.durability
        generation = ForkGeneration.watched()
        let byteCount = max(options.initialMapByteCount, try files.dataByteCount() * 2)
        environment = try Self.open(files, options, mapByteCount: byteCount)
        clearStaleReaders()
    }

    var identifier: ObjectIdentifier { ObjectIdentifier(self) }

    private static func open(
        _ files: EnvironmentFiles, _ options: EnvironmentOptions, mapByteCount: Int
    ) throws(LMDBError) -> OpaquePointer {
        var created: OpaquePointer?
        var result = mdb_env_create(&created)
        guard result == MDB_SUCCESS, let environment = created else {
            throw LMDBError(result, "Opening the database at", files.folder)
        }
        // On pages that contradict one another LMDB would write to standard error first. A program
        // that wants to say something of its own catches the signal.
        mdb_env_set_assert(environment) { _, _ in abort() }
        mdb_env_set_maxdbs(environment, UInt32(options.maximumDatabaseCount))
        mdb_env_set_maxreaders(environment, UInt32(options.maximumReaderCount))
        var flags = UInt32(MDB_NOTLS) | syncFlags(options.durability)
        if options.isReadOnly { flags |= UInt32(MDB_RDONLY) }
        result = mdb_env_set_mapsize(environment, roundedToPages(mapByteCount))
        if result == MDB_SUCCESS { result = mdb_env_open(environment, files.folder, flags, 0o600) }
        guard result == MDB_SUCCESS else {
            mdb_env_close(environment)
            throw LMDBError(result, "Opening the database at", files.folder)
        }
        return environment
    }

    private static func syncFlags(_ durability: EnvironmentOptions.Durability) -> UInt32 {
        switch durability {
        case .full: 0
        case .exceptLastCommit: UInt32(MDB_NOMETASYNC)
        case .none: UInt32(MDB_NOSYNC) | UInt32(MDB_NOMETASYNC)
        }
    }

    private static func roundedToPages(_ byteCount: Int) -> Int {
        let pageByteCount = max(Int(sysconf(Int32(_SC_PAGESIZE))), 4096)
        return (byteCount + pageByteCount - 1) / pageByteCount * pageByteCount
    }

    /// Describes a result of LMDB, with this environment's path.
    func error(_ result: Int32, _ attempt: String) -> LMDBError {
        // LMDB reports a write that was cut short by a full disk as a failure of the device.
        if result == EIO, files.isDiskFull { return LMDBError(ENOSPC, attempt, files.folder) }
        return LMDBError(result, attempt, files.folder)
    }

    /// Throws unless the environment may be used in this process.
    func checkUsable() throws(LMDBError) {
        if generation != ForkGeneration.current {
            throw LMDBError(
                code: .openedBeforeFork,
                message: "The database at \(files.folder) was opened before this process was "
                    + "forked off: it must be opened again in this process.")
        }
        if let failure { throw failure }
    }

    /// Frees the slots of readers whose process died; their snapshots kept pages from reuse.
    func clearStaleReaders() {
        mdb_reader_check(environment, nil)
    }

    /// Gives no fewer guarantees than anyone who shares the environment asked for.
    ///
    /// Called by the registry alone, which does one thing at a time.
    func strengthen(to wanted: EnvironmentOptions.Durability) {
        guard wanted > durability else { return }
        durability = wanted
        gate.exclusively {
            guard failure == nil else { return }
            mdb_env_set_flags(environment, UInt32(MDB_NOSYNC) | UInt32(MDB_NOMETASYNC), 0)
            mdb_env_set_flags(environment, Self.syncFlags(wanted), 1)
        }
    }

    /// Waits for the open transactions, then gives everything back.
    func close() {
        gate.exclusively {
            failure = LMDBError(
                code: .closed, message: "The database at \(files.folder) was closed.")
            guard generation == ForkGeneration.current else { return }
            for reader in gate.takeIdleReaders() { mdb_txn_abort(reader) }
            mdb_env_close(environment)
        }
    }

    /// The environment's own figures; a transaction must be open, so that the map stays.
    func information() -> (mapByteCount: Int, usedByteCount: Int, lastTransactionID: UInt64) {
        var information = MDB_envinfo()
        var statistics = MDB_stat()
        mdb_env_info(environment, &information)
        mdb_env_stat(environment, &statistics)
        let used = (information.me_last_pgno + 1) * Int(statistics.ms_psize)
        return (information.me_mapsize, used, UInt64(information.me_last_txnid))
    }
}

extension EnvironmentCore {
    /// Makes the map larger than it was when the caller found it too small.
    func growMap(beyond found: Int) throws(LMDBError) {
        try gate.exclusively { () throws(LMDBError) in
            try checkUsable()
            clearStaleReaders()
            let (current, used, _) = information()
            guard current <= found else { return }
            guard current < Limits.maximumMapByteCount else {
                throw error(MDB_MAP_FULL, "Growing the database at")
            }
            let step = min(max(current, used, 1 << 24), Limits.maximumMapGrowthByteCount)
            try setMap(byteCount: Self.roundedToPages(current + step))
        }
    }

    /// Takes over the size to which another process has grown the map.
    func adoptMap() throws(LMDBError) {
        try gate.exclusively { () throws(LMDBError) in
            try checkUsable()
            try setMap(byteCount: 0)
        }
    }

    /// Keeps the map where it is while the body looks at it.
    func withOpenMap<Result>(_ body: () -> Result) throws(LMDBError) -> Result {
        if ThreadLedger.current.entry(for: identifier) != nil { return body() }
        _ = gate.enter(takingReader: false)
        defer { _ = gate.leave(returningReader: nil) }
        try checkUsable()
        return body()
    }

    private func setMap(byteCount: Int) throws(LMDBError) {
        let before = information().mapByteCount
        mapMemory.forgetStart()
        let result = mdb_env_set_mapsize(environment, byteCount)
        guard result != MDB_SUCCESS else { return }
        // The old map is gone: what is left is good for nothing but to be opened anew.
        try reopen(mapByteCount: before)
        throw error(result, "Growing the database at")
    }

    /// Starts anew after a failure that LMDB itself does not recover from.
    func recoverFromPanic() throws(LMDBError) {
        try gate.exclusively { () throws(LMDBError) in
            try checkUsable()
            try reopen(mapByteCount: information().mapByteCount)
        }
    }

    private func reopen(mapByteCount: Int) throws(LMDBError) {
        for reader in gate.takeIdleReaders() { mdb_txn_abort(reader) }
        mapMemory.forgetStart()
        mdb_env_close(environment)
        do throws(LMDBError) {
            environment = try Self.open(files, options, mapByteCount: mapByteCount)
            try reopenDatabases()
        } catch {
            failure = error
            throw error
        }
    }
}
