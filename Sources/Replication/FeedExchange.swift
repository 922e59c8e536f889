import Merkle

/// Copies one feed between this side and any number of remotes, as a state machine without I/O.
///
/// Messages and what the store did go in; messages for each remote gather in its outbox, answers
/// that have to be checked are handed back. See docs/formats/replication.md.
struct FeedExchange {
    let limits: ReplicationLimits
    private(set) var local: LocalState
    var wanted: WantedBlocks {
        didSet { resetCursors() }
    }
    /// Blocks that are held or asked for.
    var claimed: BlockSet
    /// Blocks that more than one peer was asked for, and when the last one was.
    var duplicated: [UInt64: Duration] = [:]
    /// Runs that more than one peer was asked for, likewise.
    var duplicatedRuns: [TreeIndex: Duration] = [:]
    /// Where the search for rare blocks goes on.
    var rareCursor: UInt64 = 0
    var peers: [PeerState?] = []
    private var generations: [UInt32] = []
    /// The slots of peers that are not empty.
    private(set) var peerSlots: [Int] = []

    /// Whether anybody here wants data; the remotes are told.
    private(set) var isDownloading = true
    /// Who was asked for an upgrade.
    var upgradePeer: PeerID?
    /// Who was asked for the manifest alone.
    var manifestPeer: PeerID?
    var following: ForkFollowing?
    var seeks: [SeekTask] = []
    var nextSeekID: UInt64 = 1
    var asksForNewestBlock = true
    var preferredBlocks: [UInt64] = []
    var extensionNames: Set<String> = []
    var events: [ExchangeEvent] = []
    var now: Duration = .zero

    init(local: LocalState, wantsEverything: Bool, limits: ReplicationLimits) {
        self.limits = limits
        self.local = local
        wanted = WantedBlocks(wantsEverything: wantsEverything)
        claimed = local.held
    }
}

/// Following a fork that is higher than our own.
struct ForkFollowing {
    let fork: UInt64
    var reorganisation: Reorganisation?
    var asked: PeerID?
}

/// A byte whose block is looked for.
struct SeekTask {
    let id: UInt64
    let byte: UInt64
    let padding: UInt64
    var isAsked = false
    /// The node that was asked about last; if it is still in question, a block must decide.
    var lastNode: TreeIndex?
}

// MARK: - Peers

extension FeedExchange {
    /// Adds a remote whose channel we have opened.
    mutating func addPeer(budget: PeerBudget? = nil) -> PeerID {
        let slot = peers.firstIndex { $0 == nil } ?? peers.count
        if slot == peers.count {
            peers.append(nil)
            generations.append(0)
        }
        generations[slot] &+= 1
        let id = PeerID(slot: Int32(slot), generation: generations[slot])
        peers[slot] = PeerState(
            id: id, budget: budget ?? PeerBudget(limits: limits), limits: limits)
        peerSlots.append(slot)
        return id
    }

    func peer(_ id: PeerID) -> PeerState? {
        let slot = Int(id.slot)
        guard slot < peers.count, let peer = peers[slot], peer.id == id else { return nil }
        return peer
    }

    func slot(of id: PeerID) -> Int? {
        let slot = Int(id.slot)
        guard slot < peers.count, peers[slot]?.id == id else { return nil }
        return slot
    }

    /// Begins with a remote that has opened its side and knows the key.
    mutating func open(_ id: PeerID, supportsSeeks: Bool) {
        guard let slot = slot(of: id), peers[slot]?.isOpen == false else { return }
        peers[slot]?.isOpen = true
        peers[slot]?.supportsSeeks = supportsSeeks
        peers[slot]?.needsSync = true
        peers[slot]?.lastAnswerAt = now
        peers[slot]?.openedAt = now
    }

