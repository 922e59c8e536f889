public import Feeds

/// Walks the entries below a folder in the order of their paths.
///
/// It holds no transaction; see `IndexIterator`. What is not an entry that a writer would make is
/// passed over and counted, so that one bad entry does not hide the others.
public struct ArchiveIterator: Sendable {
    private var index: IndexIterator
    private let ignored: [ArchivePath]
    private var remaining: Int?
    /// How many entries were passed over because they are malformed.
    public private(set) var malformedCount = 0
    /// The last entry that was passed over, and why.
    public private(set) var lastMalformed: (entry: IndexEntry, error: EntryError)?

    init(_ index: IndexIterator, ignoring ignored: [ArchivePath], limit: Int?) {
        self.index = index
        self.ignored = ignored
        remaining = limit
    }

    /// The next entry, `nil` at the end.
    public mutating func next(in snapshot: borrowing StoreSnapshot) throws -> ArchiveEntry? {
        guard remaining != 0 else { return nil }
        while let found = try index.next(in: snapshot) {
            let entry: ArchiveEntry
            do {
                entry = try ArchiveEntry(found)
            } catch {
                malformedCount += 1
                lastMalformed = (found, error)
                continue
            }
            guard !isIgnored(entry.path) else { continue }
            if let count = remaining { remaining = count - 1 }
            return entry
        }
        return nil
    }

    /// Goes on at the first path that is this one or beyond.
    public mutating func seek(to path: ArchivePath) {
        index.seek(to: .included(ArchiveKeys.file(path)))
    }

    private func isIgnored(_ path: ArchivePath) -> Bool {
        ignored.contains { path == $0 || path.isInside($0) }
    }

    /// Passes over everything below a folder.
    mutating func skip(folder: ArchivePath) {
        index.seek(to: .included(ArchiveKeys.file(folder) + [UInt8(ascii: "0")]))
    }
}

extension Archive {
    /// Walks all entries below a folder.
    ///
    /// What is ignored is left out with all that is below it.
    public func entries(
        below folder: ArchivePath = .root, ignoring ignored: [ArchivePath] = [],
        reversed: Bool = false, limit: Int? = nil, in snapshot: borrowing StoreSnapshot
    ) throws -> ArchiveIterator {
        ArchiveIterator(
            try index.entries(
                in: ArchiveKeys.files(below: folder), reversed: reversed, of: snapshot),
            ignoring: ignored, limit: limit)
    }

    /// Walks what is directly in a folder.
    public func children(
        of folder: ArchivePath = .root, ignoring ignored: [ArchivePath] = [], limit: Int? = nil,
        in snapshot: borrowing StoreSnapshot
    ) throws -> FolderIterator {
        FolderIterator(
            try entries(below: folder, ignoring: [], in: snapshot), folder: folder,
            ignoring: ignored, limit: limit)
    }
}
