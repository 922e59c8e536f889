import Archives
import Cryptography
import Feeds

/// Gathers entries with their content and commits them together, as often as its owner likes.
///
/// A file may begin in one commit and end in a later one. Its blocks must follow one another, so
/// the write lock is held from its first commit to its last.
struct EntryBatch {
    private let drive: Drive
    private var work = BatchWork()
    private var paths: Set<DrivePath> = []
    private var ticket: Int?
    /// What is being committed on another thread, and the paths in it.
    private var running: RunningCommit?
    private var runningPaths: Set<DrivePath> = []
    /// The bytes of content that are gathered.
    private(set) var byteCount = 0

    init(_ drive: Drive) { self.drive = drive }

    /// The number of entries that are gathered.
    var entryCount: Int { work.items.count }

    /// True if an entry for the path is gathered; a second one belongs in another batch.
    func contains(_ path: DrivePath) -> Bool {
        paths.contains(path) || runningPaths.contains(path)
    }

    /// Adds an entry that has no content.
    mutating func add(_ entry: NewEntry) throws(DriveError) {
        precondition(entry.type != .file, "a file is begun, given its content, and ended")
        try insert(entry)
    }

    /// Begins a file; its content follows.
    mutating func begin(_ entry: NewEntry) throws(DriveError) {
        precondition(entry.type == .file, "content belongs to files alone")
        try insert(entry)
    }

    private mutating func insert(_ entry: NewEntry) throws(DriveError) {
        let path = try entry.checkedPath()
        paths.insert(path)
        work.items.append(BatchWork.Item(entry: entry, path: path))
    }

    /// Adds a piece of the content of the file that was begun last.
    ///
    /// It may be hashed now, on this thread, which then is not done in the transaction.
    mutating func append(_ bytes: [UInt8], hashing: Bool = false) {
        var piece = BatchWork.Piece(bytes: bytes)
        // What is shorter is joined with what follows, or is too little to matter.
        if hashing, bytes.count == DriveLimits.blockByteCount {
            piece.leafHash = Digest.leaf(bytes)
        }
        work.items[work.items.count - 1].pieces.append(piece)
        byteCount += bytes.count
    }

    /// Ends the file that was begun last.
    mutating func end() { work.items[work.items.count - 1].isComplete = true }

    /// Drops the file that was begun last; what was committed of it stays unnamed in the feed.
    mutating func abandon() throws {
        try finishCommit()
        guard let item = work.items.popLast() else { return }
        paths.remove(item.path)
        byteCount -= item.pieces.reduce(0) { $0 + $1.bytes.count }
        if work.items.isEmpty { work.continued = nil }
        if work.continued == nil { releaseLock() }
    }

    /// Commits what is gathered, on the calling thread, and returns what was written.
    @discardableResult
    mutating func commit() throws -> [WrittenEntry] {
        guard !work.items.isEmpty else { return [] }
        try drive.lock.acquireBlocking(holdTicket())
        let work = work
        return try finish(
            with: Result { try drive.writeNow { try work.perform(drive, in: $0) } })
    }

    /// Commits what is gathered, and returns what was written.
    @discardableResult
    mutating func commit() async throws -> [WrittenEntry] {
        guard !work.items.isEmpty else { return [] }
        try await drive.lock.acquire(holdTicket())
        let (work, drive) = (work, drive)
        let outcome: BatchWork.Outcome
        do {
            outcome = try await drive.write { try work.perform(drive, in: $0) }
        } catch {
            return try finish(with: .failure(error))
        }
        return try finish(with: .success(outcome))
    }

    /// Begins to commit what is gathered on another thread, so that more can be gathered
    /// meanwhile; waits for the commit that was begun before.
    mutating func beginCommit() throws {
        try finishCommit()
        guard !work.items.isEmpty else { return }
        try drive.lock.acquireBlocking(holdTicket())
        running = RunningCommit(work, of: drive)
        runningPaths = paths
        beginAnew(after: work.items.last.flatMap { $0.isComplete ? nil : $0 })
    }

    /// Waits for the commit that was begun.
    mutating func finishCommit() throws {
        guard let running = running.take() else { return }
        runningPaths.removeAll(keepingCapacity: true)
        goOn(with: try outcome(of: running.result()).continued)
    }

    /// Forgets what was gathered, but for a file that goes on.
    private mutating func beginAnew(after unfinished: BatchWork.Item?) {
        work = BatchWork()
        paths.removeAll(keepingCapacity: true)
        byteCount = 0
        guard let unfinished else { return }
        work.items = [BatchWork.Item(entry: unfinished.entry, path: unfinished.path)]
        paths.insert(unfinished.path)
    }

    private mutating func finish(
        with result: Result<BatchWork.Outcome, any Error>
    ) throws -> [WrittenEntry] {
        let outcome = try outcome(of: result)
        beginAnew(after: outcome.continued == nil ? nil : work.items.last)
        goOn(with: outcome.continued)
        return outcome.written
    }

    /// What a commit has done; if it failed, others may write.
    private mutating func outcome(
        of result: Result<BatchWork.Outcome, any Error>
    ) throws -> BatchWork.Outcome {
        if case .failure = result { releaseLock() }
        return try result.get()
    }

    /// Keeps the blob that goes on in the next commit; without one, others may write.
    private mutating func goOn(with continued: BlobWriter?) {
        work.continued = continued
        if continued == nil { releaseLock() }
    }

    private mutating func holdTicket() -> Int {
        if let ticket { return ticket }
        let ticket = drive.lock.takeTicket()
        self.ticket = ticket
        return ticket
    }

    /// Lets others write; what is gathered stays, and can be committed again.
    mutating func releaseLock() {
        if let ticket { drive.lock.release(ticket) }
        ticket = nil
    }
}

/// An entry that was committed.
struct WrittenEntry: Sendable {
    let path: DrivePath
    /// The block of the own index.
    let block: UInt64
}