    /// Forgets a remote; what it was asked for is asked of others.
    ///
    /// True if the remote closed because it believed that nobody wants anything, and we do.
    @discardableResult
    mutating func removePeer(_ id: PeerID) -> Bool {
        guard let slot = slot(of: id), let peer = peers[slot] else { return false }
        peers[slot]?.requests = RequestTable()
        peer.budget.answers.withdraw(peer.requests.count, at: now)
        for (_, entry) in peer.requests.waiting { withdraw(entry, of: id) }
        if upgradePeer == id { upgradePeer = nil }
        if manifestPeer == id { manifestPeer = nil }
        if following?.asked == id { following?.asked = nil }
        peers[slot]?.release()
        peers[slot] = nil
        peerSlots.removeAll { $0 == slot }
        if let following, !peerSlots.contains(where: { peers[$0]?.fork == following.fork }) {
            self.following = nil
        }
        return peer.isOpen && peer.sync?.isDownloading == false && isDownloading
            && !wantsNothing
    }

    private var wantsNothing: Bool {
        !wanted.wantsEverything && wanted.ranges.isEmpty && wanted.urgent.isEmpty
    }

    /// Puts back what a request was for, since no answer will come or none was given.
    mutating func withdraw(_ entry: RequestTable.Entry, of id: PeerID) {
        forgetAwaited(entry, of: id)
        switch entry.purpose {
        case .block(let index):
            if !local.held.contains(index) && !isAskedTwice(index, besides: id) {
                unclaim(index)
            }
        case .run(let index):
            unclaim(run: index)
        case .upgrade:
            if upgradePeer == id { upgradePeer = nil }
            if let index = entry.request.block?.index { releaseBlock(index) }
        case .manifest:
            if manifestPeer == id { manifestPeer = nil }
        case .fork(let fork), .forkPart(let fork):
            if following?.fork == fork, following?.asked == id { following?.asked = nil }
        case .seek(let seek):
            if let index = seeks.firstIndex(where: { $0.id == seek }) {
                seeks[index].isAsked = false
                seeks[index].lastNode = nil
            }
        }
    }

    /// Whether another peer will still answer for a block; then it is asked once from now on.
    private mutating func isAskedTwice(_ index: UInt64, besides id: PeerID) -> Bool {
        guard duplicated.removeValue(forKey: index) != nil else { return false }
        return peerSlots.contains { slot in
            guard let peer = peers[slot], peer.id != id else { return false }
            return peer.requests.covers(index)
        }
    }

    /// Lets a block that was asked for together with an upgrade be asked for alone.
    mutating func releaseBlock(_ index: UInt64) {
        let isAsked = peerSlots.contains { peers[$0]?.requests.covers(index) == true }
        if !isAsked, !local.held.contains(index) { unclaim(index) }
    }

    mutating func unclaim(_ index: UInt64) {
        claimed.remove(index)
        resetCursors()
    }

    /// Lets the search for blocks begin anew at all peers.
    mutating func resetCursors() {
        for slot in peerSlots { peers[slot]?.cursor = 0 }
    }
}

// MARK: - The own feed

extension FeedExchange {
    /// Takes over where the store stands, with the blocks that came and those that went.
    mutating func localChanged(
        to state: LocalState, inserted: [Range<UInt64>], removed: [Range<UInt64>]
    ) {
        let old = local
        let hasMoved = old.head != state.head
        let hasNews = hasMoved || old.hasManifest != state.hasManifest
        local = state
        if old.fork != state.fork {
            forkChanged()
        } else if hasMoved, following?.reorganisation != nil {
            following?.reorganisation = nil
        }
        for range in removed { claimed.remove(range) }
        for range in inserted { claimed.insert(range) }
        for slot in peerSlots {
            if hasNews { peers[slot]?.needsSync = true }
            // Roots that were not held come with the blocks below them.
            if hasMoved || !inserted.isEmpty && peers[slot]?.lacksRoots == true {
                checkRoots(ofPeerIn: slot)
            }
            if hasMoved, peers[slot]?.has.hasForgotten == true {
                // There is room for more now; it is asked again what was not remembered.
                peers[slot]?.has.hasForgotten = false
                peers[slot]?.wantedSegments.removeAll()
            }
            if hasMoved {
                // What is asked for now is another upgrade than the one that was refused.
                peers[slot]?.refusedUpgrade = false
            }
            if hasMoved || !removed.isEmpty { peers[slot]?.cursor = 0 }
        }
        announce(inserted: inserted, removed: removed)
        if !wanted.urgent.isEmpty || !wanted.ranges.isEmpty {
            wanted.forget(held: local.held, below: local.length)
        }
    }

