public import Cryptography
package import LMDB

/// Signed append-only feeds in one folder, with everything that must change together with them.
///
/// All that is read inside one `read` is from one commit; all that is changed inside one `write`
/// is committed when it returns, or not at all. Several processes may have a store open at once:
/// a head is always read inside the transaction that moves it, so that no feed ever forks.
public final class FeedStore: Sendable {
    /// The folder of the store.
    public let path: String
    /// Where programs that share the transactions keep tables of their own.
    package let environment: Environment
    /// The secret from which the key pairs of the store's own feeds follow.
    public let primaryKey: PrimaryKey
    let tables: Tables
    private let bulletin: CommitBulletin

    /// Opens the store in a folder.
    ///
    /// - Throws: `FeedStoreError`: `absent`, `notADirectory`, `notPermitted`, `newerFormat`,
    ///   `damaged` or `full`.
    public init(path: String, options: FeedStoreOptions = FeedStoreOptions()) throws {
        self.path = path
        let opening = try StoreOpening(path: path, options: options)
        environment = opening.environment
        tables = opening.tables
        primaryKey = opening.primaryKey
        bulletin = CommitBulletins.shared.bulletin(for: opening.identity)
    }

    /// Reads one snapshot, on the calling thread.
    ///
    /// Inside a `write` of the same thread use the transaction's `snapshot`: this one does not see
    /// the heads and nodes that are written when the transaction ends.
    @discardableResult
    public func read<Result>(
        _ body: (borrowing StoreSnapshot) throws -> Result
    ) throws -> Result {
        try FeedStoreError.wrapping(path: path) {
            try environment.read { transaction in
                var recent = RecentRows()
                return try withUnsafePointer(to: transaction) { pointer in
                    try withUnsafeMutablePointer(to: &recent) { recent in
                        let reader = StoreReader(
                            transaction: pointer, tables: tables, pending: nil,
                            recent: transaction.isPartOfWrite ? nil : recent)
                        return try body(StoreSnapshot(reader: reader))
                    }
                }
            }
        }
    }

    /// Changes the store, on the calling thread; one writer at a time, in all processes.
    ///
    /// Commits when the body returns and undoes everything when it throws. The body must be
    /// repeatable: it runs again when the database had to grow.
    @discardableResult
    public func write<Result>(
        _ body: (borrowing StoreTransaction) throws -> Result
    ) throws -> Result {
        let (result, changed) = try FeedStoreError.wrapping(path: path) {
            try environment.write { transaction in
                try withUnsafePointer(to: transaction) { writing in
                    try withUnsafePointer(to: transaction.reading) { reading in
                        let changes = PendingChanges(
                            transaction: writing, reading: reading, tables: tables)
                        let result = try body(StoreTransaction(changes: changes))
                        return (result, try changes.write())
                    }
                }
            }
        }
        if !changed.isEmpty { bulletin.post(changed) }
        return result
    }

    /// Reads one snapshot, on one of the store's reading threads.
    @discardableResult
    public func read<Result: Sendable>(
        _ body: @Sendable (borrowing StoreSnapshot) throws -> Result
    ) async throws -> Result {
        try await environment.executor.read { try self.readHere(body) }
    }

    /// Changes the store, on the store's writing thread; see the synchronous form.
    @discardableResult
    public func write<Result: Sendable>(
        _ body: @Sendable (borrowing StoreTransaction) throws -> Result
    ) async throws -> Result {
        try await environment.executor.write { try self.writeHere(body) }
    }

    // Inside these the synchronous forms are meant, whatever the context prefers.
    private func readHere<Result>(
        _ body: (borrowing StoreSnapshot) throws -> Result
    ) throws -> Result {
        try read(body)
    }

    private func writeHere<Result>(
        _ body: (borrowing StoreTransaction) throws -> Result
    ) throws -> Result {
        try write(body)
    }

    /// Calls a function after each commit of this process with the feeds that changed.
    ///
    /// The function runs on the thread that committed and must be quick; it is called until the
    /// returned value is released.
    public func observeCommits(
        _ observer: @escaping @Sendable (_ changed: [Feed]) -> Void
    ) -> CommitObservation {
        bulletin.observe(observer)
    }

    /// The number of the last commit, by whatever process; cheaper than a transaction.
    public func storeVersion() throws -> UInt64 {
        try FeedStoreError.wrapping(path: path) { try environment.lastTransactionID() }
    }

    /// The file that every commit changes, also those of other processes.
    public var dataFilePath: String { environment.dataFilePath }

    /// Lets the files go once the open transactions have ended; more calls do nothing.
    public func close() { environment.close() }
}
