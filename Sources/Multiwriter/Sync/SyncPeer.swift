import Cryptography
import Multiplexing
import Replication
import SecretStream

/// One connection on the lane: its channels, what is on its way, and when it was last heard of.
///
/// It is used by the hub alone, in turns.
final class SyncPeer {
    let number: Int
    let options: ReplicationOptions
    /// Where the far end is, if whoever owns the stream has said so.
    var address: String?
    /// What the handshake agreed on; `nil` before it is complete.
    private(set) var established: Established?
    /// What all feeds of the connection may make us keep together.
    let budget: PeerBudget
    var multiplexer = Multiplexer()
    private var encryptor: FrameEncryptor?
    private var frames = OutgoingFrames()

    var coordinator: Coordinator
    var coordinatorChannel: Channel?
    /// Feeds by the channel that carries them here.
    var feeds: [Channel: SyncFeed] = [:]
    var channels: [DiscoveryKey: Channel] = [:]

    /// Feeds that were offered to the far end; it is not asked again for what it rejected.
    var offered: Set<DiscoveryKey> = []
    /// Channels that the far end asked for and that nobody has answered yet.
    var requested: [ChannelName] = []
    /// Feeds that something is to be written of, the one whose turn it is first.
    private(set) var writing: [SyncFeed] = []

    /// Batches that came and are not dealt with, with the bytes they take.
    private var inbox: [(batch: MessageBatch, byteCount: Int)] = []
    private var inboxPosition = 0
    /// How the stream below ended; what came before is dealt with first.
    private(set) var hangUp: Result<Void, SyncError>?

    let attachedAt: Duration
    private var lastWrite: Duration
    private(set) var lastProgress: Duration
    private var partialByteCount = 0
    private(set) var receivedByteCount: UInt64 = 0
    private(set) var sentByteCount: UInt64 = 0
    /// Bytes that were handed out and have not left.
    private(set) var outgoingByteCount = 0 {
        didSet { sums.outgoingByteCount += outgoingByteCount - oldValue }
    }
    private let sums: SyncSums
    /// Bytes on their way above which nothing more is served, for the time being.
    var outgoingLimit: Int
    /// When bytes last left, or a good part of a long message came.
    private var lastMovement: Duration

    /// Archives that the drive has learnt through this connection, without those of which something
    /// is proven.
    var learnedCount = 0
    /// Archives of which nothing is proven that the far end was told of.
    var vainToldCount = 0
    /// The links that the far end's description of heads is compared with, in their order.
    var described: [FeedKey] = []
    /// Links of this connection that were not taken.
    var refusedCount = 0
    /// Why they were not taken.
    var refusal: String?
    /// Links of ours that the far end says it did not take, and why.
    var remoteRefusedCount: UInt64 = 0
    var remoteRefusal: String?
    /// The comparison of heads with the far end; `nil` before the greeting, and in a peer that is
    /// offered everything.
    var heads: HeadReconciliation?
    /// Whether feeds are talked about only as long as they differ.
    var comparesHeads: Bool {
        isReconciled && heads != nil && coordinator.remote?.describesHeads == true
    }
    /// When it was last looked which channels are quiet.
    var sweptAt: Duration = .zero
    /// Whether everything is told that differed when the connection began.
    var isReconciled = false
    /// Whether nothing differed.
    var wasEqual = false
    var greetedAt: Duration = .zero
    /// When a part of the far end's description came, or the greeting left.
    var comparedAt: Duration = .zero
    /// Whether the far end has no coordinator.
    var isPlain = false
    /// Whether news since the last `ask` makes another round necessary.
    var needsRound = true
    /// Whether something happened since it was looked whether all is settled.
    var isUnsure = true
    var isSettled = false
    /// A feed that was not settled when last looked at.
    var unsettled: SyncFeed?
    /// Why the far end leaves, in its words.
    var farewell: String?
    /// Whether a round was once complete.
    var hasCompletedRound = false
    /// Whether the connection ends as soon as everything has left.
    var isLeaving = false
    var leavingSince: Duration?
    var isEnded = false

    init(number: Int, options: ReplicationOptions, sums: SyncSums, now: Duration) {
        self.number = number
        self.sums = sums
        budget = PeerBudget(sum: sums.budgets)
        self.options = options
        coordinator = Coordinator(isOnce: options.isOnce)
        attachedAt = now
        lastWrite = now
        lastProgress = now
        lastMovement = now
        outgoingLimit = options.limits.outgoingByteCount
    }

    /// Whether our channels have been offered.
    var isGreeted = false
    var isOpen: Bool { established != nil && !isEnded }
    /// Whether the far end speaks the coordinator's protocol.
    var isDrive: Bool { coordinator.remote != nil }
    /// Whether so much is on its way that nothing more should be served.
    var isCongested: Bool { outgoingByteCount >= outgoingLimit }

