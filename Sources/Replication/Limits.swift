/// What a peer may make one exchange keep or do; each is checked before anything is allocated.
public struct ReplicationLimits: Sendable, Equatable {
    /// Requests of one peer that wait for an answer.
    public var maximumQueuedRequestCount = 16_384
    /// Bits of one bitfield message: one segment.
    public var maximumBitfieldWordCount = 65_536
    /// Blocks that a want may ask about, and the step at which wants are made.
    public var segmentLength: UInt64 = 2_097_152
    /// Pages of 32 768 blocks that are remembered of what a peer holds beyond its contiguous part.
    public var maximumRemotePageCount = 256
    /// Bytes of an extension's name.
    public var maximumExtensionNameByteCount = 256
    /// Bytes of an extension message.
    public var maximumExtensionByteCount = 4 * 1024 * 1024
    /// Nodes in one list of an answer.
    public var maximumNodeCount = 1_024
    /// Bytes of a signature field.
    public var maximumSignatureByteCount = 1 << 20
    /// Requests in flight to one peer when blocks are large.
    public var minimumWindow = 32
    /// Requests in flight to one peer when blocks are small.
    public var maximumWindow = 1_024
    /// Bytes of blocks in flight to one peer that the window aims at.
    public var windowByteCount: UInt64 = 4 * 1024 * 1024
    /// Blocks that a peer takes in one round when several peers share a feed.
    public var roundBlockCount = 16
    /// Time without any answer after which a peer's requests go to others.
    public var stallTimeout: Duration = .seconds(20)
    /// Time after which a want without an answer is taken to mean that nothing is there.
    public var wantTimeout: Duration = .seconds(3)
    /// Age of a request from which an idle peer is asked for the same block.
    public var duplicateAfter: Duration = .seconds(2)
    /// Answers of a peer that were wrong in form before it is not asked any more.
    public var maximumMalformedAnswerCount = 8
    /// Forks that a peer may name and not prove before its forks are ignored.
    public var maximumFailedForkCount = 3
    /// Requests of a peer that could not be proven before it is dropped.
    public var maximumInvalidRequestCount = 64

    /// The limits that a peer over a network gets.
    public init() {}
}
