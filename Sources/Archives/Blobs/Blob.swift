/// Names a piece of a content feed: which blocks and bytes of the feed it is.
///
/// With a block map these are the blocks of the map, which in turn lists the blocks of the content.
/// An id comes out of somebody's index: nothing in it may be believed before it is checked.
public struct Blob: Hashable, Sendable {
    /// The first block.
    public var blockOffset: UInt64
    /// The number of blocks.
    public var blockLength: UInt64
    /// The bytes of the feed in front of the blob.
    public var byteOffset: UInt64
    /// The number of bytes; with a block map, those of the map.
    public var byteLength: UInt64
    /// Whether the blocks hold a map of the content and not the content.
    public var isBlockMap: Bool

    /// Creates an id.
    public init(
        blockOffset: UInt64, blockLength: UInt64, byteOffset: UInt64, byteLength: UInt64,
        isBlockMap: Bool = false
    ) {
        self.blockOffset = blockOffset
        self.blockLength = blockLength
        self.byteOffset = byteOffset
        self.byteLength = byteLength
        self.isBlockMap = isBlockMap
    }

    /// The blocks, `nil` if their end is beyond what numbers can hold.
    package var blocks: Range<UInt64>? {
        let (end, isTooLarge) = blockOffset.addingReportingOverflow(blockLength)
        return isTooLarge ? nil : blockOffset..<end
    }
}

/// The order of the members of a blob id in JSON, which differs between writers.
public enum BlobMemberOrder: Sendable {
    /// `blockOffset` first, as Hyperblobs 2.12 and this project write it.
    case blockOffsetFirst
    /// `byteOffset` first, as Hyperblobs 2.8 writes it.
    case byteOffsetFirst
}

/// Bytes of a blob, counted from its beginning.
public struct BlobRange: Sendable, Hashable {
    /// The first byte.
    public var start: UInt64
    /// The byte after the last one, `nil` for the end of the blob.
    public var end: UInt64?

    /// The whole blob.
    public static let all = BlobRange(from: 0)

    /// Creates a range that begins at a byte and has a length, or goes to the end.
    public init(from start: UInt64, length: UInt64? = nil) {
        self.start = start
        end = length.map { start.addingReportingOverflow($0) }.map { $0.overflow ? .max : $0.0 }
    }

    /// Creates a range that ends with a byte.
    public init(from start: UInt64 = 0, through last: UInt64) {
        self.start = start
        end = last == .max ? .max : max(start, last + 1)
    }

    /// The part of the range that lies in a blob of this length.
    func clamped(to byteLength: UInt64) -> Range<UInt64> {
        let start = min(start, byteLength)
        return start..<max(start, min(end ?? byteLength, byteLength))
    }
}

/// A blob that was just written, and what its content hashes to.
public struct WrittenBlob: Sendable, Hashable {
    /// The id.
    public let blob: Blob
    /// The number of bytes of the content.
    public let byteLength: UInt64
    /// What the content hashes to.
    public let contentHash: ContentHash

    /// Puts the parts together.
    public init(blob: Blob, byteLength: UInt64, contentHash: ContentHash) {
        self.blob = blob
        self.byteLength = byteLength
        self.contentHash = contentHash
    }
}
