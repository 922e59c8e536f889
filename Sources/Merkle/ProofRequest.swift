/// What a peer asks to have proven; every part may be absent.
///
/// See docs/formats/merkle.md#what-can-be-asked.
public struct ProofRequest: Hashable, Sendable {
    /// Asks for a block and the siblings above its leaf.
    public struct Block: Hashable, Sendable {
        /// The block's number.
        public var index: UInt64
        /// The steps from the leaf up to the first node that the asker trusts.
        public var nodes: UInt64

        /// Makes the part.
        public init(index: UInt64, nodes: UInt64) {
            self.index = index
            self.nodes = nodes
        }
    }

    /// Asks for a node and the siblings above it.
    public struct Hash: Hashable, Sendable {
        /// The node.
        public var index: TreeIndex
        /// The steps from the node up to the first node that the asker trusts.
        public var nodes: UInt64

        /// Makes the part.
        public init(index: TreeIndex, nodes: UInt64) {
            self.index = index
            self.nodes = nodes
        }
    }

    /// Asks for the nodes on the way to a byte.
    public struct Seek: Hashable, Sendable {
        /// The byte's offset in the feed, without the padding of the blocks before it.
        public var bytes: UInt64
        /// The bytes of every block that do not count.
        public var padding: UInt64

        /// Makes the part.
        public init(bytes: UInt64, padding: UInt64 = 0) {
            self.bytes = bytes
            self.padding = padding
        }
    }

    /// Asks for proof that a tree grows, with a signature.
    public struct Upgrade: Hashable, Sendable {
        /// The length that the asker has.
        public var start: UInt64
        /// The number of blocks to grow by.
        public var length: UInt64

        /// Makes the part.
        public init(start: UInt64, length: UInt64) {
            self.start = start
            self.length = length
        }
    }

    /// The fork that the answer must be of.
    public var fork: UInt64
    /// A block.
    public var block: Block?
    /// A node.
    public var hash: Hash?
    /// The way to a byte.
    public var seek: Seek?
    /// The growth of the tree.
    public var upgrade: Upgrade?
    /// Whether the manifest is asked for.
    public var manifest: Bool

    /// Makes a request from its parts.
    public init(
        fork: UInt64 = 0, block: Block? = nil, hash: Hash? = nil, seek: Seek? = nil,
        upgrade: Upgrade? = nil, manifest: Bool = false
    ) {
        self.fork = fork
        self.block = block
        self.hash = hash
        self.seek = seek
        self.upgrade = upgrade
        self.manifest = manifest
    }

    /// Whether nothing but the manifest is asked for, if anything.
    public var asksForNoProof: Bool {
        block == nil && hash == nil && seek == nil && upgrade == nil
    }
}
