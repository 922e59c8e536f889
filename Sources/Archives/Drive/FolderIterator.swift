public import Feeds

/// Something directly in a folder: a file or link, or a folder with something in it.
public struct FolderChild: Sendable, Hashable {
    /// The name in the folder.
    public let name: String
    /// The entry with that name, or else the first entry below it.
    public let entry: ArchiveEntry
    /// Whether there is no entry of that name itself, only entries below it.
    public let isFolder: Bool
}

/// Walks what is directly in a folder, each name once.
///
/// Folders are passed over without reading what is in them.
public struct FolderIterator: Sendable {
    private var entries: ArchiveIterator
    private let folder: ArchivePath
    private let ignored: [ArchivePath]
    private var remaining: Int?
    /// Files whose names begin the name at hand; a folder of such a name has been given out.
    ///
    /// All that comes between a file `x` and the first entry below a folder `x` begins with `x`.
    private var files: [ArchivePath] = []

    init(
        _ entries: ArchiveIterator, folder: ArchivePath, ignoring ignored: [ArchivePath],
        limit: Int?
    ) {
        self.entries = entries
        self.folder = folder
        self.ignored = ignored
        remaining = limit
    }

    /// The next child, `nil` at the end.
    ///
    /// A folder is left out if the first entry below it is ignored, as in JavaScript.
    public mutating func next(in snapshot: borrowing StoreSnapshot) throws -> FolderChild? {
        guard remaining != 0 else { return nil }
        while let entry = try entries.next(in: snapshot) {
            guard let child = folder.child(towards: entry.path) else { continue }
            let isFolder = child != entry.path
            while let file = files.last,
                !child.string.utf8.starts(with: file.string.utf8)
            {
                files.removeLast()
            }
            if isFolder { entries.skip(folder: child) }
            let isRepeated = isFolder && files.contains(child)
            if !isFolder { files.append(child) }
            guard !isRepeated, !isIgnored(entry.path) else { continue }
            if let count = remaining { remaining = count - 1 }
            return FolderChild(name: child.name, entry: entry, isFolder: isFolder)
        }
        return nil
    }

    private func isIgnored(_ path: ArchivePath) -> Bool {
        ignored.contains { path == $0 || path.isInside($0) }
    }
}