    private mutating func forkChanged() {
        following = nil
        upgradePeer = nil
        wanted.restart()
        for slot in peerSlots {
            guard let id = peers[slot]?.id else { continue }
            for (number, entry) in peers[slot]?.requests.waiting ?? []
            where entry.request.fork != local.fork {
                // The answer will be that there is none; its number is free after that.
                guard peers[slot]?.requests.cancel(number) != nil else { continue }
                peers[slot]?.budget.answers.withdraw(at: now)
                withdraw(entry, of: id)
            }
            peers[slot]?.announcedLength = 0
            peers[slot]?.announcedCompleteLength = 0
            peers[slot]?.awaitedNodes.removeAll()
        }
    }

    /// Notes whether the store must say if it holds the roots of the remote's length.
    mutating func checkRoots(ofPeerIn slot: Int) {
        guard let peer = peers[slot], let sync = peer.sync else { return }
        let isShorter =
            sync.fork == local.fork && sync.length > 0 && sync.length < local.length
        peers[slot]?.needsRootCheck = isShorter
        if !isShorter {
            peers[slot]?.holdsRoots = false
            let canUpgrade = sync.fork == local.fork && sync.length == 0
            peers[slot]?.canUpgrade = canUpgrade
        }
    }

    /// The lengths of which the store must say whether their roots are stored.
    var rootChecks: [(peer: PeerID, length: UInt64)] {
        peerSlots.compactMap { slot in
            guard let peer = peers[slot], peer.needsRootCheck else { return nil }
            return (peer.id, peer.length)
        }
    }

    mutating func didCheckRoots(of id: PeerID, areHeld: Bool) {
        guard let slot = slot(of: id), let peer = peers[slot] else { return }
        peers[slot]?.needsRootCheck = false
        peers[slot]?.holdsRoots = areHeld
        if areHeld && !peer.canUpgrade { peers[slot]?.needsSync = true }
        peers[slot]?.canUpgrade = areHeld
    }

    /// Tells the remotes whether anybody here wants data.
    mutating func setDownloading(_ isDownloading: Bool) {
        guard isDownloading != self.isDownloading else { return }
        self.isDownloading = isDownloading
        for slot in peerSlots {
            peers[slot]?.needsSync = true
            closeIfIdle(slot)
        }
    }

    /// Closes a channel on which neither side has anything to fetch.
    mutating func closeIfIdle(_ slot: Int) {
        guard !isDownloading, let peer = peers[slot], peer.sync?.isDownloading == false else {
            return
        }
        peers[slot]?.isClosing = true
        events.append(.idle(peer.id))
    }

    private mutating func announce(inserted: [Range<UInt64>], removed: [Range<UInt64>]) {
        for slot in peerSlots where peers[slot]?.isOpen == true {
            for range in removed where !range.isEmpty {
                peers[slot]?.outbox.append(.dropping(range))
                let announced = peers[slot]?.announcedLength ?? 0
                peers[slot]?.announcedLength = min(announced, range.lowerBound)
                peers[slot]?.announcedCompleteLength = 0
            }
            for range in inserted { announce(range, toPeerIn: slot) }
        }
    }

    private mutating func announce(_ range: Range<UInt64>, toPeerIn slot: Int) {
        guard let peer = peers[slot], range.lowerBound >= local.contiguousLength else { return }
        let isKnown = peer.has.firstMissing(in: range, alsoNotIn: BlockSet()) == nil
        if !isKnown { peers[slot]?.outbox.append(.announcing(range)) }
    }
}

extension WireMessage {
    static func announcing(_ range: Range<UInt64>) -> WireMessage {
        .range(
            isDrop: false, start: range.lowerBound, length: range.upperBound - range.lowerBound)
    }

    static func dropping(_ range: Range<UInt64>) -> WireMessage {
        .range(isDrop: true, start: range.lowerBound, length: range.upperBound - range.lowerBound)
    }
}
