public import Cryptography

/// What happens in a drive.
public enum DriveEvent: Sendable, Hashable {
    /// An archive is known: once for each, the own one first, when the drive is opened or learns
    /// of it.
    case archive(FeedKey)
    /// A block went to a peer.
    case upload(BlockEvent)
    /// A block came from a peer and was proven.
    case download(BlockEvent)
}

/// A block that moved.
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
    /// The number of the block.
    public let block: UInt64
    /// The bytes of the block.
    public let byteCount: Int

    /// Makes an event.
    public init(link: FeedKey, part: Part, block: UInt64, byteCount: Int) {
        self.link = link
        self.part = part
        self.block = block
        self.byteCount = byteCount
    }
}
