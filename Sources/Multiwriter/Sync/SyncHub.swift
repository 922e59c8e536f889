import Cryptography
import Feeds
import Multiplexing
import Replication
import SecretStream

/// What came of a connection at once.
struct ReceivedBytes: Sendable {
    var byteCount: Int
    /// What the messages in them take in memory, until they are dealt with.
    var heldByteCount: Int
    /// Frames that became complete, those without content included.
    var frameCount: Int
}

/// Everything that replicates one drive, as one machine that is driven in turns.
///
/// A turn takes all that happened since the last one: it hands messages to the state machines,
/// stores what they accept in one transaction, takes one snapshot, lets them plan, and writes what
/// is due to every connection. It starts no threads and reads no clock, so that the same code runs
/// on a drive's lane and in a simulation.
final class SyncHub {
    /// What may happen between two turns.
    enum Event: Sendable {
        case attached(Int, ReplicationOptions)
        /// Where the far end is.
        case located(Int, address: String)
        case established(Int, Established)
        case received(Int, MessageBatch, ReceivedBytes)
        /// Bytes of a connection have left.
        case wrote(Int, byteCount: Int)
        /// The far end broke a rule before its bytes became messages.
        case failed(Int, SyncError)
        /// The stream below has ended.
        case hungUp(Int, SyncError?)
        /// Somebody here wants the connection to end.
        case close(Int)
        /// Somebody has committed to the store.
        case storeChanged
        case tick
    }

    /// What is to be done after a turn.
    enum Action: Sendable {
        case output(Int, ReplicationOutput)
        /// Bytes of a connection are dealt with.
        case consumed(Int, byteCount: Int)
        case finished(Int, Result<Void, SyncError>)
        case report(SyncEvent)
    }

    struct Turn {
        var actions: [Action] = []
        /// Whether another turn is due at once.
        var hasMore = false
        /// Whether a commit was made that cannot be read yet: look again in a moment.
        var isBehind = false
    }

    // The drive outlives every turn: streams hold it, and the lane holds it during a turn.
    unowned let drive: Drive
    let store: FeedStore
    let limits: SyncLimits
    private(set) var feedLimits = ReplicationLimits()
    var peers: [Int: SyncPeer] = [:]
    /// The connections in the order in which they came.
    var order: [Int] = []
    var archives: [FeedKey: SyncArchive] = [:]
    /// The links in the order in which they are told.
    var links: [FeedKey] = []
    var feeds: [DiscoveryKey: SyncFeed] = [:]
    /// Archives of which the index may name a content feed that is not known yet.
    var adoptable: Set<FeedKey> = []

    /// False makes it behave like a peer that knows feeds alone.
    var hasCoordinator = true
    /// False makes it behave like the versions that do not compare heads.
    var describesHeads = true
    /// False makes it behave like the versions that do not send runs.
    var sendsRuns = true

    /// Whether content is fetched only when somebody waits for it, and who waits, as seen last.
    var isSparse = false
    var wants: [Want] = []
    /// What somebody looks up in indexes that are not whole, as seen last.
    var indexLacks: [IndexLack] = []

    /// The version of the store and the counter of changes that were seen last.
    var seenVersion: UInt64 = 0
    var seenChange: UInt64 = 0
    var hasLoaded = false

    var now: Duration = .zero
    var result = Turn()
    var totals = SyncStatus()
    let sums = SyncSums()
    /// What was told in this turn and is not known here.
    var told: [(peer: SyncPeer, links: [FeedKey])] = []
    /// Who has told of the archives that are about to be stored.
    var tellers: [FeedKey: Int] = [:]
    /// Archives that gave way and are to be removed from the store.
    var forgotten: Set<FeedKey> = []
    /// Whether somebody has left who told of archives of which nothing is proven.
    var hasOrphans = false
    /// Whether the store may lack an archive that is known here.
    var mustCompareLinks = false
    /// Feeds with answers that wait to be stored.
    var answered: [SyncFeed] = []
    /// Feeds that something happened to.
    var dirty: [SyncFeed] = []
    /// Copies of messages that had been held; they live until the end of the turn.
    var copies: [UnsafeMutableRawBufferPointer] = []

