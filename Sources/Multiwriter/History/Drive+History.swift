import Archives
import Cryptography
import Feeds

extension Drive {
    /// Every write that is known here, on the calling thread: one of each archive in turn, the own
    /// one first.
    ///
    /// Returns what could not be read. `limit` and `offset` count per archive.
    @discardableResult
    public func forEachRow(
        limit: Int? = nil, offset: Int = 0, _ body: (Row) throws -> Void
    ) throws -> [ViewProblem] {
        var walk = HistoryWalk(limit: limit, offset: offset)
        while true {
            let page = try readNow { try walk.nextPage(of: self, in: $0) }
            guard !page.isEmpty else { return walk.problems.all }
            for row in page { try body(row) }
        }
    }

    /// Every write that is known here: one of each archive in turn, the own one first.
    ///
    /// `limit` and `offset` count per archive.
    public func rows(limit: Int? = nil, offset: Int = 0) async throws -> [Row] {
        try await read { snapshot in
            var walk = HistoryWalk(limit: limit, offset: offset)
            try walk.update(self, in: snapshot)
            var rows: [Row] = []
            while let row = try walk.next(in: snapshot) { rows.append(row) }
            return rows
        }
    }

    /// Every write, as it becomes known; it goes on with new ones unless it is not to be live.
    public func list(
        isLive: Bool = true, limit: Int? = nil, offset: Int = 0
    ) -> RowSequence {
        RowSequence(
            drive: self, walk: HistoryWalk(limit: limit, offset: offset), isLive: isLive)
    }
}

/// Writes as they become known.
public struct RowSequence: AsyncSequence, Sendable {
    let drive: Drive
    let walk: HistoryWalk
    let isLive: Bool

    /// Goes through the writes once.
    public struct AsyncIterator: AsyncIteratorProtocol {
        let drive: Drive
        var walk: HistoryWalk
        var changes: AsyncStream<Void>.AsyncIterator?
        var page: [Row] = []
        var position = 0

        /// What could not be read so far.
        public var problems: [ViewProblem] { walk.problems.all }

        /// The next row; `nil` at the end, which a live sequence reaches when the drive is closed
        /// or the task is cancelled.
        public mutating func next() async throws -> Row? {
            while position == page.count {
                do {
                    try await fetch()
                } catch let error as DriveError where error.code == .closed && changes != nil {
                    return nil
                }
                if !page.isEmpty { break }
                guard await changes?.next(isolation: #isolation) != nil else { return nil }
            }
            defer { position += 1 }
            return page[position]
        }

        private mutating func fetch() async throws {
            let (before, drive) = (walk, drive)
            (walk, page) = try await drive.read { snapshot in
                var walk = before
                let page = try walk.nextPage(of: drive, in: snapshot)
                return (walk, page)
            }
            position = 0
        }
    }

    /// Begins to go through the writes.
    public func makeAsyncIterator() -> AsyncIterator {
        AsyncIterator(
            drive: drive, walk: walk, changes: isLive ? drive.changes().makeAsyncIterator() : nil)
    }
}
