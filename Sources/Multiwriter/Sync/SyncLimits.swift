/// What a peer can cost, and how long is waited for it.
///
/// Every limit is enforced before memory is taken for what exceeds it. How many archives a drive
/// follows in all is said in `DriveOptions`.
public struct SyncLimits: Sendable {
    /// The number of archives, beyond those of which something is proven, that one connection can
    /// make the drive remember.
    public var archiveCount = 4096
    /// Channels that are offered to one peer.
    public var maximumChannelCount = 16_000
    /// Time for the greeting and the handshake.
    public var handshakeTimeout: Duration = .seconds(30)
    /// The same on a pipe that another program makes: somebody may have to type a password first.
    public var pipeHandshakeTimeout: Duration = .seconds(600)
    /// Time without a whole message, or a good part of a long one, after which a peer is dropped.
    public var silenceTimeout: Duration = .seconds(30)
    /// Time after which a peer is dropped that has answered nothing of what it was asked for.
    public var answerTimeout: Duration = .seconds(60)
    /// Time without a write after which an empty message is sent.
    public var keepAliveInterval: Duration = .seconds(5)
    /// Bytes on their way to one peer above which nothing more is served to it.
    public var outgoingByteCount = 4 << 20
    /// Bytes on their way to one peer above which it is dropped.
    public var maximumOutgoingByteCount = 32 << 20
    /// Bytes handed in and not yet dealt with, of one connection, above which reading pauses.
    public var incomingByteCount = 16 << 20
    /// Bytes of blocks of one feed that are asked for at a time: what two transactions take.
    public var windowByteCount = 8 << 20
    /// Bytes of blocks in one store transaction.
    public var transactionByteCount = 4 << 20

    /// The usual limits.
    public init() {}
}

extension SyncLimits {
    /// Keys in one `links` message.
    static let linksPerPage = 1024
    /// Bytes on their way to all peers together, which share them.
    static let sharedOutgoingByteCount = 32 << 20
    /// Bytes on their way to all peers together, above which the one with the most is dropped.
    static let maximumSharedOutgoingByteCount = 96 << 20
    /// Requests of all peers together that wait, above which the one with the most is dropped.
    static let sharedRequestCount = 131_072
    /// Pages remembered of what all peers hold, above which the one with the most is dropped.
    static let sharedPageCount = 16_384
    /// Bytes on their way to one peer that are served however many share.
    static let minimumOutgoingByteCount = 64 * 1024
    /// How long bytes that move are taken for answers to come.
    static let movementTime: Duration = .seconds(600)
    /// Bytes of frames that are not complete, of all connections together, above which the
    /// connection whose frame began first is dropped.
    static let partialByteCount = 48 << 20
    /// Bytes of such a frame below which a connection is not dropped for it before others.
    static let smallPartialByteCount = 1 << 20
    /// Bytes of memory kept for the frames to come, of all connections together.
    static let keptByteCount = 16 << 20
    /// Bytes that came and are not dealt with, of all connections together, above which reading
    /// pauses.
    static let receivedByteCount = 48 << 20
    /// Bytes of a partial message that count as progress.
    static let progressByteCount = 4096
    /// Bytes served of one feed before another one has its turn.
    static let servingByteCount = 256 * 1024
    /// Archives of which nothing is proven that one far end is told of.
    static let vainLinkCount = 256
    /// Archives of which nothing is proven that are kept when whoever told of them has left.
    static let keptVainCount = 256
    /// Archives that are offered before it is known that the far end has them, and channels that
    /// wait until it is known that we have them.
    static let eagerCount = 256
    /// Bytes of answers from which more is asked for before they are stored.
    static let askingByteCount = 32 * 1024
    /// Batches that one turn deals with.
    static let batchesPerTurn = 64
    /// How long a far end without a coordinator must be quiet before it is left.
    static let quietTime: Duration = .seconds(2)
    /// How long the last bytes may take to leave.
    static let leavingTime: Duration = .seconds(10)
    /// Cells of a description of heads that are sent with the greeting.
    static let firstHeadCellCount = 8
    /// Cells that are taken without having been asked for.
    static let maximumFirstHeadCellCount = 64
    /// Cells beyond these that are asked for or sent, for every archive that is known here.
    static let headCellsPerItem = 6
    /// Cells in one message.
    static let headCellsPerMessage = 1024
    /// Archives that a far end may describe.
    static let maximumHeadCount = 1 << 20
    /// How long a far end may leave the coordinator's channel unanswered before feeds are offered.
    static let coordinatorTime: Duration = .seconds(2)
    /// How long a description of heads is waited for before all feeds are offered.
    static let headTime: Duration = .seconds(10)
    /// How long our description is kept once everything is compared here: the far end gives up
    /// earlier.
    static let headMemoryTime: Duration = .seconds(60)
    /// How long what peers were asked about an index counts after the last lookup.
    static let lookupMemoryTime: Duration = .seconds(10)
    /// Blocks of one feed that are asked for one at a time, and blocks that are not asked for,
    /// because far ends hang up over them.
    static let riskCount = 4096
    /// Feeds of which something is missing that a status lists.
    static let listedLackCount = 1000
    /// How often it is looked which feeds are not talked about any more.
    static let sweepInterval: Duration = .seconds(30)
    /// Bytes of text taken from a peer's refusal.
    static let maximumSentenceByteCount = 512
}
