import Merkle

/// Blocks over which a remote has hung up before: it is asked for them alone, one at a time, when
/// it has answered everything else.
extension FeedExchange {
    mutating func setRisks(_ risks: Set<UInt64>, never: Set<UInt64>, slot: Int) {
        peers[slot]?.risks = risks
        peers[slot]?.neverAsked = never
        changeHas(slot) { _ in }
    }

    /// Asks remotes that have nothing to do for one such block each.
    mutating func planRisks() {
        for slot in peerSlots {
            guard let peer = peers[slot], !peer.offeredRisks.isEmpty, peer.requests.count == 0,
                room(slot) > 0
            else { continue }
            let provable = peer.provableLength(for: local)
            let index = peer.offeredRisks.filter {
                $0 < provable && !claimed.contains($0) && wanted.contains($0)
            }.min()
            if let index { request(index, priority: 0, from: slot) }
        }
    }

    /// Notes that a remote has answered for such a block, be it that it has it not.
    mutating func forgetRisk(_ index: UInt64, slot: Int) {
        guard peers[slot]?.risks.remove(index) != nil else { return }
        peers[slot]?.offeredRisks.remove(index)
    }
}

extension PeerState {
    /// Takes blocks that are risky to ask for out of what the remote is known to hold.
    mutating func setRisksApart() {
        for index in neverAsked where has.contains(index) { has.remove(index) }
        for index in risks where has.contains(index) {
            has.remove(index)
            offeredRisks.insert(index)
        }
    }
}

extension FeedSession {
    /// The blocks that a peer was asked for, one by one, and has not answered.
    public func askedBlocks(of id: PeerID) -> Set<UInt64> {
        Set(
            exchange.peer(id)?.requests.waiting.compactMap { _, entry in
                if case .block(let index) = entry.purpose { index } else { nil }
            } ?? [])
    }

    /// Asks a peer for some blocks one at a time and last of all, and for others never.
    public mutating func ask(
        of id: PeerID, gingerly risks: Set<UInt64>, never: Set<UInt64>
    ) {
        guard let slot = exchange.slot(of: id) else { return }
        exchange.setRisks(risks, never: never, slot: slot)
    }
}
