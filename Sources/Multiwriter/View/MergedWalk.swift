import Archives
import Cryptography
import Feeds

/// Merges the entries of all archives in the order of their paths, in one snapshot.
///
/// It holds one entry an archive and kind, however many there are. A writer whose index is
/// broken or not here is named in `problems` and does not hide the others.
struct MergedWalk: Sendable {
    /// An archive as it is seen by the walk.
    struct Source: Sendable {
        let link: FeedKey
        let index: IndexTree
    }

    private let sources: [Source]
    private let range: PathRange
    /// How many entries of a writer are looked for at the most, `nil` for all.
    private let limit: Int?
    private var heap = CursorHeap()
    private(set) var problems = ViewProblems()

    /// Paths from one on, inclusively, up to another, exclusively.
    struct PathRange: Sendable {
        let lower: [UInt8]
        let upper: [UInt8]

        /// All that is below a folder.
        static func below(_ folder: DrivePath) -> PathRange {
            // The root itself may be kept, and is not below itself.
            let lower = folder.isRoot ? folder.bytes + [0] : folder.folderPrefix
            return PathRange(lower: lower, upper: end(of: folder))
        }

        /// The first path that is neither a folder nor below it; `0` comes just after the slash.
        static func end(of folder: DrivePath) -> [UInt8] {
            folder.isRoot ? [UInt8(ascii: "0")] : folder.bytes + [UInt8(ascii: "0")]
        }
    }

    init(
        _ sources: [Source], in range: PathRange, limit: Int? = nil,
        of snapshot: borrowing StoreSnapshot
    ) {
        self.sources = sources
        self.range = range
        self.limit = limit
        for writer in sources.indices {
            for kind in EntryKey.allCases { open(writer, kind, snapshot) }
        }
    }

    private mutating func open(
        _ writer: Int, _ kind: EntryKey, _ snapshot: borrowing StoreSnapshot
    ) {
        let keys = IndexRange(gte: kind.prefix + range.lower, lt: kind.prefix + range.upper)
        do {
            let cursor = PathCursor(
                writer: writer, kind: kind,
                iterator: try sources[writer].index.entries(in: keys, of: snapshot))
            if let cursor = moved(cursor, { try $0.advance(in: snapshot) }) { heap.insert(cursor) }
        } catch {
            note(error, of: writer)
        }
    }

    /// A cursor that was moved, `nil` if it is at its end or could not be read on.
    private mutating func moved(
        _ cursor: PathCursor, _ move: (inout PathCursor) throws -> Void
    ) -> PathCursor? {
        var cursor = cursor
        do {
            try move(&cursor)
            return cursor.entry == nil ? nil : cursor
        } catch {
            note(error, of: cursor.writer)
            if let lack = cursor.lack(error, limit: limit) { problems.add([lack]) }
            return nil
        }
    }

    /// What all writers say of the next path, `nil` at the end.
    ///
    /// Nothing is left out but paths that nobody could ask for.
    mutating func next(in snapshot: borrowing StoreSnapshot) -> ViewEntry? {
        while let path = heap.first.map({ Array($0.path) }) {
            var versions: [Version] = []
            for current in take(path, in: snapshot) {
                let link = sources[current.writer].link
                guard let path = DrivePath(stored: path[...], of: current.kind) else {
                    problems.note(
                        .badPath, of: link,
                        "the path in block \(current.entry.seq) is none that can be asked for")
                    continue
                }
                do {
                    versions.append(
                        try Version(current.entry, at: path, kind: current.kind, link: link))
                } catch {
                    problems.note(
                        .badEntry, of: link, "block \(current.entry.seq) is no entry: \(error)")
                }
            }
            if versions.isEmpty { continue }
            return ViewEntry(path: DrivePath(unchecked: path), versions: versions.resolved())
        }
        return nil
    }

    private struct Current {
        let writer: Int
        let kind: EntryKey
        let entry: IndexEntry
    }

    /// The current entry of a writer, as far as it matters for the next entry at its path.
    struct CurrentEntry {
        let link: FeedKey
        let position: UInt64
        let seen: SeenVector
        /// Everything that the writer's index has at the path, the current entry first.
        let kinds: [EntryKey]
    }

