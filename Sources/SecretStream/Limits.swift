import Cryptography

/// The sizes and times of the encrypted stream.
public enum SecretStreamLimits {
    /// The most bytes behind the length of a frame.
    public static let maximumFrameByteCount = 0xff_ffff

    /// How many bytes a frame has besides its message.
    public static let frameOverheadByteCount = 3 + 17

    /// The largest message.
    public static let maximumMessageByteCount = 0xff_ffff - 17

    /// How long after its last write a side should send an empty message.
    public static let keepAliveInterval = Duration.seconds(5)

    /// How long a handshake may take.
    public static let handshakeTimeout = Duration.seconds(30)

    /// The most memory that is kept for reuse after a large message.
    static let maximumKeptByteCount = 1 << 20

    /// What the three messages of the handshake must measure, without their length.
    static let handshakeByteCounts = [32, 96, 64]

    /// What the header that starts the encrypted frames must measure.
    static let headerByteCount = Digest.byteCount + StreamHeader.byteCount
}
