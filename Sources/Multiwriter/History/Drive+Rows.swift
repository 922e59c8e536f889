import Archives
public import Cryptography
public import Feeds

extension Drive {
    /// A write of one archive, counted from 0 as a listing shows them.
    ///
    /// - Throws: `DriveError`: `unknownLink`, `unknownName` if there is no such write, or
    ///   `timedOut` if it was waited for and did not come.
    public func row(
        at index: Int, of link: FeedKey, timeout: Duration = .zero,
        clock: any Clock<Duration> = ContinuousClock()
    ) async throws -> Row {
        guard index >= 0 else {
            throw DriveError(.badReference, "entries are counted from 0")
        }
        let row = try await wait(timeout, clock) {
            try await self.read { try self.row(at: index, of: link, in: $0) }
        }
        if let row { return row }
        guard timeout > .zero else {
            throw DriveError(.unknownName, "there is no entry \(index)")
        }
        throw DriveError(.timedOut, "Get timed out")
    }

    /// The last write of a name in one archive.
    ///
    /// - Throws: as `row(at:of:timeout:clock:)`.
    public func row(
        of reference: EntryReference, timeout: Duration = .zero,
        clock: any Clock<Duration> = ContinuousClock()
    ) async throws -> Row {
        let row = try await wait(timeout, clock) {
            try await self.read { try self.row(of: reference, in: $0) }
        }
        if let row { return row }
        guard timeout > .zero else { throw DriveError.unknown(reference) }
        throw DriveError(.timedOut, "Get timed out")
    }

    /// A write of one archive, counted from 0, `nil` if there is none.
    public func row(
        at index: Int, of link: FeedKey, in snapshot: borrowing StoreSnapshot
    ) throws -> Row? {
        var history = ArchiveHistory(link, try requireIndex(of: link, in: snapshot).feed)
        var problems = ViewProblems()
        var left = index
        while let row = try history.next(noting: &problems, in: snapshot) {
            if left == 0 { return row }
            left -= 1
        }
        return nil
    }

    /// The last write of a name in one archive, `nil` if there is none or it was removed.
    public func row(
        of reference: EntryReference, in snapshot: borrowing StoreSnapshot
    ) throws -> Row? {
        guard let version = try version(of: reference, in: snapshot) else { return nil }
        return try row(at: version.block, of: reference.link, in: snapshot)
    }

    /// The row of a block of an index.
    func row(
        at block: UInt64, of link: FeedKey, in snapshot: borrowing StoreSnapshot
    ) throws -> Row {
        var history = try requireIndex(of: link, in: snapshot).history(
            in: 1..<block + 1, reversed: true, of: snapshot)
        let none = Row.Content(blockOffset: 0, bytesOffset: 0)
        guard let change = try history.next(in: snapshot),
            var row = try Row(change, of: link, end: none)
        else {
            throw DriveError(.unknownName, "block \(block) of the index is no entry")
        }
        if row.type == .file { return row }
        // What has no content stands where that of the file before it ends.
        while let change = try history.next(in: snapshot) {
            guard let before = try? Row(change, of: link, end: none), before.type == .file
            else { continue }
            row.content = before.end
            break
        }
        return row
    }

    /// The current version of a name in one archive, `nil` if there is none or it was removed.
    ///
    /// - Throws: `DriveError`: `unknownLink`, `notHere` or `damaged`.
    public func version(
        of reference: EntryReference, in snapshot: borrowing StoreSnapshot
    ) throws -> Version? {
        _ = try requireIndex(of: reference.link, in: snapshot)
        let path = try DrivePath(folder: reference.name)
        var walk = MergedWalk(
            try sources([reference.link], in: snapshot),
            in: MergedWalk.PathRange(lower: path.bytes, upper: path.bytes + [0]), of: snapshot)
        let entry = walk.next(in: snapshot)
        if entry == nil, let problem = walk.problems.all.first {
            throw DriveError(
                problem.kind == .missingBlocks ? .notHere : .damaged, problem.message)
        }
        guard let version = entry?.shown, version.type != .deletion else { return nil }
        return version
    }
}

extension Drive {
    /// Tries something now and after each commit, until it succeeds or time is up.
    ///
    /// Without a timeout it goes on until the drive is closed or the task is cancelled.
    func wait<Value: Sendable>(
        _ timeout: Duration?, _ clock: any Clock<Duration>,
        _ attempt: @escaping @Sendable () async throws -> Value?
    ) async throws -> Value? {
        let changes = changes()
        if let value = try await attempt() { return value }
        if let timeout, timeout <= .zero { return nil }
        return try await withThrowingTaskGroup(of: Value?.self) { group in
            group.addTask {
                for await _ in changes {
                    if let value = try await attempt() { return value }
                }
                return nil
            }
            if let timeout {
                group.addTask {
                    try await clock.sleep(for: timeout)
                    return nil
                }
            }
            defer { group.cancelAll() }
            return try await group.next() ?? nil
        }
    }
}
