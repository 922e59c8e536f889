public import Feeds

/// The blocks that reading a blob, or bytes of it, needs.
public struct BlobExtent: Sendable, Hashable {
    /// The blocks, as ranges in the order of reading.
    public var ranges: [Range<UInt64>]
    /// False if these blocks are needed to tell which others are.
    public var isFinal: Bool
}

extension Blobs {
    /// The blocks that reading a blob, or bytes of it, needs, held or not.
    ///
    /// - Throws: `ArchiveError.malformedBlob` if the id or the map contradicts itself.
    public func extent(
        of blob: Blob, _ range: BlobRange = .all, in snapshot: borrowing StoreSnapshot
    ) throws -> BlobExtent {
        guard let blocks = blob.blocks, blocks.upperBound <= ArchiveLimits.maximumSafeInteger
        else { throw malformed("its end is out of range") }
        guard !blob.isBlockMap else { return try mapExtent(of: blob, range, blocks, in: snapshot) }
        let bytes = range.clamped(to: blob.byteLength)
        guard !bytes.isEmpty, !blocks.isEmpty else { return BlobExtent(ranges: [], isFinal: true) }
        if bytes == 0..<blob.byteLength { return BlobExtent(ranges: [blocks], isFinal: true) }
        do {
            let first = try find(bytes.lowerBound, of: blob, in: blocks, of: snapshot).block
            let last = try find(bytes.upperBound - 1, of: blob, in: blocks, of: snapshot).block
            guard first <= last else { throw malformed("it is not of the size that its id says") }
            return BlobExtent(ranges: [first..<last + 1], isFinal: true)
        } catch let error as ArchiveError where error.code == .blockNotAvailable {
            guard let block = error.block?.index else { throw error }
            return BlobExtent(ranges: [block..<block + 1], isFinal: false)
        }
    }

    private func mapExtent(
        of blob: Blob, _ range: BlobRange, _ blocks: Range<UInt64>,
        in snapshot: borrowing StoreSnapshot
    ) throws -> BlobExtent {
        guard blob.blockLength <= ArchiveLimits.maximumMapBlocks else {
            throw malformed("its block map is too large")
        }
        let areHeld = try snapshot.firstMissing(in: blocks, of: feed) == blocks.upperBound
        guard areHeld else { return BlobExtent(ranges: [blocks], isFinal: false) }
        let map = try map(of: blob, in: snapshot)
        let bytes = range.clamped(to: map.byteLength)
        var ranges = blocks.isEmpty ? [] : [blocks]
        var start: UInt64 = 0
        for entry in map.entries {
            let end = start + entry.byteLength
            defer { start = end }
            guard start < bytes.upperBound, end > bytes.lowerBound else { continue }
            guard entry.index < ArchiveLimits.maximumSafeInteger else {
                throw malformed("its end is out of range")
            }
            if let last = ranges.last, last.upperBound == entry.index {
                ranges[ranges.count - 1] = last.lowerBound..<entry.index + 1
            } else {
                ranges.append(entry.index..<entry.index + 1)
            }
        }
        return BlobExtent(ranges: ranges, isFinal: true)
    }
}

extension BlobReader {
    /// The next blocks that will be read, as ranges in the order of reading.
    public func upcomingBlocks(atMost limit: Int) -> [Range<UInt64>] {
        guard remainingByteCount > 0 else { return [] }
        switch blocks {
        case .run(let blocks):
            let end = min(blocks.upperBound - blocks.lowerBound, UInt64(limit))
            return [blocks.lowerBound..<blocks.lowerBound + end]
        case .listed(let entries):
            return entries.prefix(limit).map { $0.index..<$0.index + 1 }
        }
    }
}
