public import Cryptography

/// What happens in a drive.
public enum DriveEvent: Sendable, Hashable {
    /// An archive is known: once for each, the own one first, when the drive is opened or learns
    /// of it.
    case archive(FeedKey)
    /// A block, or a row of blocks at once, went to a peer.
    case upload(BlockEvent)
    /// A block, or a row of blocks at once, came from a peer and was proven.
    case download(BlockEvent)
}

/// A block that moved, or blocks that moved together.
public struct BlockEvent: Sendable, Hashable {
    /// The two feeds of an archive.
    public enum Part: Sendable, Hashable {
        /// The feed with the entries.
        case index
        /// The feed with the bytes.
        case content
    }

    /// The archive.
    public let link: FeedKey
    /// The feed of the archive.
    public let part: Part
    /// The number of the block, or of the first one.
    public let block: UInt64
    /// How many blocks in a row moved together.
    public let blockCount: Int
    /// The bytes of the blocks.
    public let byteCount: Int

    /// Makes an event.
    public init(
        link: FeedKey, part: Part, block: UInt64, blockCount: Int = 1, byteCount: Int
    ) {
        self.link = link
        self.part = part
        self.block = block
        self.blockCount = blockCount
        self.byteCount = byteCount
    }
}
