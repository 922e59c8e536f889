public import Cryptography

/// The state of a feed that its writer signs: fork, length and tree hash, with the bytes it holds.
public struct TreeHead: Hashable, Sendable {
    /// Counts the truncations of the feed.
    public var fork: UInt64
    /// The number of blocks.
    public var length: UInt64
    /// The bytes of all blocks.
    public var byteLength: UInt64
    /// The hash over the roots.
    public var treeHash: Digest

    /// Makes a head from its parts.
    public init(fork: UInt64, length: UInt64, byteLength: UInt64, treeHash: Digest) {
        self.fork = fork
        self.length = length
        self.byteLength = byteLength
        self.treeHash = treeHash
    }

    /// The head of a feed without blocks.
    public static let empty = TreeHead(fork: 0, length: 0, byteLength: 0, treeHash: .emptyTree)
}

extension Digest {
    /// The hash of a tree without roots.
    public static let emptyTree = TreeRoots().treeHash
}
