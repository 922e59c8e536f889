import Archives
import Feeds

/// What a listing of the merged view covers.
public struct ViewOptions: Sendable {
    /// Whether all that is below is listed, or what is in the folder itself.
    public var isRecursive = true
    /// Whether paths are listed at which nothing stands any more.
    public var includesDeleted = false

    /// Makes the options of a plain, recursive listing.
    public init() {}
}

/// Walks the merged view of a folder: what lives, folders that are implied, and both sides of
/// every conflict.
///
/// It holds no transaction: further snapshots can be handed to it, and it goes on in the versions
/// with which it began.
struct ViewWalk: Sendable {
    private var walk: MergedWalk
    private let folder: DrivePath
    private let options: ViewOptions
    /// What was listed and may still have something below it in what is to come, innermost last.
    private var open: [Opened] = []

    private struct Opened: Sendable {
        let path: DrivePath
        /// Not a folder, for the version that is shown.
        let isFile: Bool
        /// Listed as a folder, too, so that it need not be implied.
        var isListedFolder: Bool
    }

    init(
        _ sources: [MergedWalk.Source], below folder: DrivePath, options: ViewOptions,
        of snapshot: borrowing StoreSnapshot
    ) {
        self.folder = folder
        self.options = options
        walk = MergedWalk(sources, in: .below(folder), of: snapshot)
    }

    var problems: [ViewProblem] { walk.problems.all }

    /// Blocks of indexes that were not here.
    var lacks: [IndexLack] { walk.problems.lacks }

    /// The next entry, `nil` at the end.
    mutating func next(in snapshot: borrowing StoreSnapshot) -> ViewEntry? {
        while var entry = walk.next(in: snapshot) {
            close(before: entry.path)
            if entry.isDeleted {
                if options.includesDeleted, isInListedDepth(entry.path) { return entry }
                continue
            }
            if !options.isRecursive, let child = childFolder(of: entry.path) {
                guard let implied = imply(child, in: snapshot) else { continue }
                return implied
            }
            entry.fileAbove = open.last { $0.isFile && $0.path.contains(entry.path) }?.path
            let isFile = entry.type != .directory
            if isFile { entry.isAlsoFolder = walk.hasLiving(below: entry.path, in: snapshot) }
            open.append(
                Opened(path: entry.path, isFile: isFile, isListedFolder: !isFile))
            return entry
        }
        return nil
    }

    /// Every path that begins with an open one and a slash comes before that one with a `0`.
    private mutating func close(before path: DrivePath) {
        while let last = open.last,
            !path.bytes.lexicographicallyPrecedes(MergedWalk.PathRange.end(of: last.path))
        {
            open.removeLast()
        }
    }

    private func isInListedDepth(_ path: DrivePath) -> Bool {
        options.isRecursive || childFolder(of: path) == nil
    }

    /// The folder directly in the listed one that a path is below of, `nil` if it is in neither.
    private func childFolder(of path: DrivePath) -> DrivePath? {
        let prefix = folder.folderPrefix.count
        guard let slash = path.bytes[prefix...].firstIndex(of: UInt8(ascii: "/")) else {
            return nil
        }
        return DrivePath(unchecked: Array(path.bytes[..<slash]))
    }

    /// Skips a folder, of which something living was found, and lists it unless it was.
    private mutating func imply(
        _ child: DrivePath, in snapshot: borrowing StoreSnapshot
    ) -> ViewEntry? {
        walk.seek(to: MergedWalk.PathRange.end(of: child), in: snapshot)
        let known = open.lastIndex { $0.path == child }
        if let known, open[known].isListedFolder { return nil }
        var entry = ViewEntry(path: child, versions: [])
        if let known {
            open[known].isListedFolder = true
            entry.fileAbove = child
        } else {
            open.append(Opened(path: child, isFile: false, isListedFolder: true))
        }
        return entry
    }
}
