import CompactEncoding
public import Cryptography
public import Feeds
import Merkle
public import Multiplexing

/// Replicates one feed of a store with any number of peers: the exchange and the store together.
///
/// A turn has four steps, so that a transaction can be repeated and nothing is told before it is
/// committed. ``receive(type:body:from:)`` takes in messages; if there are answers among them,
/// ``apply(in:)`` stores them in a write transaction and ``commit()`` takes note of it;
/// ``plan(now:from:)`` decides what is due; ``flush(_:into:on:from:limit:)`` writes it.
/// See docs/formats/replication.md.
public struct FeedSession {
    /// The protocol of the channel.
    public static let protocolName = "hypercore/alpha"
    /// Older names that the channel listens to.
    public static let aliases = ["hypercore"]

    /// The feed.
    public let feed: Feed
    var exchange: FeedExchange
    var pending: [PendingAnswer] = []
    var outcomes: [Outcome] = []
    /// Answers that wait for earlier ones.
    var kept: [PendingAnswer] = []
    /// Where runs are packed and unpacked; at most as large as a run may be.
    var scratch: [UInt8] = []
    var compression = RunCompression()

    /// Begins to replicate a feed as it stands in a store.
    ///
    /// Without `wantsEverything` only wanted ranges and blocks are fetched.
    public init(
        _ feed: Feed, from snapshot: borrowing StoreSnapshot, wantsEverything: Bool = true,
        limits: ReplicationLimits = ReplicationLimits()
    ) throws {
        // Blocks travel as they are stored, encrypted or not.
        self.feed = feed
        let local = try Self.state(of: feed, in: snapshot, held: nil)
        exchange = FeedExchange(
            local: local, wantsEverything: wantsEverything, limits: limits)
    }

    /// The channel's name on a multiplexer.
    public var channelName: ChannelName {
        ChannelName(Self.protocolName, id: feed.discoveryKey.bytes)
    }

    static func state(
        of feed: Feed, in snapshot: borrowing StoreSnapshot, held: BlockSet?
    ) throws -> LocalState {
        let head = try snapshot.head(of: feed)
        let traits = try snapshot.traits(of: feed)
        var state = LocalState(
            head: TreeHead(
                fork: head.fork, length: head.length, byteLength: head.byteLength,
                treeHash: head.treeHash),
            hasManifest: traits.hasManifest, isCompat: traits.isCompat,
            isFrozen: traits.isFrozen)
        if let held {
            state.held = held
        } else {
            for range in try snapshot.heldRanges(in: 0..<head.length, of: feed) {
                state.held.insert(range)
            }
        }
        return state
    }
}

// MARK: - Peers

extension FeedSession {
    /// The bytes of the handshake with which the channel is to be opened.
    public func makeHandshake(handshakeHash: Digest64, isInitiator: Bool) -> [UInt8] {
        ChannelHandshake(
            capability: Capability.make(
                feedKey: feed.key, handshakeHash: handshakeHash, isInitiator: isInitiator)
        ).encoded
    }

    /// Adds a peer whose channel was opened from here.
    ///
    /// All feeds of a connection should share one budget; without one the peer gets its own.
    public mutating func addPeer(budget: PeerBudget? = nil) -> PeerID {
        exchange.addPeer(budget: budget)
    }

    /// Begins with a peer that has opened its side.
    ///
    /// - Throws: if the peer does not prove that it knows the feed's key.
    public mutating func open(
        _ peer: PeerID, handshake: [UInt8], handshakeHash: Digest64, isInitiator: Bool
    ) throws(ProtocolViolation) {
        let remote: ChannelHandshake
        do {
            remote = try ChannelHandshake(decoding: handshake)
        } catch {
            throw .malformedFrame
        }
        let expected = Capability.make(
            feedKey: feed.key, handshakeHash: handshakeHash, isInitiator: !isInitiator)
        guard remote.capability.isEqualInConstantTime(to: expected) else {
            throw .invalidMessage("capability")
        }
        exchange.open(peer, supportsSeeks: remote.supportsSeeks)
    }

    /// Forgets a peer whose channel or connection has closed.
    ///
    /// True if the channel should be opened again: the peer believed that nobody wants anything.
    @discardableResult
    public mutating func removePeer(_ peer: PeerID) -> Bool {
        // What the peer sent before still counts: it proves itself.
        releaseKeptAnswers(of: peer)
        return exchange.removePeer(peer)
    }

    /// All peers, also those that have not opened their side yet.
    public var peers: [PeerID] { exchange.peerSlots.compactMap { exchange.peers[$0]?.id } }

