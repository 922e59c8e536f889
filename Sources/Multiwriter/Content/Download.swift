import Archives
public import Cryptography
import Feeds

/// How far a download has come.
public struct DownloadProgress: Sendable, Hashable {
    /// Files that have content.
    public internal(set) var fileCount = 0
    /// The bytes of their contents, as far as is known.
    public internal(set) var byteLength: UInt64 = 0
    /// The blocks of their contents, as far as is known.
    public internal(set) var blockCount: UInt64 = 0
    /// The number of these blocks that are not here yet.
    public internal(set) var missingCount: UInt64 = 0

    /// True if everything is here.
    public internal(set) var isComplete = false

    /// Nothing yet.
    public init() {}

    /// Counts another download as well.
    public mutating func add(_ other: DownloadProgress) {
        fileCount += other.fileCount
        byteLength &+= other.byteLength
        blockCount += other.blockCount
        missingCount += other.missingCount
        isComplete = isComplete && other.isComplete
    }
}

/// A file whose content, or a part of it, is not here.
public struct MissingContent: Sendable, Hashable {
    /// The file's name.
    public let name: String
    /// The archive that has it.
    public let link: FeedKey
    /// How much of it is here.
    public let presence: ContentPresence
}

/// What a download has brought.
public struct DownloadReport: Sendable {
    /// How far it came.
    public internal(set) var progress = DownloadProgress()
    /// Files of which something is missing; the first ones by name.
    public internal(set) var missing: [MissingContent] = []
    /// How many files something is missing of.
    public internal(set) var missingFileCount = 0
    /// Files whose writers claim content that cannot be.
    public internal(set) var problems: [FolderProblem] = []
}

/// Versions whose contents are waited for, and what is known of their blocks.
struct Download: Sendable {
    private let drive: Drive
    private let versions: [(version: Version, range: BlobRange)]
    private var inventory: ContentInventory
    /// Versions of which it is not known yet which blocks they need.
    private var open: [Int]
    private var needed: [Feed: BlockRanges] = [:]
    private(set) var progress = DownloadProgress()
    private(set) var problems: [FolderProblem] = []

    init(_ drive: Drive, _ versions: [(version: Version, range: BlobRange)]) {
        self.drive = drive
        self.versions = versions.filter { ($0.version.blob?.byteLength ?? 0) > 0 }
        inventory = ContentInventory(of: drive)
        open = Array(self.versions.indices)
        progress.fileCount = self.versions.count
        progress.byteLength = self.versions.reduce(0) { $0 &+ $1.version.byteLength }
    }

    /// Looks what is missing, and returns what is not asked for yet.
    mutating func look(in snapshot: borrowing StoreSnapshot) throws -> [Want] {
        var found: [Feed: [Range<UInt64>]] = [:]
        var asked: [Feed: [Range<UInt64>]] = [:]
        var unknownCount: UInt64 = 0
        var left: [Int] = []
        for index in open {
            let (version, range) = versions[index]
            do {
                let need = try inventory.need(of: version, range, in: snapshot)
                guard let feed = need.feed else {
                    unknownCount += max(1, need.blocks.count)
                    left.append(index)
                    continue
                }
                if need.isFinal {
                    found[feed, default: []] += need.blocks.ranges
                } else {
                    asked[feed, default: []] += need.blocks.ranges
                    left.append(index)
                }
            } catch let error as DriveError where error.code == .damaged {
                problems.append(
                    FolderProblem(path: version.name, code: error.code, message: "\(error)"))
            }
        }
        open = left
        for (feed, ranges) in found {
            needed[feed] = (needed[feed] ?? BlockRanges()).union(BlockRanges(ranges))
        }
        return try count(asked, unknownCount, in: snapshot)
    }

    private mutating func count(
        _ asked: [Feed: [Range<UInt64>]], _ unknownCount: UInt64,
        in snapshot: borrowing StoreSnapshot
    ) throws -> [Want] {
        progress.blockCount = unknownCount
        progress.missingCount = unknownCount
        var wants: [Want] = []
        for feed in Set(needed.keys).union(asked.keys) {
            let known = needed[feed] ?? BlockRanges()
            let blocks = asked[feed].map { known.union(BlockRanges($0)) } ?? known
            let missing = try snapshot.missing(blocks, of: feed)
            progress.blockCount += blocks.count
            progress.missingCount += missing.count
            let wanted = try drive.wanted(of: feed.key, in: snapshot)
            wants += missing.subtracting(wanted).ranges.map { Want(feed: feed.key, blocks: $0) }
        }
        progress.isComplete = open.isEmpty && progress.missingCount == 0
        return wants
    }

    /// The files of which something is missing.
    mutating func report(in snapshot: borrowing StoreSnapshot) throws -> DownloadReport {
        var report = DownloadReport(progress: progress, problems: problems)
        guard !progress.isComplete else { return report }
        for (version, range) in versions {
            guard let need = try? inventory.need(of: version, range, in: snapshot) else { continue }
            let missing = try inventory.missing(need, in: snapshot)
            guard !missing.isEmpty || !need.isFinal else { continue }
            report.missingFileCount += 1
            guard report.missing.count < DriveLimits.maximumProblemCount else { continue }
            report.missing.append(
                MissingContent(
                    name: version.name, link: version.link,
                    presence: ContentPresence(
                        blockCount: need.blocks.count, missingCount: missing.count)))
        }
        return report
    }
}
