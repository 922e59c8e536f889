/// Exactly what may be stored after an answer was checked.
public struct VerifiedProof: Hashable, Sendable {
    /// A block that belongs to the feed.
    public struct Block: Hashable, Sendable {
        /// The block's number.
        public var index: UInt64
        /// Its leaf, which is also among the nodes.
        public var leaf: Node
    }

    /// The head that the feed has after the answer.
    public struct Upgrade: Hashable, Sendable {
        /// The fork.
        public var fork: UInt64
        /// The new roots.
        public var roots: TreeRoots
        /// The new head.
        public var head: TreeHead
        /// The signature field, to be stored and sent as it is.
        public var signature: [UInt8]
    }

    init() {}

    /// All nodes given and computed, in the order of computation; a node may come twice.
    public var nodes: [Node] = []
    /// Nodes of the list whose size is bound by a sum alone.
    ///
    /// They must not replace a stored node and not decide byte offsets; any other node of the list
    /// replaces what is stored under its number.
    public var unprovenSizes: [TreeIndex] = []
    /// The block of the answer, whose bytes are in the answer.
    public var block: Block?
    /// The new head, if the tree grew.
    public var upgrade: Upgrade?
    /// The manifest, if it was not known before and the feed is not in compat mode.
    public var manifest: Manifest?
}

/// The outcome of checking an answer.
public enum ProofVerdict: Hashable, Sendable {
    /// Everything in the answer holds.
    case valid(VerifiedProof)
    /// Nothing of the answer may be used.
    case invalid(ProofError)
}