    /// The current entry of each writer at a path, if the walk is there; else none.
    mutating func takeCurrent(
        at path: DrivePath, in snapshot: borrowing StoreSnapshot
    ) -> [CurrentEntry] {
        guard isAt(path) else { return [] }
        let all = takeAll(path.bytes, in: snapshot)
        return current(of: all).map { current in
            let link = sources[current.writer].link
            // What cannot be read is seen as well, or it could never be replaced.
            let version = try? Version(current.entry, kind: current.kind, link: link)
            let others = all.filter { $0.writer == current.writer && $0.kind != current.kind }
            return CurrentEntry(
                link: link, position: version?.position ?? current.entry.seq,
                seen: version?.metadata.seen ?? SeenVector(),
                kinds: [current.kind] + others.map(\.kind))
        }
    }

    /// The current entry of each writer at a path: of the kinds, the one written last.
    private mutating func take(
        _ path: [UInt8], in snapshot: borrowing StoreSnapshot
    ) -> [Current] {
        current(of: takeAll(path, in: snapshot))
    }

    private func current(of all: [Current]) -> [Current] {
        guard all.count > 1 else { return all }
        var found = all.sorted { ($0.writer, $1.entry.seq) < ($1.writer, $0.entry.seq) }
        var last = -1
        found.removeAll { current in
            defer { last = current.writer }
            return current.writer == last
        }
        return found
    }

    /// All entries at a path, of all kinds.
    private mutating func takeAll(
        _ path: [UInt8], in snapshot: borrowing StoreSnapshot
    ) -> [Current] {
        var found: [Current] = []
        var advanced: [PathCursor] = []
        while let first = heap.first, first.order(to: path) == 0 {
            let cursor = heap.removeFirst()
            if let entry = cursor.entry {
                found.append(Current(writer: cursor.writer, kind: cursor.kind, entry: entry))
            }
            if let cursor = moved(cursor, { try $0.advance(in: snapshot) }) {
                advanced.append(cursor)
            }
        }
        for cursor in advanced { heap.insert(cursor) }
        return found
    }

    /// True if the next path is this one.
    func isAt(_ path: DrivePath) -> Bool {
        heap.first.map { $0.order(to: path.bytes) == 0 } ?? false
    }

    /// Skips all paths before the given bytes.
    mutating func seek(to path: [UInt8], in snapshot: borrowing StoreSnapshot) {
        while let first = heap.first, first.order(to: path) < 0 {
            let cursor = heap.removeFirst()
            if let cursor = moved(cursor, { try $0.seek(to: path, in: snapshot) }) {
                heap.insert(cursor)
            }
        }
    }

    /// True if something that is not deleted is below a path which the walk has just passed.
    mutating func hasLiving(
        below path: DrivePath, in snapshot: borrowing StoreSnapshot
    ) -> Bool {
        let end = PathRange.end(of: path)
        guard let first = heap.first, first.order(to: end) < 0 else { return false }
        var probe = self
        probe.heap = CursorHeap()
        defer { problems.add(probe.problems.lacks) }
        for cursor in heap.cursors where cursor.order(to: end) < 0 { probe.heap.insert(cursor) }
        probe.seek(to: path.folderPrefix, in: snapshot)
        while let first = probe.heap.first, first.order(to: end) < 0 {
            guard let entry = probe.next(in: snapshot) else { return false }
            if !entry.isDeleted { return path.contains(entry.path) }
        }
        return false
    }

    mutating func note(_ error: any Error, of writer: Int) {
        problems.note(error, of: sources[writer].link)
    }
}

extension ViewProblems {
    /// Notes what kept an archive from being read on.
    mutating func note(_ error: any Error, of link: FeedKey) {
        let isMissing = (error as? ArchiveError)?.code == .blockNotAvailable
        let isUnknown = (error as? ArchiveError)?.code == .contentUnknown
        note(
            isMissing || isUnknown ? .missingBlocks : .brokenIndex, of: link,
            isMissing ? "not all of its index is here" : "its index cannot be read: \(error)")
    }
}

extension [Version] {
    /// What remains of the current versions of all writers, in the order in which it is shown.
    func resolved() -> [Version] {
        if count == 1 { return self }
        let groups = Resolution.groups(of: map(\.statement))
        return groups.map { group in
            var version = self[group[0]]
            version.otherLinks = group.dropFirst().map { self[$0].link }
            return version
        }
    }
}
