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
