/// What a remote may make one multiplexer keep; each is checked before anything is allocated.
public struct MultiplexerLimits: Sendable, Equatable {
    /// The largest frame that is sent: what fits the 24-bit length of the secret stream.
    public var maximumFrameByteCount = 0xFF_FFFF - 17
    /// The size from which a batch is sent and the next one begun.
    public var maximumBatchByteCount = 8 * 1024 * 1024
    /// How many channel numbers the remote may use.
    public var maximumRemoteChannelCount = 16_384
    /// How many channels of the remote may wait for an answer at once.
    public var maximumWaitingChannelCount = 1_024
    /// How much may wait for unanswered channels before reading should pause.
    public var pausingHeldByteCount = 32_768
    /// How much may wait for unanswered channels at all.
    public var maximumHeldByteCount = 4 * 1024 * 1024
    /// What each waiting message counts on top of its size.
    public var heldMessageOverhead = 512
    /// The longest protocol name.
    public var maximumProtocolByteCount = 256
    /// The longest channel id.
    public var maximumIDByteCount = 256
    /// The longest handshake in an open message.
    public var maximumHandshakeByteCount = 65_536

    /// The limits that a peer over a network gets.
    public init() {}
}
