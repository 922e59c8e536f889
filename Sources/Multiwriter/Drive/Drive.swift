public import Cryptography
public import Feeds
import Synchronization

/// A drive that many write to: one archive of its own, copies of those of others, one view of all.
///
/// What takes a snapshot or a transaction runs on the calling thread and in that moment; what is
/// `async` hops to the store's own threads. See docs/architecture.md.
public final class Drive: Sendable {
    /// The folder.
    public let path: String
    /// The link of the own archive.
    public let link: FeedKey
    /// How the drive was opened.
    public let options: DriveOptions
    /// Where all is kept.
    package let store: FeedStore

    /// Where replication keeps what it needs while there is any.
    package let sync = SyncSlot()

    let tables: DriveTables
    let own: OwnArchive
    let lock: WriteLock
    private let happenings = Broadcast<DriveEvent>()
    private let commits = Broadcast<Void>()
    private let state = Mutex(State())

    private struct State {
        var isClosed = false
        var observation: CommitObservation?
        var foreignCommits: ForeignCommits?
        /// Archives that were told of; `nil` as long as nobody has listened.
        var announced: Set<FeedKey>?
    }

    /// Opens the drive in a folder, on the calling thread, and makes it if it may and must.
    ///
    /// - Throws: `DriveError`: `absent`, `notADrive`, `newerFormat`, `damaged`, `notWritable` or
    ///   `storage`.
    public static func open(
        at path: String, options: DriveOptions = DriveOptions()
    ) throws -> Drive {
        try DriveError.wrapping { try Drive(path: path, options: options) }
    }

    private init(path: String, options: DriveOptions) throws {
        var storeOptions = FeedStoreOptions(
            presence: options.presence == .mustExist ? .mustExist : .createIfAbsent,
            isReadOnly: options.isReadOnly, durability: options.durability,
            primaryKey: options.primaryKey)
        if options.isReadOnly { storeOptions.presence = .mustExist }
        let store = try FeedStore(path: path, options: storeOptions)
        let tables = try DriveTables(store.environment)
        self.path = path
        self.options = options
        self.store = store
        self.tables = tables
        own = try OwnArchive.open(in: store, tables, isReadOnly: options.isReadOnly)
        link = own.link
        lock = WriteLock(folder: path)
        let commits = commits
        let observation = store.observeCommits { _ in commits.send(CollectionOfOne(())) }
        state.withLock { $0.observation = observation }
    }

    deinit { close() }

    /// Ends all sequences and lets the files go; more calls do nothing.
    public func close() {
        let isFirst = state.withLock { state in
            defer { state.isClosed = true }
            state.observation = nil
            state.foreignCommits = nil
            return !state.isClosed
        }
        guard isFirst else { return }
        sync.close()
        happenings.finish()
        commits.finish()
        store.close()
    }

    func checkOpen() throws(DriveError) {
        guard state.withLock({ !$0.isClosed }) else {
            throw DriveError(.closed, "the drive was closed")
        }
    }

    func checkWritable() throws(DriveError) {
        try checkOpen()
        guard !options.isReadOnly else {
            throw DriveError(.notWritable, "the drive was opened for reading alone")
        }
    }
}

extension Drive {
    /// Reads one snapshot on the calling thread.
    public func readNow<Result>(
        _ body: (borrowing StoreSnapshot) throws -> Result
    ) throws -> Result {
        try checkOpen()
        return try DriveError.wrapping { try store.read(body) }
    }

    /// Changes the drive on the calling thread; the body must be repeatable.
    package func writeNow<Result>(
        _ body: (borrowing StoreTransaction) throws -> Result
    ) throws -> Result {
        try checkWritable()
        return try DriveError.wrapping { try store.write(body) }
    }

    /// Reads one snapshot on one of the store's threads.
    public func read<Result: Sendable>(
        _ body: @Sendable (borrowing StoreSnapshot) throws -> Result
    ) async throws -> Result {
        try checkOpen()
        do {
            return try await store.read(body)
        } catch {
            throw DriveError.wrap(error)
        }
    }

    /// Changes the drive on the store's writing thread; the body must be repeatable.
    package func write<Result: Sendable>(
        _ body: @Sendable (borrowing StoreTransaction) throws -> Result
    ) async throws -> Result {
        try checkWritable()
        do {
            return try await store.write(body)
        } catch {
            throw DriveError.wrap(error)
        }
    }
}

extension Drive {
    /// What happens from now on, after the archives that are known, the own one first.
    ///
    /// When the buffer is full the oldest are dropped.
    public func events(bufferCount: Int = 1024) async throws -> AsyncStream<DriveEvent> {
        watchForeignCommits()
        let links = try await links()
        state.withLock { $0.announced = ($0.announced ?? []).union(links) }
        return happenings.listen(
            bufferCount: bufferCount, beginning: links.map(DriveEvent.archive))
    }

    /// Says that something was committed, here or in another process; several may be told as one.
    public func changes() -> AsyncStream<Void> {
        watchForeignCommits()
        return commits.listen(bufferCount: 1)
    }

    private func watchForeignCommits() {
        state.withLock { state in
            guard !state.isClosed, state.foreignCommits == nil else { return }
            state.foreignCommits = ForeignCommits(path: store.dataFilePath) { [weak self] in
                self?.noteForeignCommit()
            }
        }
    }

    /// Whether anybody listens to events; else they need not be made.
    package var hasListeners: Bool { happenings.hasListeners }

    /// Tells all who listen.
    package func post(_ events: some Sequence<DriveEvent>) { happenings.send(events) }

    /// Tells of archives that this drive follows from now on, once of each.
    package func postArchives(_ links: [FeedKey]) {
        let news = state.withLock { state in
            links.filter { state.announced?.insert($0).inserted ?? false }
        }
        post(news.map(DriveEvent.archive))
    }

    /// Tells all who wait for changes that another process committed.
    package func noteForeignCommit() {
        commits.send(CollectionOfOne(()))
        guard let count = state.withLock({ $0.announced?.count }) else { return }
        // Who cannot read the drive will hear of it where it matters.
        try? readNow { snapshot in
            guard try archiveCount(in: snapshot) > count else { return }
            postArchives(try links(in: snapshot))
        }
    }
}
