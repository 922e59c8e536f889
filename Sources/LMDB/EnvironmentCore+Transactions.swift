import CLMDB

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

extension EnvironmentCore {
    /// Begins a read, or joins the transaction that this thread has open.
    func beginReading() throws(LMDBError) -> (transaction: OpaquePointer, isWriting: Bool) {
        let ledger = ThreadLedger.current
        if let entry = ledger.join(identifier) { return (entry.transaction, entry.isWriting) }
        var attempts = 0
        while true {
            let (result, reader) = try renewReader()
            if result == MDB_SUCCESS, let reader {
                ledger.open(identifier, reader, isWriting: false)
                return (reader, false)
            }
            attempts += 1
            try recover(from: result, attempts: attempts, "Reading the database at")
        }
    }

    /// Ends a read that `beginReading` began on this thread.
    func endReading(_ transaction: OpaquePointer) {
        guard ThreadLedger.current.close(identifier) else { return }
        mdb_txn_reset(transaction)
        if let surplus = gate.leave(returningReader: transaction) { mdb_txn_abort(surplus) }
    }

    /// Passes the gate with a transaction, or not at all.
    private func renewReader() throws(LMDBError) -> (Int32, OpaquePointer?) {
        let idle = gate.enter(takingReader: true)
        do throws(LMDBError) {
            try checkUsable()
        } catch {
            giveBack(idle)
            throw error
        }
        var reader = idle
        let result =
            idle.map { mdb_txn_renew($0) }
            ?? mdb_txn_begin(environment, nil, UInt32(MDB_RDONLY), &reader)
        if result != MDB_SUCCESS { giveBack(idle) }
        return (result, reader)
    }

    private func giveBack(_ idle: OpaquePointer?) {
        if let surplus = gate.leave(returningReader: idle) { mdb_txn_abort(surplus) }
    }

    /// Makes room in the table of readers.
    private func dropReaders() throws(LMDBError) {
        try withOpenMap {
            clearStaleReaders()
            for reader in gate.takeIdleReaders() { mdb_txn_abort(reader) }
        }
    }

    /// Does what a failed begin asks for, or throws; no transaction is open.
    private func recover(
        from result: Int32, attempts: Int, _ attempt: String
    ) throws(LMDBError) {
        switch result {
        case MDB_MAP_RESIZED where attempts < 100:
            try adoptMap()
        case MDB_READERS_FULL where attempts < 3:
            try dropReaders()
        case MDB_PANIC where attempts < 3:
            try recoverFromPanic()
        default:
            throw error(result, attempt)
        }
    }
}

extension EnvironmentCore {
    /// Runs the body in a write transaction, and gives memory back when that is due.
    func write<Result>(_ body: (borrowing WriteTransaction) throws -> Result) throws -> Result {
        let (result, changedByteCount) = try writeCounting(body)
        if mapMemory.add(changedByteCount) { releaseMapAfterWriting() }
        return result
    }

    /// Runs the body in a write transaction of this thread until it fits into the map.
    private func writeCounting<Result>(
        _ body: (borrowing WriteTransaction) throws -> Result
    ) throws -> (Result, changedByteCount: Int) {
        let ledger = ThreadLedger.current
        if let open = ledger.entry(for: identifier) {
            precondition(
                !open.isWriting, "A write began inside another write of the same thread.")
            preconditionFailure("A write began inside a read of the same thread.")
        }
        writerLock.lock()
        defer { writerLock.unlock() }
        try prepareMap()
        while true {
            let transaction = try beginWriting()
            isMapFull = false
            changedByteCount = 0
            let outcome = Swift.Result { try body(transaction) }
            if !isMapFull, case .failure(let error) = outcome {
                endWriting(transaction, committing: false)
                throw error
            }
            let found = information().mapByteCount
            let result = endWriting(transaction, committing: !isMapFull)
            if isMapFull || result == MDB_MAP_FULL {
                try growMap(beyond: found)
                continue
            }
            guard result == MDB_SUCCESS else { throw error(result, "Writing to the database at") }
            return (try outcome.get(), changedByteCount)
        }
    }

    /// Grows the map beforehand when half of it is used, so that closures rarely run twice.
    private func prepareMap() throws(LMDBError) {
        let (current, used, _) = try withOpenMap { information() }
        if used > current / 2, current < Limits.maximumMapByteCount {
            try growMap(beyond: current)
        }
    }

