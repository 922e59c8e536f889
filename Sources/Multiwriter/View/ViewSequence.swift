import Archives
import Cryptography
import Feeds

/// A listing of the merged view in pages, each from a snapshot of its own, all in the versions with
/// which it began.
struct ViewPages: Sendable {
    private let drive: Drive
    private let folder: DrivePath
    private let link: FeedKey?
    private let options: ViewOptions
    private var walk: ViewWalk?
    private var isAtEnd = false
    private(set) var problems: [ViewProblem] = []
    /// Blocks that were missing so far.
    private(set) var lacks: [IndexLack] = []

    init(of drive: Drive, in folder: String, of link: FeedKey?, options: ViewOptions) throws {
        self.drive = drive
        self.folder = try DrivePath(folder: folder)
        self.link = link
        self.options = options
    }

    /// The next page, which has at least one entry; `nil` at the end.
    mutating func next(in snapshot: borrowing StoreSnapshot) throws -> [ViewEntry]? {
        guard !isAtEnd else { return nil }
        var walk = try walk ?? begin(in: snapshot)
        var page: [ViewEntry] = []
        page.reserveCapacity(DriveLimits.pageCount)
        while page.count < DriveLimits.pageCount {
            guard let entry = walk.next(in: snapshot) else {
                isAtEnd = true
                break
            }
            page.append(entry)
        }
        problems = walk.problems
        lacks = walk.lacks
        self.walk = walk
        return page.isEmpty ? nil : page
    }

    private func begin(in snapshot: borrowing StoreSnapshot) throws -> ViewWalk {
        let links: [FeedKey]
        if let link {
            _ = try drive.requireIndex(of: link, in: snapshot)
            links = [link]
        } else {
            links = try drive.links(in: snapshot)
        }
        return ViewWalk(
            try drive.sources(links, in: snapshot), below: folder, options: options,
            of: snapshot)
    }
}

/// The merged view of a folder as a sequence that fetches its entries in pages.
public struct ViewSequence: AsyncSequence, Sendable {
    let drive: Drive
    let pages: ViewPages
    let timeout: Duration

    /// Goes through the entries once.
    public struct AsyncIterator: AsyncIteratorProtocol {
        let drive: Drive
        var pages: ViewPages
        let timeout: Duration
        var page: [ViewEntry] = []
        var position = 0

        /// What could not be shown so far.
        public var problems: [ViewProblem] { pages.problems }

        /// The next entry, `nil` at the end.
        public mutating func next() async throws -> ViewEntry? {
            if position == page.count {
                let before = pages
                // What was given up once is not waited for again.
                let (after, page) = try await drive.whole(timeout) { snapshot in
                    var pages = before
                    let page = try pages.next(in: snapshot)
                    return ((pages, page), pages.lacks.filter { !before.lacks.contains($0) })
                }
                pages = after
                guard let page else { return nil }
                self.page = page
                position = 0
            }
            defer { position += 1 }
            return page[position]
        }
    }

    /// Begins to go through the entries.
    public func makeAsyncIterator() -> AsyncIterator {
        AsyncIterator(drive: drive, pages: pages, timeout: timeout)
    }
}
