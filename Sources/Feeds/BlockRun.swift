public import Merkle

/// All blocks below one node of a feed's tree, as a peer sent them: back to back.
public struct BlockRun {
    /// The fork that they are of.
    public var fork: UInt64
    /// The node below which they are.
    public var index: TreeIndex
    /// The siblings on the way from the node up to one that is stored here.
    public var siblings: [Node]
    /// The bytes of each block; there are as many as blocks below the node.
    public var lengths: [UInt32]
    /// The blocks; there are as many bytes as the lengths sum to.
    public var bytes: UnsafeRawBufferPointer

    /// Makes a run from its parts.
    public init(
        fork: UInt64, index: TreeIndex, siblings: [Node], lengths: [UInt32],
        bytes: UnsafeRawBufferPointer
    ) {
        self.fork = fork
        self.index = index
        self.siblings = siblings
        self.lengths = lengths
        self.bytes = bytes
    }

    /// The numbers of the blocks.
    public var blocks: Range<UInt64> { index.blocks }
}

/// What became of a run that was applied to a feed.
public enum RunOutcome: Sendable, Hashable {
    /// All blocks hold and are stored; so many of them were not held before.
    case applied(newBlockCount: Int)
    /// Nothing of the run is stored.
    case rejected(ProofError)
}
