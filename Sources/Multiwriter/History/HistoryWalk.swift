import Archives
import Cryptography
import Feeds

/// Walks the writes of one archive in the order in which they were made.
struct ArchiveHistory: Sendable {
    let link: FeedKey
    private let index: IndexTree
    private var next: UInt64
    private var end = Row.Content(blockOffset: 0, bytesOffset: 0)

    init(_ link: FeedKey, _ feed: Feed) {
        self.link = link
        index = IndexTree(feed)
        next = 1
    }

    /// The next row, `nil` if there is none yet.
    ///
    /// Blocks that have not arrived end it for now, so that order is kept; what is no entry is
    /// noted and skipped.
    mutating func next(
        noting problems: inout ViewProblems, in snapshot: borrowing StoreSnapshot
    ) throws -> Row? {
        let length = try snapshot.head(of: index.feed).length
        while next < length {
            do {
                guard try snapshot.contains(blockAt: next, of: index.feed) else {
                    problems.note(.missingBlocks, of: link, "not all of its index is here")
                    return nil
                }
                var walk = try index.history(in: next..<next + 1, of: snapshot)
                let change = try walk.next(in: snapshot)
                next += 1
                guard let change, let row = try Row(change, of: link, end: end) else { continue }
                end = row.end
                return row
            } catch let error as ArchiveError {
                next += 1
                problems.note(error, of: link)
            } catch let error where error is EntryError || error is JSONError {
                problems.note(.badEntry, of: link, "block \(next - 1) is no entry: \(error)")
            }
        }
        return nil
    }
}

/// Walks the writes of all archives: one of each in turn while they last, the own archive first.
struct HistoryWalk: Sendable {
    private var archives: [Archive] = []
    private var turn = 0
    private let limit: Int?
    private let offset: Int
    private(set) var problems = ViewProblems()

    private struct Archive: Sendable {
        var history: ArchiveHistory
        /// The rows that were met, those before the offset included.
        var count = 0
    }

    init(limit: Int?, offset: Int) {
        self.limit = limit
        self.offset = max(0, offset)
    }

    /// Takes in archives that became known.
    mutating func update(_ drive: Drive, in snapshot: borrowing StoreSnapshot) throws {
        let links = try drive.links(in: snapshot)
        guard links.count != archives.count else { return }
        let known = Set(archives.map(\.history.link))
        for link in links where !known.contains(link) {
            guard let feed = try snapshot.feed(for: link) else { continue }
            archives.append(Archive(history: ArchiveHistory(link, feed)))
        }
    }

    /// The next row, `nil` if there is none yet in any archive.
    mutating func next(in snapshot: borrowing StoreSnapshot) throws -> Row? {
        var idleCount = 0
        while idleCount < archives.count {
            if turn >= archives.count { turn = 0 }
            if let row = try nextRow(of: turn, in: snapshot) {
                turn += 1
                return row
            }
            turn += 1
            idleCount += 1
        }
        return nil
    }

    private mutating func nextRow(
        of position: Int, in snapshot: borrowing StoreSnapshot
    ) throws -> Row? {
        while true {
            if let limit, archives[position].count - offset >= limit { return nil }
            let row = try archives[position].history.next(noting: &problems, in: snapshot)
            guard let row else { return nil }
            archives[position].count += 1
            if archives[position].count > offset { return row }
        }
    }

    /// Up to a page of rows, none if there are none yet.
    mutating func nextPage(
        of drive: Drive, in snapshot: borrowing StoreSnapshot
    ) throws -> [Row] {
        try update(drive, in: snapshot)
        var page: [Row] = []
        while page.count < DriveLimits.pageCount, let row = try next(in: snapshot) {
            page.append(row)
        }
        return page
    }
}
