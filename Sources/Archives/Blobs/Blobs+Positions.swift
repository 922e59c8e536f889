public import Feeds
import Merkle

extension Blobs {
    /// The bytes that blocks of the feed have in all, `nil` if the tree is not known well enough.
    func knownByteLength(
        of blocks: Range<UInt64>, in snapshot: borrowing StoreSnapshot
    ) throws -> UInt64? {
        guard let start = try snapshot.byteOffset(ofBlock: blocks.lowerBound, of: feed),
            let end = try snapshot.byteOffset(ofBlock: blocks.upperBound, of: feed)
        else { return nil }
        return end >= start ? end - start : nil
    }

    /// The block of a blob that holds a byte, and how many bytes of the block come before it.
    ///
    /// Where the tree is not known well enough, the error names a block that will tell more.
    func find(
        _ byte: UInt64, of blob: Blob, in blocks: Range<UInt64>,
        of snapshot: borrowing StoreSnapshot
    ) throws -> (block: UInt64, offset: UInt64) {
        guard let start = try snapshot.byteOffset(ofBlock: blocks.lowerBound, of: feed) else {
            throw ArchiveError.missing(blocks.lowerBound, of: feed.key)
        }
        let (position, overflow) = start.addingReportingOverflow(byte)
        guard !overflow else { throw malformed("its end is out of range") }
        switch try snapshot.position(ofByte: position, of: feed) {
        case .found(let block, let offset):
            guard blocks.contains(block) else {
                throw malformed("it is not of the size that its id says")
            }
            return (block, offset)
        case .below(let node, _):
            // Most blobs have blocks of one size, so this is likely to be the right one.
            let likely = blocks.lowerBound + byte / UInt64(ArchiveLimits.contentBlockByteCount)
            let below = node.firstBlock...node.lastBlock
            throw ArchiveError.missing(
                min(max(likely, below.lowerBound), below.upperBound), of: feed.key)
        case .beyondEnd:
            throw malformed("it is not of the size that its id says")
        }
    }

    /// The content blocks of a blob that are not held here, as ranges in the order of reading.
    ///
    /// Blocks beyond the feed's known end count as not held. For a block map the map must be held.
    public func missingBlocks(
        of blob: Blob, in snapshot: borrowing StoreSnapshot
    ) throws -> [Range<UInt64>] {
        guard let blocks = blob.blocks, blocks.upperBound <= ArchiveLimits.maximumSafeInteger
        else { throw malformed("its end is out of range") }
        var missing: [Range<UInt64>] = []
        var start = blocks.lowerBound
        for held in try snapshot.heldRanges(in: blocks, of: feed) {
            if start < held.lowerBound { missing.append(start..<held.lowerBound) }
            start = held.upperBound
        }
        if start < blocks.upperBound { missing.append(start..<blocks.upperBound) }
        guard blob.isBlockMap, missing.isEmpty else { return missing }
        for entry in try map(of: blob, in: snapshot).entries
        where try !snapshot.contains(blockAt: entry.index, of: feed) {
            if let last = missing.last, last.upperBound == entry.index {
                missing[missing.count - 1] = last.lowerBound..<entry.index + 1
            } else {
                missing.append(entry.index..<entry.index + 1)
            }
        }
        return missing
    }
}
