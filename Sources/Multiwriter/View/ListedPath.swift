import Archives
import Feeds

/// One line of a listing that tells no more than what stands where.
public enum ListedPath {
    /// A file, a link or a folder that nobody disputes: its path with the leading slash.
    case plain(UnsafeRawBufferPointer, isFolder: Bool)
    /// Anything else, with all that is known of it.
    case entry(ViewEntry)
}

extension Drive {
    /// Calls a function with what stands in a folder, in the order of paths, on the calling
    /// thread, and returns what could not be shown.
    ///
    /// The same as `forEachEntry`, but as long as there is one writer no entry is read further
    /// than its kind: for those who need names alone. Bytes are valid only inside the body.
    @discardableResult
    public func forEachPath(
        in folder: String = "", isRecursive: Bool = true, _ body: (ListedPath) throws -> Void
    ) throws -> [ViewProblem] {
        let path = try DrivePath(folder: folder)
        let sources = try readNow { snapshot in
            try self.sources(links(in: snapshot), in: snapshot)
        }
        guard sources.count == 1, sources[0].index.feed.cipher == nil else {
            var options = ViewOptions()
            options.isRecursive = isRecursive
            return try forEachEntry(in: folder, options: options) { try body(.entry($0)) }
        }
        var walk = NameWalk(sources[0], below: path, isRecursive: isRecursive)
        var page = NamePage()
        repeat {
            page.removeAll()
            try readNow { snapshot in walk.fill(&page, in: snapshot) }
            try page.forEach(body)
        } while !walk.isAtEnd
        return walk.problems.all
    }
}

/// Some lines of a listing, told from one snapshot and handed out after it.
struct NamePage {
    private enum Item {
        case plain(end: Int, isFolder: Bool)
        case entry(ViewEntry)
    }

    private var bytes: [UInt8] = []
    private var items: [Item] = []

    var count: Int { items.count }

    mutating func removeAll() {
        bytes.removeAll(keepingCapacity: true)
        items.removeAll(keepingCapacity: true)
    }

    mutating func append(_ path: [UInt8], isFolder: Bool) {
        bytes.append(contentsOf: path)
        items.append(.plain(end: bytes.count, isFolder: isFolder))
    }

    mutating func append(_ entry: ViewEntry) { items.append(.entry(entry)) }

    func forEach(_ body: (ListedPath) throws -> Void) throws {
        try bytes.withUnsafeBytes { bytes in
            var start = 0
            for item in items {
                switch item {
                case .plain(let end, let isFolder):
                    let path = UnsafeRawBufferPointer(rebasing: bytes[start..<end])
                    start = end
                    try body(.plain(path, isFolder: isFolder))
                case .entry(let entry): try body(.entry(entry))
                }
            }
        }
    }
}
