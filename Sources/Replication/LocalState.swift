package import Merkle

/// What the exchange knows of the own feed; the store has the truth.
package struct LocalState: Sendable {
    /// Fork, length, bytes and tree hash.
    package var head: TreeHead
    /// Whether it is known who may sign the feed.
    package var hasManifest: Bool
    /// Whether the key is the public key, so that no manifest is ever sent.
    package var isCompat: Bool
    /// Whether the writer signed two histories.
    package var isFrozen: Bool
    /// The blocks that are held.
    var held = BlockSet()

    package init(
        head: TreeHead = .empty, hasManifest: Bool = false, isCompat: Bool = false,
        isFrozen: Bool = false
    ) {
        self.head = head
        self.hasManifest = hasManifest
        self.isCompat = isCompat
        self.isFrozen = isFrozen
    }

    var fork: UInt64 { head.fork }
    var length: UInt64 { head.length }
    /// The number of blocks held from the first on without a gap, within the length.
    var contiguousLength: UInt64 { min(held.contiguousLength, head.length) }
    var isComplete: Bool { contiguousLength == head.length }
}
