/// One remote of one feed: one channel on one connection, from opening to closing.
public struct PeerID: Hashable, Sendable {
    let slot: Int32
    let generation: UInt32
}

/// What went to and came from one peer.
public struct PeerProgress: Sendable, Hashable {
    /// Blocks that came and were stored.
    public var receivedBlockCount: UInt64 = 0
    /// Bytes of the blocks that came and were stored.
    public var receivedByteCount: UInt64 = 0
    /// Blocks that were sent.
    public var servedBlockCount: UInt64 = 0
    /// Bytes of the blocks that were sent.
    public var servedByteCount: UInt64 = 0
}
