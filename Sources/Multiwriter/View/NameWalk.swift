import Archives
import Cryptography
import Feeds

/// Walks what one writer has in a folder, as far as it takes to name it.
///
/// What a `ViewWalk` would find out only by reading entries and looking around is looked up path
/// by path: a place that is a file and a folder at once, two kinds of entries at one path, and
/// whatever is not written as usual. All else is told from its key.
struct NameWalk {
    private let source: MergedWalk.Source
    private let folder: DrivePath
    private let isRecursive: Bool
    private var cursors: [NameCursor] = []
    private var hasBegun = false
    /// Files that were listed with something below them that may still come, innermost last.
    private var files: [DrivePath] = []
    /// Folders that were listed and may still have something below them, innermost last; kept
    /// only in a listing that does not go down into them.
    private var folders: [DrivePath] = []
    private(set) var problems = ViewProblems()
    private(set) var isAtEnd = false

    init(_ source: MergedWalk.Source, below folder: DrivePath, isRecursive: Bool) {
        self.source = source
        self.folder = folder
        self.isRecursive = isRecursive
    }

    /// Adds what comes next to a page until that is full.
    mutating func fill(_ page: inout NamePage, in snapshot: borrowing StoreSnapshot) {
        if !hasBegun { begin(in: snapshot) }
        while page.count < DriveLimits.pageCount {
            guard let first = smallest() else {
                isAtEnd = true
                return
            }
            if isRecursive, files.isEmpty, cursors[first].isPlain {
                let count = page.count
                passPlainFiles(first, to: &page, in: snapshot)
                if page.count > count { continue }
            }
            let path = cursors[first].path
            if !isRecursive, let child = childFolder(of: path) {
                list(child, at: path, on: &page, in: snapshot)
            } else {
                take(first, to: &page, in: snapshot)
            }
        }
    }

    private mutating func begin(in snapshot: borrowing StoreSnapshot) {
        hasBegun = true
        let range = MergedWalk.PathRange.below(folder)
        for kind in EntryKey.allCases {
            do {
                let keys = IndexRange(gte: kind.prefix + range.lower, lt: kind.prefix + range.upper)
                var cursor = NameCursor(
                    kind, try source.index.entries(in: keys, of: snapshot))
                try cursor.advance(in: snapshot)
                cursors.append(cursor)
            } catch {
                problems.note(error, of: source.link)
            }
        }
    }

    /// The cursor with the smallest path, of all or of all but one.
    private func smallest(besides excluded: Int? = nil) -> Int? {
        var found: Int?
        for index in cursors.indices where index != excluded && !cursors[index].isAtEnd {
            if let other = found, KeyOrder.compare(cursors[index].path, cursors[other].path) >= 0 {
                continue
            }
            found = index
        }
        return found
    }

    private mutating func advance(_ index: Int, in snapshot: borrowing StoreSnapshot) {
        do {
            try cursors[index].advance(in: snapshot)
        } catch {
            problems.note(error, of: source.link)
            cursors[index].end()
        }
    }

    /// Lists what is told from keys alone, in one go, until there is a question or another kind.
    private mutating func passPlainFiles(
        _ first: Int, to page: inout NamePage, in snapshot: borrowing StoreSnapshot
    ) {
        let bound = smallest(besides: first).map { cursors[$0].path }
        cursors[first].passPlainFiles(before: bound, to: &page, in: snapshot)
    }

    /// Lists the smallest path and goes past it.
    private mutating func take(
        _ first: Int, to page: inout NamePage, in snapshot: borrowing StoreSnapshot
    ) {
        let path = cursors[first].path
        let kind = cursors[first].kind
        var isPlain = cursors[first].isPlain
        for index in cursors.indices
        where index != first && !cursors[index].isAtEnd && cursors[index].path == path {
            isPlain = false
            advance(index, in: snapshot)
        }
        advance(first, in: snapshot)
        close(before: path)
        if isPlain, files.isEmpty, kind != .file || !mayHaveMore(below: path) {
            if kind == .deletion { return }
            if kind == .directory { noteFolder(DrivePath(unchecked: path)) }
            path.withUnsafeBytes { page.append($0, isFolder: kind == .directory) }
        } else if let entry = look(at: DrivePath(unchecked: path), in: snapshot) {
            if entry.type == .directory {
                noteFolder(entry.path)
            } else if entry.isAlsoFolder {
                files.append(entry.path)
            }
            page.append(entry)
        }
    }

    private mutating func noteFolder(_ path: DrivePath) {
        if !isRecursive { folders.append(path) }
    }

    /// False if it is certain from the next path that nothing comes below this one.
    private func mayHaveMore(below path: [UInt8]) -> Bool {
        cursors.contains { cursor in
            !cursor.isAtEnd && cursor.path.withUnsafeBytes { NameCursor.mayLie($0, below: path) }
        }
    }

    private mutating func close(before path: [UInt8]) {
        func isPast(_ folder: DrivePath) -> Bool {
            KeyOrder.compare(path, MergedWalk.PathRange.end(of: folder)) >= 0
        }
        while let last = files.last, isPast(last) { files.removeLast() }
        while let last = folders.last, isPast(last) { folders.removeLast() }
    }

    /// Reads all that is known of one path; `nil` if nothing stands there.
    private mutating func look(
        at path: DrivePath, in snapshot: borrowing StoreSnapshot
    ) -> ViewEntry? {
        var walk = MergedWalk(
            [source], in: MergedWalk.PathRange(lower: path.bytes, upper: path.bytes + [0]),
            of: snapshot)
        let found = walk.takeEntry(at: path, in: snapshot)
        problems.add(walk.problems)
        guard var entry = found, !entry.isDeleted else { return nil }
        entry.fileAbove = files.last { $0.contains(path) }
        if entry.type != .directory {
            var below = MergedWalk([source], in: .below(path), of: snapshot)
            entry.isAlsoFolder = below.skipDeleted(in: snapshot)
        }
        return entry
    }

    /// Lists a folder of which something that is further down was met, unless it was listed.
    private mutating func list(
        _ child: DrivePath, at path: [UInt8], on page: inout NamePage,
        in snapshot: borrowing StoreSnapshot
    ) {
        close(before: path)
        if folders.last != child {
            var below = MergedWalk([source], in: .below(child), of: snapshot)
            if below.skipDeleted(in: snapshot) {
                var entry = ViewEntry(path: child, versions: [])
                if files.contains(child) { entry.fileAbove = child }
                folders.append(child)
                page.append(entry)
            }
            problems.add(below.problems)
        }
        let end = MergedWalk.PathRange.end(of: child)
        for index in cursors.indices {
            do {
                try cursors[index].seek(to: end, in: snapshot)
            } catch {
                problems.note(error, of: source.link)
                cursors[index].end()
            }
        }
    }

    /// The folder directly in the listed one that a path is below of, `nil` if it is in neither.
    private func childFolder(of path: [UInt8]) -> DrivePath? {
        let prefix = folder.folderPrefix.count
        guard let slash = path[prefix...].firstIndex(of: UInt8(ascii: "/")) else { return nil }
        return DrivePath(unchecked: Array(path[..<slash]))
    }
}

extension MergedWalk {
    /// Goes past the first path at which something stands; false if there is none.
    fileprivate mutating func skipDeleted(in snapshot: borrowing StoreSnapshot) -> Bool {
        while let entry = next(in: snapshot) {
            if !entry.isDeleted { return true }
        }
        return false
    }
}
