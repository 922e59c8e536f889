/// The name of one direction of a connection, which the sender states and the receiver checks.
public enum StreamID {
    /// The id of the stream that the initiator or the responder writes.
    public static func make(handshakeHash: Digest64, isInitiator: Bool) -> Digest {
        var hasher = handshakeHash.withUnsafeBytes { BLAKE2bHasher(key: $0) }
        hasher.update(isInitiator ? Namespace.streamInitiator : Namespace.streamResponder)
        return hasher.finalize()
    }
}
