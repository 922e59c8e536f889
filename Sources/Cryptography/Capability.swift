/// Proof that the sender knows the key of a feed, good for one connection only.
public enum Capability {
    /// The capability that one side sends; the other side makes the same to compare.
    public static func make(
        feedKey: FeedKey, handshakeHash: Digest64, isInitiator: Bool
    ) -> Digest {
        var hasher = handshakeHash.withUnsafeBytes { BLAKE2bHasher(key: $0) }
        hasher.update(isInitiator ? Namespace.replicateInitiator : Namespace.replicateResponder)
        hasher.update(feedKey)
        return hasher.finalize()
    }
}

/// The name of one direction of a connection, which the sender states and the receiver checks.
public enum StreamID {
    /// The id of the stream that the initiator or the responder writes.
    public static func make(handshakeHash: Digest64, isInitiator: Bool) -> Digest {
        var hasher = handshakeHash.withUnsafeBytes { BLAKE2bHasher(key: $0) }
        hasher.update(isInitiator ? Namespace.streamInitiator : Namespace.streamResponder)
        return hasher.finalize()
    }
}
