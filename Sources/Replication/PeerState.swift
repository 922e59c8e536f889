import Merkle
import Multiplexing

/// What is known of one remote of a feed, and what is due to it.
struct PeerState {
    let id: PeerID
    /// Whether both sides have opened and the remote has shown that it knows the key.
    var isOpen = false
    var isClosing = false
    var supportsSeeks = false
    /// Whether the remote answers requests for runs.
    var takesRuns = false
    /// The remote had no answer to one; until its next sync it is asked for blocks.
    var refusedRuns = false
    var openedAt: Duration = .zero
    /// The rule that the remote broke and will be dropped for.
    var violation: ProtocolViolation?
    /// What the connection may cost, shared with the other feeds on it.
    let budget: PeerBudget

    // What the remote said last.
    var sync: SyncMessage?
    var has: BlockSet
    /// Segments that were asked about.
    var wantedSegments: Set<UInt64> = []
    /// Segments that were asked about and not answered.
    var unansweredWants: Set<UInt64> = []
    var wantedAt: Duration = .zero

    // What we say.
    var needsSync = false
    /// Whether the remote's last sync must be echoed, so that it knows what we know of it.
    var owesSync = false
    var canUpgrade = true
    /// Whether the roots of the remote's length are stored here, so that it can prove its blocks.
    var holdsRoots = false
    var needsRootCheck = false
    /// The contiguous length that was announced last.
    var announcedLength: UInt64 = 0
    /// The complete length that was announced last, even to a remote that has it all.
    var announcedCompleteLength: UInt64 = 0

    // What is asked of it.
    var requests = RequestTable()
    var awaitedNodes = AwaitedNodes()
    /// Answers that could not be checked for want of an earlier one, less blocks that could.
    var uncheckedAnswerCount = 0
    var cursor: UInt64 = 0
    /// Nothing is asked of a remote that lied.
    var isPaused = false
    var awaitsConflictCheck = false
    /// The remote had no answer to an upgrade; it is asked again after its next sync.
    var refusedUpgrade = false
    var malformedAnswerCount = 0
    var refusalCount = 0
    var lastAnswerAt: Duration = .zero
    var hasAnswered = false
    var roundTrip = RoundTrip()
    var isStalled = false
    /// How often the remote kept others waiting; such are asked last.
    var strikeCount = 0
    /// How often the remote named a fork that it could not prove.
    var failedForkCount = 0

    /// Blocks over which such a remote has hung up, those of them that it says to hold, and those
    /// that it is not asked for any more.
    var risks: Set<UInt64> = []
    var offeredRisks: Set<UInt64> = []
    var neverAsked: Set<UInt64> = []

    // What it asks.
    var incoming: IncomingRequests
    var invalidRequestCount = 0

    // A writer with two histories.
    /// The length at which the remote has heard of it.
    var conflictLength: UInt64 = 0
    /// Whether the proof of the side that is not ours is due to it.
    var owesConflictProof = false
    var conflictCheckCount = 0
    /// Whether its tree is to be compared with ours.
    var owesHistoryCheck = false
    /// When it was asked for its whole tree for the comparison, until it has answered.
    var comparesSince: Duration?

    /// Messages that are due, in order.
    var outbox: [WireMessage] = []
    var progress = PeerProgress()
    var lastExtensionSent = ""
    var lastExtensionReceived = ""

    init(id: PeerID, budget: PeerBudget, limits: ReplicationLimits) {
        self.id = id
        self.budget = budget
        incoming = IncomingRequests(budget: budget)
        has = BlockSet(maximumPageCount: limits.maximumRemotePageCount)
    }

    var fork: UInt64 { sync?.fork ?? 0 }
    var length: UInt64 { sync?.length ?? 0 }

    /// What the remote knows of our length.
    func acknowledgedLength(fork: UInt64) -> UInt64 {
        guard let sync, sync.fork == fork else { return 0 }
        return sync.remoteLength
    }

    /// Whether we could not prove to the remote that the feed has grown.
    var lacksRoots: Bool { length > 0 && !canUpgrade }

    /// Below which blocks the remote can prove to us what it holds.
    func provableLength(for local: LocalState) -> UInt64 {
        guard fork == local.fork else { return 0 }
        if length >= local.length { return local.length }
        return holdsRoots ? length : 0
    }

    /// Changes what the remote is known to hold, within what may be remembered.
    mutating func changeHas(maximumPageCount: Int, _ body: (inout BlockSet) -> Void) {
        let before = has.pageCount
        has.maximumPageCount = min(maximumPageCount, before + budget.pageRoom)
        body(&has)
        if !risks.isEmpty || !neverAsked.isEmpty { setRisksApart() }
        budget.pageCount += has.pageCount - before
    }

    /// Gives back what the remote cost.
    mutating func release() {
        incoming.removeAll()
        budget.pageCount -= has.pageCount
    }

    /// Whether anything may be asked at all.
    var isUsable: Bool {
        isOpen && !isClosing && !isPaused && (sync?.isUploading ?? false)
    }
}
