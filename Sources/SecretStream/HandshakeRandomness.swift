public import Cryptography

/// All randomness that one end of a stream needs, so that a simulation can repeat every byte.
public struct HandshakeRandomness: Sendable {
    /// The key pair that lives for one handshake.
    public let ephemeral: KeyPair
    /// What starts this end's sending direction.
    public let header: StreamHeader

    /// Given values; neither may ever be used twice.
    public init(ephemeral: KeyPair, header: StreamHeader) {
        self.ephemeral = ephemeral
        self.header = header
    }

    /// New values from a source.
    public init(from randomness: Randomness = .system) {
        self.init(ephemeral: .random(randomness), header: .random(randomness))
    }
}
