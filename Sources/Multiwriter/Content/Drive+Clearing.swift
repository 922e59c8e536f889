import Archives
import Feeds

/// What was freed of the drive's content.
public struct ClearingReport: Sendable, Hashable {
    /// Files of which something was freed.
    public internal(set) var fileCount = 0
    /// Blocks that were freed.
    public internal(set) var blockCount: UInt64 = 0
    /// The bytes of these blocks.
    public internal(set) var byteCount: UInt64 = 0
    /// Files of the own archive that were left alone, by name; the first ones.
    public internal(set) var keptNames: [String] = []
    /// How many files of the own archive were left alone.
    public internal(set) var keptCount = 0
}

extension Drive {
    /// Frees the local blocks of the contents at a path and below it, on the calling thread.
    ///
    /// Connected peers are told. Blocks that the current entry of another path needs as well stay,
    /// and nobody waits any more for what is freed. The own archive's content may be nowhere else,
    /// and is left alone unless that is asked for. At the root the contents of former versions go
    /// as well.
    ///
    /// - Throws: `DriveError` with `unknownName` if no archive has anything there.
    public func clearNow(
        _ path: String, includingOwn isOwnIncluded: Bool = false
    ) throws -> ClearingReport {
        let path = try DrivePath(folder: path)
        var report = ClearingReport()
        var hasFound = path.isRoot
        for link in try readNow({ try links(in: $0) }) {
            let archive: Archive? = try readNow { snapshot in
                // An archive that cannot be read shows no content.
                try? self.archive(for: link, in: snapshot)
            }
            guard let content = archive?.content else { continue }
            var choice = ClearingChoice(path: path, content: content)
            try forEachEntry(of: link) { entry in
                try readNow { snapshot in try choice.note(entry, in: snapshot) }
            }
            hasFound = hasFound || choice.hasFound
            if link == self.link, !isOwnIncluded {
                report.keep(choice.heldNames)
            } else {
                report.fileCount += choice.heldNames.count
                let length = try readNow { try $0.head(of: content.feed).length }
                try clear(choice.blocks(ofLength: length), of: content.feed, &report)
            }
        }
        guard hasFound else {
            throw DriveError(.unknownName, "nothing stands at '\(path.name)'")
        }
        return report
    }

    private func clear(
        _ blocks: BlockRanges, of feed: Feed, _ report: inout ClearingReport
    ) throws {
        let wants = blocks.ranges.map { Want(feed: feed.key, blocks: $0) }
        let held = try readNow { snapshot in
            try blocks.ranges.flatMap { try snapshot.heldRanges(in: $0, of: feed) }
        }
        if try !readNow({ try wanted(of: feed.key, in: $0) }).isEmpty {
            try writeNow { try unwant(wants, in: $0) }
        }
        for range in held {
            var start = range.lowerBound
            while start < range.upperBound {
                let end = min(range.upperBound, start + DriveLimits.clearingBlockCount)
                let (blockCount, byteCount) = try writeNow { transaction in
                    var (blockCount, byteCount) = (UInt64(0), UInt64(0))
                    try transaction.snapshot.forEachBlock(in: start..<end, of: feed) { _, block in
                        blockCount += 1
                        byteCount += UInt64(block.count)
                        return .next
                    }
                    try transaction.clear(start..<end, of: feed)
                    return (blockCount, byteCount)
                }
                report.blockCount += blockCount
                report.byteCount += byteCount
                start = end
            }
        }
    }
}

extension ClearingReport {
    fileprivate mutating func keep(_ names: [String]) {
        keptCount += names.count
        keptNames += names.prefix(max(0, DriveLimits.maximumProblemCount - keptNames.count))
    }
}

/// Which blocks of one archive's content go, and which another path needs.
private struct ClearingChoice {
    let path: DrivePath
    let content: Blobs
    private var chosen: [Range<UInt64>] = []
    private var needed: [Range<UInt64>] = []
    /// The names of the files at the path and below it of which something is held.
    private(set) var heldNames: [String] = []
    private(set) var hasFound = false

    init(path: DrivePath, content: Blobs) {
        self.path = path
        self.content = content
    }

    mutating func note(_ entry: ViewEntry, in snapshot: borrowing StoreSnapshot) throws {
        let isChosen = path == entry.path || path.contains(entry.path)
        hasFound = hasFound || isChosen
        guard let blob = entry.shown?.blob, blob.byteLength > 0,
            // What cannot be is not held either.
            let extent = try? content.extent(of: blob, in: snapshot)
        else { return }
        guard isChosen else {
            needed += extent.ranges
            return
        }
        chosen += extent.ranges
        let blocks = BlockRanges(extent.ranges)
        if try snapshot.missing(blocks, of: content.feed) != blocks {
            heldNames.append(entry.name)
        }
    }

    func blocks(ofLength length: UInt64) -> BlockRanges {
        if path.isRoot { return length > 0 ? BlockRanges([0..<length]) : BlockRanges() }
        return BlockRanges(chosen).subtracting(BlockRanges(needed))
    }
}
