import Cryptography

/// What the table of feeds holds of one feed.
///
/// The roots are not in it: they follow from the length and stand among the tree nodes.
struct FeedRecord: Equatable {
    struct Flags: OptionSet {
        let rawValue: UInt64
        /// This store holds, or can derive, the key pair.
        static let isWritable = Flags(rawValue: 1)
        /// The key is the public key; the manifest is implied.
        static let isCompat = Flags(rawValue: 2)
        static let hasManifest = Flags(rawValue: 4)
        static let isFrozen = Flags(rawValue: 8)
        static let hasConflictProof = Flags(rawValue: 16)
    }

    var flags: Flags = []
    let key: FeedKey
    /// The change counter of the last transaction that changed the feed; zero if none did.
    var lastChange: UInt64 = 0
    var head = FeedHead.empty
    /// The signature field of the head; empty if there is none.
    var signature: [UInt8] = []
    /// Both heads that the writer signed, if the feed is frozen.
    var conflict: FeedConflict?
    /// The manifest in its canonical encoding; empty if none is known or it is implied.
    var manifest: [UInt8] = []

    init(key: FeedKey) { self.key = key }
}
