public import Feeds

/// Reads a blob piece by piece, a piece for each block, the first and the last one trimmed.
///
/// It holds no transaction: any later snapshot can be handed to `next`. When a block is missing,
/// `next` throws and can be called again once the block has arrived.
public struct BlobReader: Sendable {
    enum Blocks: Sendable {
        /// A run of the feed; with how many bytes it has in all is for the feed to say.
        case run(Range<UInt64>)
        /// Entries of a block map, each with the size that the block must have.
        case listed(ArraySlice<BlockMap.Entry>)
    }

    private let blobs: Blobs
    private(set) var blocks: Blocks
    /// Bytes to leave out at the front of the next block.
    private var skipped: UInt64
    /// The bytes that are still to come.
    public private(set) var remainingByteCount: UInt64

    init(blobs: Blobs, blocks: Blocks, skipped: UInt64, remaining: UInt64) {
        self.blobs = blobs
        self.blocks = blocks
        self.skipped = skipped
        remainingByteCount = remaining
    }

    /// The block that the next piece comes from, `nil` at the end.
    public var nextBlock: UInt64? {
        guard remainingByteCount > 0 else { return nil }
        return switch blocks {
        case .run(let blocks): blocks.first
        case .listed(let entries): entries.first?.index
        }
    }

    /// The next piece, `nil` at the end.
    public mutating func next(in snapshot: borrowing StoreSnapshot) throws -> [UInt8]? {
        try withNext(in: snapshot) { Array($0) }
    }

    /// Lends the next piece where it is stored, `nil` at the end.
    public mutating func withNext<Result>(
        in snapshot: borrowing StoreSnapshot, _ body: (UnsafeRawBufferPointer) throws -> Result
    ) throws -> Result? {
        guard remainingByteCount > 0 else { return nil }
        guard let index = nextBlock else { throw blobs.malformed("it ends too early") }
        let (skipped, remaining) = (skipped, remainingByteCount)
        let (result, count) = try snapshot.withBlock(at: index, of: blobs.feed) { bytes in
            guard let bytes else { throw ArchiveError.missing(index, of: blobs.feed.key) }
            if case .listed(let entries) = blocks, let entry = entries.first,
                entry.byteLength != UInt64(bytes.count)
            {
                throw blobs.malformed("block \(index) is not of the size that its map says")
            }
            guard skipped <= UInt64(bytes.count) else {
                throw blobs.malformed("block \(index) is too short")
            }
            let piece = bytes[Int(skipped)...].prefix(Int(clamping: remaining))
            return (try body(UnsafeRawBufferPointer(rebasing: piece)), UInt64(piece.count))
        }
        remainingByteCount -= count
        self.skipped = 0
        switch blocks {
        case .run(let blocks): self.blocks = .run(index + 1..<blocks.upperBound)
        case .listed(let entries): blocks = .listed(entries.dropFirst())
        }
        return result
    }
}

extension Blobs {
    /// Begins to read a blob, or bytes of it; a range beyond the blob is cut off at its end.
    public func reader(
        for blob: Blob, _ range: BlobRange = .all, in snapshot: borrowing StoreSnapshot
    ) throws -> BlobReader {
        guard blob.isBlockMap else { return try runReader(for: blob, range, in: snapshot) }
        let map = try map(of: blob, in: snapshot)
        let bytes = range.clamped(to: map.byteLength)
        var entries = map.entries[...]
        var skipped = bytes.lowerBound
        while let entry = entries.first, skipped >= entry.byteLength {
            skipped -= entry.byteLength
            entries.removeFirst()
        }
        return BlobReader(
            blobs: self, blocks: .listed(entries), skipped: skipped,
            remaining: bytes.upperBound - bytes.lowerBound)
    }

    private func runReader(
        for blob: Blob, _ range: BlobRange, in snapshot: borrowing StoreSnapshot
    ) throws -> BlobReader {
        let bytes = range.clamped(to: blob.byteLength)
        let remaining = bytes.upperBound - bytes.lowerBound
        guard remaining > 0 else {
            return BlobReader(blobs: self, blocks: .run(0..<0), skipped: 0, remaining: 0)
        }
        let blocks = try storedBlocks(of: blob, in: snapshot)
        let size = try knownByteLength(of: blocks, in: snapshot)
        guard size == nil || size == blob.byteLength else {
            throw malformed("it is not of the size that its id says")
        }
        guard bytes.lowerBound > 0 else {
            return BlobReader(blobs: self, blocks: .run(blocks), skipped: 0, remaining: remaining)
        }
        let (first, skipped) = try find(
            bytes.lowerBound, of: blob, in: blocks, of: snapshot)
        return BlobReader(
            blobs: self, blocks: .run(first..<blocks.upperBound), skipped: skipped,
            remaining: remaining)
    }
}