    /// Peers that something is to be written to.
    public var peersWithOutput: [PeerID] {
        exchange.peerSlots.compactMap { slot in
            guard let peer = exchange.peers[slot], peer.hasOutput else { return nil }
            return peer.id
        }
    }

    /// Whether anything is to be written to a peer.
    public func hasOutput(for peer: PeerID) -> Bool {
        guard let slot = exchange.slot(of: peer) else { return false }
        return exchange.peers[slot]?.hasOutput ?? false
    }

    /// Asks a peer for whole runs of blocks, which it was heard to send.
    ///
    /// Runs are always sent to who asks for them. See docs/formats/replication.md#runs.
    public mutating func askForRuns(of peer: PeerID) {
        guard let slot = exchange.slot(of: peer) else { return }
        exchange.peers[slot]?.takesRuns = true
    }

    /// Compares the tree of a peer with ours when it has said where it stands.
    ///
    /// Two histories of the same length are not found out otherwise: neither side asks the other
    /// for anything. To be called when it is known that something differs.
    public mutating func compareHistory(with peer: PeerID) {
        guard let slot = exchange.slot(of: peer) else { return }
        exchange.peers[slot]?.owesHistoryCheck = true
    }

    /// Whether the writer has signed two histories, so that no new head is taken.
    public var isFrozen: Bool { exchange.local.isFrozen }
}

extension PeerState {
    var hasOutput: Bool {
        isOpen && (!outbox.isEmpty || !incoming.isEmpty || isClosing || violation != nil)
    }
}

// MARK: - What is wanted

extension FeedSession {
    /// Whether all blocks are fetched, also those that will come.
    public var wantsEverything: Bool {
        get { exchange.wanted.wantsEverything }
        set {
            exchange.wanted.wantsEverything = newValue
            if !newValue { exchange.cancelUnwanted() }
        }
    }

    /// Fetches a range of blocks, also what of it does not exist yet.
    public mutating func want(_ range: Range<UInt64>) { exchange.wanted.insert(range) }

    /// Fetches these ranges, which are in order and apart from each other, and no others.
    public mutating func want(only ranges: [Range<UInt64>]) {
        exchange.wanted.replace(with: ranges)
        exchange.cancelUnwanted()
    }

    /// Fetches a block before all others.
    public mutating func want(block: UInt64) { exchange.wanted.insertUrgent(block) }

    /// Fetches these blocks before all others, the first one first, and no others before others.
    public mutating func want(urgently blocks: [UInt64]) {
        exchange.wanted.replaceUrgent(
            with: blocks.reversed().filter { !exchange.local.held.contains($0) })
        exchange.cancelUnwanted()
    }

    /// Does not fetch a range any more.
    public mutating func unwant(_ range: Range<UInt64>) {
        exchange.wanted.remove(range)
        for block in exchange.wanted.urgent where range.contains(block) {
            exchange.wanted.removeUrgent(block)
        }
        exchange.cancelUnwanted()
    }

    /// Whether an upgrade asks for the newest block as well, which saves a round trip.
    public var asksForNewestBlock: Bool {
        get { exchange.asksForNewestBlock }
        set { exchange.asksForNewestBlock = newValue }
    }

    /// Blocks to be named in hash requests, where any block of a range would do; for tests.
    package var preferredBlocks: [UInt64] {
        get { exchange.preferredBlocks }
        set { exchange.preferredBlocks = newValue }
    }

    /// Whether anybody here wants data; channels close when neither side does.
    public var isDownloading: Bool {
        get { exchange.isDownloading }
        set { exchange.setDownloading(newValue) }
    }

    /// Looks for the block that holds a byte; the answer is an event with the returned number.
    public mutating func seek(toByte byte: UInt64) -> UInt64 {
        let id = exchange.nextSeekID
        exchange.nextSeekID += 1
        exchange.seeks.append(
            SeekTask(id: id, byte: byte, padding: feed.paddingByteCount))
        return id
    }

    /// Gives up a search.
    public mutating func cancelSeek(_ id: UInt64) { exchange.seeks.removeAll { $0.id == id } }

    /// Delivers extension messages of this name as events.
    public mutating func registerExtension(_ name: String) {
        exchange.extensionNames.insert(name)
    }

    /// Sends an extension message to every peer that has opened its side.
    public mutating func broadcastExtension(_ name: String, body: [UInt8]) {
        for peer in peers { sendExtension(name, body: body, to: peer) }
    }