    func establish(_ established: Established, now: Duration) {
        encryptor = established.takeEncryptor()
        self.established = established
        lastProgress = now
    }

    /// Takes a batch; false if there is nothing in it to deal with.
    func received(_ batch: MessageBatch, _ bytes: ReceivedBytes, now: Duration) -> Bool {
        receivedByteCount &+= UInt64(bytes.byteCount)
        if !batch.isEmpty { inbox.append((batch, bytes.heldByteCount)) }
        partialByteCount += bytes.byteCount
        if bytes.frameCount == 0, partialByteCount >= SyncLimits.progressByteCount {
            lastMovement = now
        }
        if bytes.frameCount > 0 || partialByteCount >= SyncLimits.progressByteCount {
            partialByteCount = 0
            lastProgress = now
        }
        return !batch.isEmpty
    }

    func didWrite(byteCount: Int, now: Duration) {
        if byteCount >= SyncLimits.progressByteCount { lastMovement = now }
        outgoingByteCount = max(0, outgoingByteCount - byteCount)
    }

    /// Leaves the sums of all connections.
    func leave() { outgoingByteCount = 0 }

    func didHangUp(_ error: SyncError?) {
        guard hangUp == nil else { return }
        hangUp = error.map { .failure($0) } ?? .success(())
    }

    var hasInbox: Bool { inboxPosition < inbox.count }

    /// Bytes of messages that the inbox keeps.
    var inboxByteCount: Int { inbox.reduce(0) { $0 + $1.batch.byteCount } }

    /// The oldest batch that is not dealt with.
    func nextBatch() -> (batch: MessageBatch, byteCount: Int)? {
        guard inboxPosition < inbox.count else { return nil }
        let item = inbox[inboxPosition]
        // Who always has more waiting must not keep what is dealt with.
        inbox[inboxPosition].batch = MessageBatch()
        inboxPosition += 1
        if inboxPosition > inbox.count / 2 {
            inbox.removeFirst(inboxPosition)
            inboxPosition = 0
        }
        return item
    }

    /// Notes that a feed has something to say.
    func enqueue(_ feed: SyncFeed) {
        if !writing.contains(where: { $0 === feed }) { writing.append(feed) }
    }

    func takeWriting() -> [SyncFeed] {
        defer { writing.removeAll(keepingCapacity: true) }
        return writing
    }

    var isWriting: Bool { !writing.isEmpty }

    /// Encrypts all frames that are ready.
    func takeOutput(now: Duration) -> [UInt8] {
        guard encryptor != nil else { return [] }
        frames = multiplexer.takeFrames(recycling: frames)
        var output: [UInt8] = []
        if frames.isEmpty {
            guard now >= lastWrite + options.limits.keepAliveInterval else { return [] }
            encryptor?.encryptKeepAlive(into: &output)
        } else {
            output = encrypted(frames)
        }
        lastWrite = now
        sentByteCount &+= UInt64(output.count)
        outgoingByteCount += output.count
        return output
    }

    /// Frames as they leave, read once and written once.
    private func encrypted(_ frames: OutgoingFrames) -> [UInt8] {
        let overhead = SecretStreamLimits.frameOverheadByteCount
        let byteCount = frames.bytes.count + frames.count * overhead
        return [UInt8](unsafeUninitializedCapacity: byteCount) { buffer, count in
            let all = UnsafeMutableRawBufferPointer(buffer)
            frames.forEach { frame in
                let end = count + frame.count + overhead
                let room = UnsafeMutableRawBufferPointer(rebasing: all[count..<end])
                // The multiplexer makes no frame that is too large for the stream.
                guard (try? encryptor?.encrypt(frame, into: room)) != nil else { return }
                count = end
            }
        }
    }

    /// Why the connection is to be dropped for its silence, if it is.
    func silenceError(now: Duration) -> SyncError? {
        let limits = options.limits
        let (since, limit) =
            established == nil
            ? (attachedAt, limits.handshakeTimeout) : (lastProgress, limits.silenceTimeout)
        return now >= since + limit ? .silence(limit) : nil
    }

    /// Why the connection is to be dropped because it answers nothing, if it is.
    ///
    /// What is asked of one feed may wait for answers about others. Bytes that move may be the
    /// beginning of an answer, or stand before what was asked, but not for ever.
    func answerError(now: Duration) -> SyncError? {
        let limit = options.limits.answerTimeout
        guard let since = budget.owesSince, now >= since + limit else { return nil }
        let isMoving = now < lastMovement + limit && now < since + SyncLimits.movementTime
        return isMoving ? nil : .noAnswers(limit)
    }
}

/// What all connections hold together, so that no turn has to ask each of them.
final class SyncSums {
    let budgets = BudgetSum()
    /// Bytes that were handed out and have not left.
    fileprivate(set) var outgoingByteCount = 0
}
