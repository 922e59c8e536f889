import Archives
public import Cryptography
public import Feeds

extension Drive {
    /// What stands at a path, `nil` if nothing does, or nothing any more.
    ///
    /// A folder that merely has something in it is an entry without versions.
    public func entry(
        at path: DrivePath, includesDeleted: Bool = false, in snapshot: borrowing StoreSnapshot
    ) throws -> ViewEntry? {
        var view = try MergedView(of: self, in: snapshot)
        return view.entry(at: path, includesDeleted: includesDeleted, in: snapshot)
    }

    /// What stands at a path, `nil` if nothing does, or nothing any more.
    public func entry(at name: String) async throws -> ViewEntry? {
        let path = try DrivePath(folder: name)
        return try await read { snapshot in try self.entry(at: path, in: snapshot) }
    }

    /// What stands at a path, `nil` if nothing does; on the calling thread.
    public func entryNow(at name: String) throws -> ViewEntry? {
        let path = try DrivePath(folder: name)
        return try readNow { snapshot in try self.entry(at: path, in: snapshot) }
    }

    /// Calls a function with everything in a folder, in the order of paths, on the calling
    /// thread, and returns what could not be shown.
    ///
    /// `link` takes one archive alone.
    @discardableResult
    public func forEachEntry(
        in folder: String = "", of link: FeedKey? = nil, options: ViewOptions = ViewOptions(),
        _ body: (ViewEntry) throws -> Void
    ) throws -> [ViewProblem] {
        var pages = try ViewPages(of: self, in: folder, of: link, options: options)
        while let page = try readNow({ snapshot in try pages.next(in: snapshot) }) {
            for entry in page { try body(entry) }
        }
        return pages.problems
    }

    /// Everything in a folder, in the order of paths; bounded memory however much there is.
    ///
    /// With a timeout what of an index is needed and not here is waited for so long, page by page.
    public func entries(
        in folder: String = "", of link: FeedKey? = nil, options: ViewOptions = ViewOptions(),
        waiting timeout: Duration = .zero
    ) throws -> ViewSequence {
        ViewSequence(
            drive: self,
            pages: try ViewPages(of: self, in: folder, of: link, options: options),
            timeout: timeout)
    }
}

/// The merged view in one snapshot, for looking up single paths.
struct MergedView {
    /// How many entries from a path on a lookup looks at, as far as peers are told.
    private static let limit = 2

    private let sources: [MergedWalk.Source]
    private(set) var problems = ViewProblems()

    init(of drive: Drive, in snapshot: borrowing StoreSnapshot) throws {
        sources = try drive.sources(drive.links(in: snapshot), in: snapshot)
    }

    mutating func entry(
        at path: DrivePath, includesDeleted: Bool, in snapshot: borrowing StoreSnapshot
    ) -> ViewEntry? {
        var walk = MergedWalk(
            sources,
            in: MergedWalk.PathRange(
                lower: path.bytes, upper: MergedWalk.PathRange.end(of: path)),
            limit: Self.limit, of: snapshot)
        var entry = walk.takeEntry(at: path, in: snapshot)
        let isGone = entry?.isDeleted ?? true
        let isFolder = walk.hasLiving(below: path, in: snapshot)
        if isGone, isFolder {
            entry = ViewEntry(path: path, versions: [])
        } else if isGone, !includesDeleted {
            entry = nil
        }
        if entry?.type != .directory, !isGone { entry?.isAlsoFolder = isFolder }
        problems.add(walk.problems)
        if entry != nil, !isGone || isFolder { entry?.fileAbove = fileAbove(path, in: snapshot) }
        return entry
    }

    /// Looks at everything that the lookup of a path may need, so that all of it is asked for
    /// together.
    mutating func gatherLacks(at path: DrivePath, in snapshot: borrowing StoreSnapshot) {
        let below = path.folderPrefix
        var ranges = [
            MergedWalk.PathRange(lower: path.bytes, upper: path.bytes + [0]),
            MergedWalk.PathRange(lower: below, upper: MergedWalk.PathRange.end(of: path)),
        ]
        var above = path.parent
        while !above.isRoot, ranges.count < 2 + DriveLimits.hintedFolderCount {
            ranges.append(MergedWalk.PathRange(lower: above.bytes, upper: above.bytes + [0]))
            above = above.parent
        }
        for range in ranges {
            let walk = MergedWalk(sources, in: range, limit: Self.limit, of: snapshot)
            problems.add(walk.problems.lacks)
        }
    }

    private mutating func fileAbove(
        _ path: DrivePath, in snapshot: borrowing StoreSnapshot
    ) -> DrivePath? {
        var above = path.parent
        while !above.isRoot {
            let range = MergedWalk.PathRange(lower: above.bytes, upper: above.bytes + [0])
            var walk = MergedWalk(sources, in: range, limit: Self.limit, of: snapshot)
            let entry = walk.takeEntry(at: above, in: snapshot)
            problems.add(walk.problems.lacks)
            if let entry, !entry.isDeleted, entry.type != .directory {
                return above
            }
            above = above.parent
        }
        return nil
    }
}

extension MergedWalk {
    /// What stands at a path if it is the next one, past which the walk then is.
    mutating func takeEntry(
        at path: DrivePath, in snapshot: borrowing StoreSnapshot
    ) -> ViewEntry? {
        guard isAt(path) else { return nil }
        return next(in: snapshot)
    }
}