    /// Sends an extension message to a peer.
    public mutating func sendExtension(_ name: String, body: [UInt8], to peer: PeerID) {
        guard let slot = exchange.slot(of: peer), exchange.peers[slot]?.isOpen == true else {
            return
        }
        // An empty name stands for the name before.
        let isSame = exchange.peers[slot]?.lastExtensionSent == name
        exchange.peers[slot]?.lastExtensionSent = name
        exchange.peers[slot]?.outbox.append(
            .extensionMessage(name: isSame ? "" : name, body: body))
    }
}

// MARK: - The turn

extension FeedSession {
    /// Takes in a message; true if ``apply(in:)`` has something to do.
    ///
    /// The body must stay where it is until ``commit()``.
    public mutating func receive(
        type: UInt64, body: UnsafeRawBufferPointer, from peer: PeerID
    ) throws(ProtocolViolation) -> Bool {
        let message: WireMessage?
        do {
            message = try WireMessage.decode(type: type, body: body, limits: exchange.limits)
        } catch {
            guard error == .arrayTooLarge else { throw .malformedFrame }
            throw .limitExceeded(WireMessage.nameOfLimit(type: type))
        }
        guard let message else { return false }
        let kind: PendingAnswer.Kind?
        switch message {
        case .data(let data): kind = classify(data, from: peer)
        case .run(let run):
            kind = exchange.classify(run, byteCount: body.count, from: peer).map { .run($0, run) }
        default:
            try exchange.receive(message, from: peer)
            kind = nil
        }
        guard let kind else { return false }
        pending.append(PendingAnswer(peer: peer, kind: kind))
        return true
    }

    private mutating func classify(
        _ data: DataMessage, from peer: PeerID
    ) -> PendingAnswer.Kind? {
        switch exchange.classify(data, from: peer) {
        case .ignored: return nil
        case .proof(let entry): return .proof(entry, data)
        case .fork(let entry): return .fork(entry, data)
        case .conflictCheck:
            var data = data
            data.value = nil
            return .conflictCheck(data)
        }
    }

    /// Whether answers wait to be stored.
    public var hasPendingAnswers: Bool { !pending.isEmpty }

    /// Takes over where the store stands, whoever moved it.
    ///
    /// Say `reloadingHeld` when somebody else may have stored or cleared single blocks.
    public mutating func refresh(
        from snapshot: borrowing StoreSnapshot, reloadingHeld: Bool = false
    ) throws {
        try refresh(from: snapshot, reloadingHeld: reloadingHeld, received: [])
    }

    mutating func refresh(
        from snapshot: borrowing StoreSnapshot, reloadingHeld: Bool, received: [Range<UInt64>]
    ) throws {
        let old = exchange.local
        let head = try snapshot.head(of: feed)
        var inserted: [Range<UInt64>] = []
        var removed: [Range<UInt64>] = []
        var held: BlockSet?
        if !reloadingHeld && head.fork == old.fork && head.length >= old.length {
            var known = old.held
            for blocks in received {
                known.insert(blocks)
                inserted.append(joining: blocks)
            }
            if head.contiguousLength > known.contiguousLength {
                let range = known.contiguousLength..<head.contiguousLength
                known.insert(range)
                inserted.append(range)
            }
            held = known
        }
        let state = try Self.state(of: feed, in: snapshot, held: held)
        if held == nil {
            (inserted, removed) = old.held.difference(
                to: state.held, below: max(old.length, state.length))
        }
        if inserted.isEmpty && removed.isEmpty && state.isSame(as: old) { return }
        exchange.localChanged(to: state, inserted: inserted, removed: removed)
    }

    /// Decides what is due to all peers.
    public mutating func plan(
        now: Duration, from snapshot: borrowing StoreSnapshot
    ) throws {
        exchange.tick(now: now)
        releaseKeptAnswers()
        for check in exchange.rootChecks {
            let areHeld = try snapshot.withTree(of: feed) {
                try $0.roots(ofLength: check.length) != nil
            }
            exchange.didCheckRoots(of: check.peer, areHeld: areHeld)
        }
        try planSeeks(from: snapshot)
        exchange.plan()
    }

    /// Takes what has happened since this was called last.
    public mutating func takeEvents() -> [ExchangeEvent] {
        defer { exchange.events.removeAll(keepingCapacity: true) }
        return exchange.events
    }
}

extension LocalState {
    func isSame(as other: LocalState) -> Bool {
        head == other.head && hasManifest == other.hasManifest && isCompat == other.isCompat
            && isFrozen == other.isFrozen
    }
}

extension [Range<UInt64>] {
    /// Appends a range, as a part of the last one if it follows it.
    mutating func append(joining range: Range<UInt64>) {
        if let last, last.upperBound == range.lowerBound {
            self[count - 1] = last.lowerBound..<range.upperBound
        } else {
            append(range)
        }
    }
}