    init(drive: Drive, limits: SyncLimits = SyncLimits()) {
        self.drive = drive
        self.limits = limits
        feedLimits.windowByteCount = UInt64(limits.windowByteCount)
        store = drive.store
    }

    /// Deals with everything that has happened.
    ///
    /// `perform` is called in the middle of a turn with what need not wait for its end; it must
    /// not call back.
    func turn(
        _ events: [Event], now: Duration, perform: (Action) -> Void = { _ in }
    ) -> Turn {
        self.now = now
        result = Turn()
        for event in events { note(event) }
        do {
            try deal(perform)
        } catch {
            failAll(error)
        }
        for copy in copies { copy.deallocate() }
        copies.removeAll()
        finishTurn()
        defer { result = Turn() }
        return result
    }

    private func note(_ event: Event) {
        switch event {
        case .attached(let number, let options):
            peers[number] = SyncPeer(
                number: number, options: options, sums: sums, now: now)
            order.append(number)
        case .located(let number, let address):
            peers[number]?.address = address
        case .established(let number, let established):
            guard let peer = peers[number] else { return }
            peer.establish(established, now: now)
            report(.connected, peer, "")
        case .received(let number, let batch, let bytes):
            totals.receivedByteCount &+= UInt64(bytes.byteCount)
            guard let peer = peers[number] else { return }
            if !peer.received(batch, bytes, now: now) {
                result.actions.append(.consumed(number, byteCount: bytes.heldByteCount))
            }
        case .wrote(let number, let byteCount):
            peers[number]?.didWrite(byteCount: byteCount, now: now)
        case .failed(let number, let error):
            end(number, .failure(error))
        case .hungUp(let number, let error):
            peers[number]?.didHangUp(error)
        case .close(let number):
            end(number, .success(()))
        case .storeChanged:
            break
        case .tick:
            tick()
        }
    }

    /// Ends a connection: its feeds forget it, and its stream is told.
    func end(_ number: Int, _ ending: Result<Void, SyncError>) {
        if case .failure(let error) = ending { sayFarewell(number, error) }
        guard let peer = peers.removeValue(forKey: number) else { return }
        order.removeAll { $0 == number }
        peer.isEnded = true
        for feed in peer.feeds.values { detach(feed, from: peer) }
        peer.multiplexer.end()
        peer.leave()
        if peer.learnedCount > 0 { hasOrphans = true }
        result.actions.append(.finished(number, ending))
        if case .failure(let error) = ending {
            report(.ended, peer, error.description)
        } else {
            report(.ended, peer, "")
        }
    }

    /// Lets silent peers go, and gives every feed a chance to ask again.
    private func tick() {
        for number in order {
            guard let peer = peers[number], !peer.hasInbox else { continue }
            if let error = peer.silenceError(now: now) ?? peer.answerError(now: now) {
                end(number, .failure(error))
            } else {
                giveUpHeads(of: peer)
                closeQuietChannels(of: peer)
            }
        }
        for feed in feeds.values where !feed.links.isEmpty { mark(feed) }
    }

    /// Notes that a feed is to be planned for in this turn.
    func mark(_ feed: SyncFeed) {
        guard !feed.isDirty else { return }
        feed.isDirty = true
        dirty.append(feed)
    }

    private func failAll(_ error: any Error) {
        let problem = SyncError(.storage, "The drive cannot be read or written.", cause: error)
        for feed in answered {
            feed.session.abandon()
            feed.answeredByteCount = 0
        }
        answered.removeAll()
        for number in order { end(number, .failure(problem)) }
    }

    func report(
        _ kind: SyncEvent.Kind, _ peer: SyncPeer?, feed: FeedKey? = nil, _ message: String
    ) {
        let event = SyncEvent(
            kind: kind, connection: peer?.number ?? 0, peer: peer?.established?.remoteKey,
            address: peer?.address, feed: feed, message: message)
        result.actions.append(.report(event))
    }
}
