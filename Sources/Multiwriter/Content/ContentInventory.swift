import Archives
import Cryptography
public import Feeds

/// How much of the content of an entry is here.
public struct ContentPresence: Sendable, Hashable {
    /// The blocks that reading it needs, as far as is known.
    public internal(set) var blockCount: UInt64 = 0
    /// The number of these that are not here.
    public internal(set) var missingCount: UInt64 = 0

    /// True if it can be read to its end.
    public var isWhole: Bool { missingCount == 0 }
}

/// Looks up what is here of the contents of many entries.
public struct ContentInventory: Sendable {
    /// What reading a version needs.
    struct Need {
        /// `nil` while the key of the content feed is not known.
        var feed: Feed?
        /// The blocks, as far as is known.
        var blocks = BlockRanges()
        /// False if more will be known once these blocks are here.
        var isFinal = true
    }

    private let drive: Drive
    private var contents: [FeedKey: Blobs] = [:]

    /// Looks up what a drive holds.
    public init(of drive: Drive) { self.drive = drive }

    /// How much of the content of a version is here.
    ///
    /// - Throws: `DriveError` with `damaged` if its writer claims content that cannot be.
    public mutating func presence(
        of version: Version, in snapshot: borrowing StoreSnapshot
    ) throws -> ContentPresence {
        let need = try need(of: version, in: snapshot)
        var presence = ContentPresence(blockCount: need.blocks.count)
        presence.missingCount = try missing(need, in: snapshot).count
        if !need.isFinal, presence.isWhole {
            presence.blockCount += 1
            presence.missingCount = 1
        }
        return presence
    }

    /// The blocks that reading bytes of a version needs.
    mutating func need(
        of version: Version, _ range: BlobRange = .all, in snapshot: borrowing StoreSnapshot
    ) throws -> Need {
        guard let blob = version.blob, blob.byteLength > 0 else { return Need() }
        return try DriveError.wrapping {
            guard let content = try content(of: version.link, in: snapshot) else {
                guard let blocks = blob.blocks, blocks.upperBound <= DriveLimits.maximumPosition
                else {
                    throw DriveError(
                        .damaged, "'\(version.name)' claims content that cannot be")
                }
                return Need(blocks: BlockRanges([blocks]), isFinal: false)
            }
            let extent = try content.extent(of: blob, range, in: snapshot)
            return Need(
                feed: content.feed, blocks: BlockRanges(extent.ranges), isFinal: extent.isFinal)
        }
    }

    /// The blocks of a need that are not here.
    func missing(_ need: Need, in snapshot: borrowing StoreSnapshot) throws -> BlockRanges {
        guard let feed = need.feed else { return need.blocks }
        return try snapshot.missing(need.blocks, of: feed)
    }

    private mutating func content(
        of link: FeedKey, in snapshot: borrowing StoreSnapshot
    ) throws -> Blobs? {
        if let known = contents[link] { return known }
        let content = try drive.archive(for: link, in: snapshot)?.content
        contents[link] = content
        return content
    }
}

extension StoreSnapshot {
    /// Those of some blocks that are not held.
    func missing(_ blocks: BlockRanges, of feed: Feed) throws -> BlockRanges {
        var missing: [Range<UInt64>] = []
        for range in blocks.ranges {
            var start = range.lowerBound
            for held in try heldRanges(in: range, of: feed) {
                if start < held.lowerBound { missing.append(start..<held.lowerBound) }
                start = held.upperBound
            }
            if start < range.upperBound { missing.append(start..<range.upperBound) }
        }
        return BlockRanges(missing)
    }
}