    private func beginWriting() throws(LMDBError) -> WriteTransaction {
        var attempts = 0
        while true {
            _ = gate.enter(takingReader: false)
            do throws(LMDBError) {
                try checkUsable()
            } catch {
                _ = gate.leave(returningReader: nil)
                throw error
            }
            var pointer: OpaquePointer?
            let result = mdb_txn_begin(environment, nil, 0, &pointer)
            if result == MDB_SUCCESS, let pointer {
                ThreadLedger.current.open(identifier, pointer, isWriting: true)
                return WriteTransaction(core: self, pointer: pointer)
            }
            _ = gate.leave(returningReader: nil)
            attempts += 1
            try recover(from: result, attempts: attempts, "Writing to the database at")
        }
    }

    @discardableResult
    private func endWriting(
        _ transaction: borrowing WriteTransaction, committing: Bool
    ) -> Int32 {
        let isLast = ThreadLedger.current.close(identifier)
        precondition(isLast, "A write transaction ended while a read inside it was open.")
        defer { _ = gate.leave(returningReader: nil) }
        guard committing else {
            mdb_txn_abort(transaction.pointer)
            return MDB_SUCCESS
        }
        return mdb_txn_commit(transaction.pointer)
    }
}

extension EnvironmentCore {
    /// Opens tables that are there, and makes the others if asked to; nil stands for absent ones.
    func openDatabases(
        named names: [String], creating: Bool
    ) throws(LMDBError) -> [Database?] {
        precondition(
            ThreadLedger.current.entry(for: identifier) == nil,
            "A table was opened inside a transaction: open it before.")
        writerLock.lock()
        defer { writerLock.unlock() }
        let isComplete = names.allSatisfy { databaseNames.contains($0) }
        if !isComplete { try openMissing(names, creating: creating) }
        return names.map { name in
            databaseNames.firstIndex(of: name).map {
                Database(handle: UInt32($0) + 2, core: identifier)
            }
        }
    }

    private func openMissing(_ names: [String], creating: Bool) throws(LMDBError) {
        while true {
            _ = gate.enter(takingReader: false)
            var before = 0
            let outcome = Swift.Result { () throws(LMDBError) in
                try checkUsable()
                before = information().mapByteCount
                return try openInTransaction(names, creating: creating)
            }
            _ = gate.leave(returningReader: nil)
            switch outcome {
            case .success(let opened):
                databaseNames += opened
                return
            case .failure(let error) where error.code == .mapFull:
                try growMap(beyond: before)
            case .failure(let error) where error.code == .mapResized:
                try adoptMap()
            case .failure(let error):
                throw error
            }
        }
    }

    /// Opens what is missing in one transaction; returns the names in the order of the handles.
    private func openInTransaction(
        _ names: [String], creating: Bool
    ) throws(LMDBError) -> [String] {
        let attempt = "Opening a table of the database at"
        var pointer: OpaquePointer?
        let flags = creating ? 0 : UInt32(MDB_RDONLY)
        var result = mdb_txn_begin(environment, nil, flags, &pointer)
        guard result == MDB_SUCCESS, let pointer else { throw error(result, attempt) }
        var opened: [String] = []
        for name in names where !databaseNames.contains(name) && !opened.contains(name) {
            var handle: UInt32 = 0
            result = mdb_dbi_open(pointer, name, creating ? UInt32(MDB_CREATE) : 0, &handle)
            if result == MDB_NOTFOUND { continue }
            guard result == MDB_SUCCESS else {
                mdb_txn_abort(pointer)
                throw error(result, attempt)
            }
            opened.append(name)
            precondition(
                Int(handle) == databaseNames.count + opened.count + 1,
                "LMDB numbers its tables in the order in which they are opened.")
        }
        result = mdb_txn_commit(pointer)
        guard result == MDB_SUCCESS else { throw error(result, attempt) }
        return opened
    }

    /// Gives the tables their handles again after the environment was opened anew.
    func reopenDatabases() throws(LMDBError) {
        let names = databaseNames
        databaseNames = []
        guard !names.isEmpty else { return }
        databaseNames = try openInTransaction(names, creating: false)
        guard databaseNames == names else {
            throw LMDBError(MDB_BAD_DBI, "Opening a table of the database at", files.folder)
        }
    }
}
