public import Cryptography
public import Merkle

/// Two heads that one writer signed for the same length and fork.
public struct FeedConflict: Sendable, Hashable {
    /// One signed head as it was seen.
    public struct Side: Sendable, Hashable {
        /// The fork that the signature is for.
        public var fork: UInt64
        /// The length that the signature is for.
        public var length: UInt64
        /// The tree hash that the signature is for.
        public var treeHash: Digest
        /// The signature field in the form of the feed's manifest.
        public var signature: [UInt8]

        /// Makes a side.
        public init(fork: UInt64, length: UInt64, treeHash: Digest, signature: [UInt8]) {
            self.fork = fork
            self.length = length
            self.treeHash = treeHash
            self.signature = signature
        }
    }

    /// The head that this store held.
    public var own: Side
    /// The head that a peer proved.
    public var other: Side
    /// What proved the other head, from nothing; whoever has the own history is shown it.
    public var otherProof: Proof.Upgrade?

    /// Makes the record of a conflict.
    public init(own: Side, other: Side, otherProof: Proof.Upgrade? = nil) {
        self.own = own
        self.other = other
        self.otherProof = otherProof
    }
}
