public import Cryptography
public import Merkle

/// Where a feed stands: what its writer signed, and how much of it is held without a gap.
public struct FeedHead: Sendable, Hashable {
    /// Counts the truncations of the feed; a higher one replaces a lower one.
    public var fork: UInt64
    /// The number of blocks.
    public var length: UInt64
    /// The bytes of all blocks as they are stored, padding of encrypted ones included.
    public var byteLength: UInt64
    /// The number of blocks held from the first on without a gap.
    public var contiguousLength: UInt64
    /// The hash over the roots.
    public var treeHash: Digest

    /// The head of a feed of which nothing is known but its key.
    public static let empty = FeedHead(
        fork: 0, length: 0, byteLength: 0, contiguousLength: 0, treeHash: .emptyTree)

    /// Whether every block of the feed is held.
    public var isComplete: Bool { contiguousLength == length }

    /// The part that is signed, and the bytes.
    public var treeHead: TreeHead {
        TreeHead(fork: fork, length: length, byteLength: byteLength, treeHash: treeHash)
    }
}
