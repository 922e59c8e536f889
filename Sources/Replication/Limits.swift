/// What a peer may make one exchange keep or do; each is checked before anything is allocated.
public struct ReplicationLimits: Sendable, Equatable {
    /// Requests of one peer that wait for an answer.
    public var maximumQueuedRequestCount = 16_384
    /// Requests of one connection, over all its feeds, that wait for an answer.
    public var maximumConnectionRequestCount = 65_536
    /// Questions of one peer about what is held here that wait for an answer.
    public var maximumQueuedWantCount = 1_024
    /// Words of one bitfield message: one segment.
    public var maximumBitfieldWordCount = 65_536
    /// Blocks that a want may ask about, and the step at which wants are made.
    public var segmentLength: UInt64 = 2_097_152
    /// Pages of 32 768 blocks that are remembered of what a peer holds beyond its contiguous part.
    public var maximumRemotePageCount = 256
    /// Such pages of one connection, over all its feeds.
    public var maximumConnectionPageCount = 4_096
    /// Pages beyond our own length that are remembered of what a peer says to hold.
    public var pagesBeyondLength = 8
    /// Segments that a peer is asked about.
    public var maximumWantedSegmentCount = 512
    /// Bytes of an extension's name.
    public var maximumExtensionNameByteCount = 256
    /// Bytes of an extension message.
    public var maximumExtensionByteCount = 4 * 1024 * 1024
    /// Nodes in one list of an answer.
    public var maximumNodeCount = 1_024
    /// Bytes of a signature field.
    public var maximumSignatureByteCount = 1 << 20
    /// Requests in flight to one peer when blocks are large.
    public var minimumWindow = 16
    /// Requests in flight to one peer as long as its round trip was not measured.
    public var initialWindow = 1_024
    /// Requests in flight to one peer when blocks are small and the peer is fast.
    public var maximumWindow = 2_048
    /// Bytes of blocks in flight to one peer, however fast it is.
    public var windowByteCount: UInt64 = 4 * 1024 * 1024
    /// Bytes of blocks in a run that is asked for, as far as the mean of the feed tells.
    public var runByteCount: UInt64 = 256 * 1024
    /// Blocks of a run that is asked for or sent, a power of two.
    public var maximumRunBlockCount: UInt64 = 4_096
    /// Bytes of blocks in a run that is sent compressed or has more than one block.
    public var maximumRunByteCount = 1 << 20
    /// Blocks in flight to one peer that sends runs.
    public var maximumRunWindow = 131_072
    /// Bytes of a run from which it is tried whether compressing it pays.
    public var compressedByteCount = 1_024
    /// Blocks that a peer takes in one round when several peers share a feed.
    public var roundBlockCount = 16
    /// Time without any answer after which a peer's requests go to others.
    public var stallTimeout: Duration = .seconds(8)
    /// Time after which a want without an answer is taken to mean that nothing is there.
    public var wantTimeout: Duration = .seconds(3)
    /// Age of a request from which an idle peer is asked for the same block, at the most.
    public var duplicateAfter: Duration = .seconds(2)
    /// That age for a peer that answers at once.
    public var minimumDuplicateAfter: Duration = .milliseconds(250)
    /// Words of 64 blocks that are searched for rare blocks at a time.
    public var rareSearchWordCount = 1_024
    /// Peers that are compared in that search.
    public var rareSearchPeerCount = 16
    /// Blocks that a peer said to hold and refused, in a row, before it is not asked any more.
    public var maximumRefusalCount = 4_096
    /// Unasked proofs of a peer against the writer that are checked.
    public var maximumConflictCheckCount = 64
    /// Time after which a peer that does not fetch everything hears that the writer has lied.
    public var conflictDelay: Duration = .seconds(2)
    /// Mean size of a feed's blocks up to which requests leave out nodes that are on their way.
    public var leaningBlockByteCount: UInt64 = 4_096
    /// Bytes of answers of one connection that wait until earlier ones let them be checked.
    public var maximumKeptByteCount = 256 * 1024
    /// Answers of a peer that could not be checked, beyond its blocks that could, before it is
    /// asked for all nodes again.
    public var maximumUncheckedAnswerCount = 4_096
    /// Answers of a peer that did not hold before it is dropped.
    public var maximumMalformedAnswerCount = 8
    /// Forks that a peer may name and not prove before its forks are ignored.
    public var maximumFailedForkCount = 3
    /// Requests of a peer that could not be proven before it is dropped.
    public var maximumInvalidRequestCount = 64

    /// The limits that a peer over a network gets.
    public init() {}
}
