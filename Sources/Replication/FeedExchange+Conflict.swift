import Merkle

/// Finding out that a writer has signed two histories, and letting others know.
extension FeedExchange {
    /// Asks a peer that sent what does not hold for its whole tree.
    mutating func checkForConflict(_ slot: Int) {
        guard let peer = peers[slot], !peer.awaitsConflictCheck, let sync = peer.sync else {
            return
        }
        let length = min(local.length, sync.length)
        guard length > 0 else { return }
        peers[slot]?.awaitsConflictCheck = true
        let request = ProofRequest(
            fork: sync.fork, upgrade: ProofRequest.Upgrade(start: 0, length: length))
        peers[slot]?.outbox.append(.request(RequestMessage(id: 0, proof: request)))
    }

    /// Compares the trees of both sides once the peer has said where it stands.
    mutating func planHistoryCheck(_ slot: Int) {
        guard let peer = peers[slot], peer.owesHistoryCheck, let sync = peer.sync,
            sync.fork == local.fork
        else { return }
        // Who is shorter asks for an upgrade, and finds out so.
        if sync.length == local.length {
            checkForConflict(slot)
            if peers[slot]?.awaitsConflictCheck == true { peers[slot]?.comparesSince = now }
        }
        peers[slot]?.owesHistoryCheck = false
    }

    /// Notes that a peer's tree is the same as ours: it may be asked again.
    mutating func didClearConflict(from id: PeerID) {
        guard let slot = slot(of: id), peers[slot]?.awaitsConflictCheck == true else { return }
        peers[slot]?.awaitsConflictCheck = false
        peers[slot]?.comparesSince = nil
        // Who lies again and again stays unasked.
        let count = peers[slot]?.malformedAnswerCount ?? 0
        if count < limits.maximumMalformedAnswerCount { peers[slot]?.isPaused = false }
    }

    /// Notes that the writer has two histories.
    ///
    /// The peer that brought the other one gets our proof, and its channel closes. All others hear
    /// of both as those do that come later.
    mutating func didFindConflict(from id: PeerID) {
        events.append(.conflict(length: local.length, from: id))
        guard let slot = slot(of: id) else { return }
        peers[slot]?.isClosing = true
        peers[slot]?.incoming.removeAll()
        tellOfConflict(slot)
        peers[slot]?.owesConflictProof = false
    }

    /// Lets a peer hear of both sides: it has one, or a part of what they have in common.
    private mutating func tellOfConflict(_ slot: Int) {
        guard let peer = peers[slot], peer.fork == local.fork else { return }
        let length = min(local.length, peer.length)
        guard length > 0 else { return }
        peers[slot]?.conflictLength = length
        peers[slot]?.owesConflictProof = true
        let own = ProofRequest(
            fork: local.fork, upgrade: ProofRequest.Upgrade(start: 0, length: length))
        peers[slot]?.incoming.add(RequestMessage(id: 0, proof: own))
    }

    /// Hands the proof of two histories on.
    ///
    /// Whoever hears of it takes no new head and closes the channel, so a peer that fetches what is
    /// held here hears of it when it has everything. A peer that is too short to see the
    /// difference hears of it again when it has grown.
    mutating func planConflict(_ slot: Int) {
        guard let peer = peers[slot], !peer.isClosing, let sync = peer.sync,
            min(local.length, sync.length) > peer.conflictLength
        else { return }
        let isDone =
            peer.incoming.isEmpty && peer.has.isSuperset(of: local.held, below: local.length)
        if isDone || !sync.isDownloading || now - peer.openedAt > limits.conflictDelay {
            tellOfConflict(slot)
        }
    }
}
