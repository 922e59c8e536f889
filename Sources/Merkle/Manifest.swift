import CompactEncoding
public import Cryptography

/// Says who may sign a feed; the feed's key is the hash of its manifest.
///
/// See docs/formats/manifests.md.
public struct Manifest: Hashable, Sendable {
    /// The encodings, which differ in what is hashed and signed.
    public enum Version: UInt64, Sendable, Comparable {
        /// Signers sign under their namespace.
        case v0 = 0
        /// Signers sign under the feed key.
        case v1 = 1
        /// As version 1, with links and user data.
        case v2 = 2

        /// Orders versions by age.
        public static func < (left: Version, right: Version) -> Bool {
            left.rawValue < right.rawValue
        }
    }

    /// The beginning of a feed that its manifest fixes without a signature.
    public struct Prologue: Hashable, Sendable {
        /// The tree hash of the prologue.
        public var treeHash: Digest
        /// The number of blocks of the prologue.
        public var length: UInt64

        /// Makes a prologue from its parts.
        public init(treeHash: Digest, length: UInt64) {
            self.treeHash = treeHash
            self.length = length
        }
    }

    /// The encoding.
    public var version: Version
    /// Whether a signer may have signed a longer tree than the others.
    public var allowsPatch: Bool
    /// The number of signers that must agree.
    public var quorum: UInt64
    /// The signers; their order is their number.
    public var signers: [Signer]
    /// The fixed beginning of the feed.
    public var prologue: Prologue?
    /// Other feeds that belong to this one; an empty list is encoded, an absent one is not.
    public var linkedFeeds: [FeedKey]?
    /// Bytes for the application; empty ones are encoded, absent ones are not.
    public var userData: [UInt8]?

    /// Makes a manifest; what is not given follows the rules for new manifests.
    ///
    /// The version is 1, or 2 if there are links or user data; the quorum is a majority.
    public init(
        version: Version? = nil, allowsPatch: Bool = false, quorum: UInt64? = nil,
        signers: [Signer], prologue: Prologue? = nil, linkedFeeds: [FeedKey]? = nil,
        userData: [UInt8]? = nil
    ) {
        let needsVersion2 = linkedFeeds?.isEmpty == false || userData?.isEmpty == false
        self.version = version ?? (needsVersion2 ? .v2 : .v1)
        self.allowsPatch = allowsPatch
        let majority = signers.isEmpty ? 0 : UInt64(signers.count / 2 + 1)
        self.quorum = quorum ?? majority
        self.signers = signers
        self.prologue = prologue
        self.linkedFeeds = linkedFeeds
        self.userData = userData
    }

    /// The manifest of a feed with one writer, as Hypercore 11 and Corestore 7 make it.
    public init(
        singleSigner publicKey: PublicKey, namespace: Digest = Namespace.defaultSigner,
        version: Version = .v1
    ) {
        self.init(version: version, signers: [Signer(publicKey: publicKey, namespace: namespace)])
    }

    /// Whether the manifest is one that can be obeyed: no more signatures asked than signers.
    public var isConsistent: Bool {
        quorum <= UInt64(signers.count)
            && (version == .v2 || (linkedFeeds?.isEmpty != false && userData == nil))
    }

    /// The key of the feed with this manifest.
    public var feedKey: FeedKey {
        var hasher = BLAKE2bHasher()
        hasher.update(Namespace.manifest)
        hasher.update(encoded)
        return FeedKey(hasher.finalize())
    }

    /// Whether a feed with this key is in compat mode: the key is the one signer's public key.
    public func isCompat(for key: FeedKey) -> Bool {
        signers.count == 1 && FeedKey(signers[0].publicKey) == key
    }
}

/// One of those who may sign a feed.
public struct Signer: Hashable, Sendable {
    /// The Ed25519 public key.
    public var publicKey: PublicKey
    /// Keeps version 0 feeds of one key apart; later versions only hash it.
    public var namespace: Digest

    /// Makes a signer.
    public init(publicKey: PublicKey, namespace: Digest = Namespace.defaultSigner) {
        self.publicKey = publicKey
        self.namespace = namespace
    }
}
