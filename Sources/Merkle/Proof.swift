/// An answer to a `ProofRequest`, as it comes from a peer: nothing in it is to be believed yet.
///
/// See docs/formats/merkle.md#how-an-answer-is-made.
public struct Proof: Hashable, Sendable {
    /// A block and the siblings above its leaf, bottom up.
    public struct Block: Hashable, Sendable {
        /// The block's number.
        public var index: UInt64
        /// The block's bytes; `ProofBuilder` leaves them for the caller to fill in.
        public var value: [UInt8]
        /// The siblings on the way up.
        public var nodes: [Node]

        /// Makes the part.
        public init(index: UInt64, value: [UInt8], nodes: [Node]) {
            self.index = index
            self.value = value
            self.nodes = nodes
        }
    }

    /// A node and the siblings above it, bottom up.
    public struct Hash: Hashable, Sendable {
        /// The node that was asked for.
        public var index: TreeIndex
        /// The node itself, then the siblings on the way up.
        public var nodes: [Node]

        /// Makes the part.
        public init(index: TreeIndex, nodes: [Node]) {
            self.index = index
            self.nodes = nodes
        }
    }

    /// The nodes on the way to a byte.
    public struct Seek: Hashable, Sendable {
        /// The byte that was asked for.
        public var bytes: UInt64
        /// The node at the byte, then the siblings on the way up.
        public var nodes: [Node]

        /// Makes the part.
        public init(bytes: UInt64, nodes: [Node]) {
            self.bytes = bytes
            self.nodes = nodes
        }
    }

    /// The part that moves a feed's head forward.
    ///
    /// Checking it needs only the old roots, the new nodes and the signature; no block is read.
    public struct Upgrade: Hashable, Sendable {
        /// The length that the asker had; nothing binds it.
        public var start: UInt64
        /// The number of blocks to grow by.
        public var length: UInt64
        /// What the asker lacks to make the roots of `start + length`.
        public var nodes: [Node]
        /// What is needed from there to the length that was signed.
        public var additionalNodes: [Node]
        /// The signature field; empty if there is none.
        public var signature: [UInt8]

        /// Makes the part.
        public init(
            start: UInt64, length: UInt64, nodes: [Node], additionalNodes: [Node] = [],
            signature: [UInt8]
        ) {
            self.start = start
            self.length = length
            self.nodes = nodes
            self.additionalNodes = additionalNodes
            self.signature = signature
        }

        /// The length that the answer leads to, `nil` if its numbers make none.
        public var endLength: UInt64? {
            if let last = additionalNodes.last {
                let length = last.index.lastBlock &+ 1
                return length <= Limits.maximumLength ? length : nil
            }
            let (end, overflows) = start.addingReportingOverflow(length)
            return overflows || end > Limits.maximumLength ? nil : end
        }
    }

    /// The fork that the answer is of.
    public var fork: UInt64
    /// A block.
    public var block: Block?
    /// A node.
    public var hash: Hash?
    /// The way to a byte.
    public var seek: Seek?
    /// The growth of the tree.
    public var upgrade: Upgrade?
    /// Who may sign the feed.
    public var manifest: Manifest?

    /// Makes an answer from its parts.
    public init(
        fork: UInt64, block: Block? = nil, hash: Hash? = nil, seek: Seek? = nil,
        upgrade: Upgrade? = nil, manifest: Manifest? = nil
    ) {
        self.fork = fork
        self.block = block
        self.hash = hash
        self.seek = seek
        self.upgrade = upgrade
        self.manifest = manifest
    }

    /// Whether nothing but the manifest is answered, if anything.
    public var provesNothing: Bool {
        block == nil && hash == nil && seek == nil && upgrade == nil
    }

    /// Whether every part was asked for by the request, on the fork it named.
    ///
    /// An answer to something else counts as no answer; it is not checked.
    public func answers(_ request: ProofRequest) -> Bool {
        if provesNothing { return manifest != nil && request.manifest || request.asksForNoProof }
        guard fork == request.fork else { return false }
        if let block, block.index != request.block?.index { return false }
        if let hash, hash.index != request.hash?.index { return false }
        if let seek, seek.bytes != request.seek?.bytes { return false }
        return upgrade == nil || request.upgrade != nil
    }
}
