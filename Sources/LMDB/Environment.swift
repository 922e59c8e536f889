import Synchronization

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// A folder with an LMDB environment: sorted tables, changed by one writer at a time, read by any
/// number of readers, in this process and others.
///
/// Opening a folder again in the same process shares what is open, as LMDB's locks demand.
public final class Environment: Sendable {
    /// The longest key that can be stored.
    public static let maximumKeyByteCount = Limits.maximumKeyByteCount

    let core: EnvironmentCore

    /// Tells whether writing was ruled out at opening.
    public let isReadOnly: Bool

    /// Where blocking work of asynchronous callers is done.
    public let executor = EnvironmentExecutor()

    private let isClosed = Atomic<Bool>(false)

    /// Opens the environment in a folder, and makes both if allowed; files get mode 0600.
    ///
    /// - Throws: `LMDBError` with `.noSuchFile` if there is none and none may be made.
    public init(path: String, options: EnvironmentOptions = EnvironmentOptions()) throws(LMDBError)
    {
        core = try EnvironmentRegistry.shared.open(
            EnvironmentFiles(folder: path), options: options)
        isReadOnly = options.isReadOnly
    }

    deinit { close() }

    /// The folder, as it was given first.
    public var path: String { core.files.folder }

    /// The file that every commit changes, also those of other processes.
    public var dataFilePath: String { core.files.data }

    /// Waits for the open transactions, then lets the files go; more calls do nothing.
    ///
    /// Others in this process who opened the same folder are not disturbed.
    public func close() {
        guard !isClosed.exchange(true, ordering: .acquiringAndReleasing) else { return }
        EnvironmentRegistry.shared.release(core)
    }

    /// Reads one snapshot on the calling thread.
    ///
    /// Inside another transaction of the same thread it joins that one, and sees what that sees.
    @inlinable
    public func read<Result>(
        _ body: (borrowing ReadTransaction) throws -> Result
    ) throws -> Result {
        let transaction = try beginReading()
        defer { endReading(transaction) }
        return try body(transaction)
    }

    /// Changes the environment on the calling thread; one writer at a time, in all processes.
    ///
    /// Commits when the body returns, and undoes everything when it throws. The body may run
    /// more than once, when the map had to grow: it must be repeatable. It must not wait for
    /// another thread's transaction.
    @discardableResult
    public func write<Result>(
        _ body: (borrowing WriteTransaction) throws -> Result
    ) throws -> Result {
        try checkOpen()
        try checkWritable()
        return try core.write(body)
    }

    /// Opens tables, and makes those that are missing, all in one commit.
    public func openDatabases(named names: [String]) throws(LMDBError) -> [Database] {
        try checkOpen()
        let databases = try core.openDatabases(
            named: names, creating: !isReadOnly && !core.options.isReadOnly)
        var opened: [Database] = []
        for (name, database) in zip(names, databases) {
            guard let database else {
                throw LMDBError(
                    code: .notFound, message: "The database at \(path) has no table \(name).")
            }
            opened.append(database)
        }
        return opened
    }

    /// Opens a table, and makes it if it is missing.
    public func openDatabase(named name: String) throws(LMDBError) -> Database {
        try openDatabases(named: [name])[0]
    }

    /// Opens a table if it is there.
    public func existingDatabase(named name: String) throws(LMDBError) -> Database? {
        try checkOpen()
        return try core.openDatabases(named: [name], creating: false)[0]
    }

    /// The number of the last commit, of whatever process; cheaper than a transaction.
    public func lastTransactionID() throws(LMDBError) -> UInt64 {
        try checkOpen()
        return try core.withOpenMap { core.information().lastTransactionID }
    }

    /// Looks for damage in the structure of all tables; returns what it found, in sentences.
    ///
    /// It reads every page that holds keys, so it takes time with size; values are not looked at.
    public func findDamage(maximumCount: Int = 10) throws(LMDBError) -> [String] {
        try checkOpen()
        return try core.findDamage(maximumCount: maximumCount)
    }

    @usableFromInline
    func beginReading() throws(LMDBError) -> ReadTransaction {
        try checkOpen()
        let (pointer, isWriting) = try core.beginReading()
        return ReadTransaction(core: core, pointer: pointer, isWriting: isWriting)
    }

    @usableFromInline
    func endReading(_ transaction: borrowing ReadTransaction) {
        core.endReading(transaction.pointer)
    }

    private func checkOpen() throws(LMDBError) {
        guard isClosed.load(ordering: .acquiring) else { return }
        throw LMDBError(code: .closed, message: "The database at \(path) was closed.")
    }

    private func checkWritable() throws(LMDBError) {
        guard isReadOnly || core.options.isReadOnly else { return }
        throw LMDBError(EROFS, "Writing to the database at", path)
    }
}
