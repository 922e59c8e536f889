/// Where a peer stands, for people and for whoever decides when to stop.
public struct PeerStatus: Sendable, Hashable {
    /// What went to and fro.
    public var progress: PeerProgress
    /// Whether the peer has said where it stands.
    public var hasSynced: Bool
    /// The fork the peer is on.
    public var fork: UInt64
    /// The length the peer has.
    public var length: UInt64
    /// Requests that the peer has not answered.
    public var requestCount: Int
    /// Requests of the peer that were not answered.
    public var queuedCount: Int
    /// Whether nothing is asked of the peer because it lied.
    public var isPaused: Bool
    /// Whether the peer wants data.
    public var isDownloading: Bool
    /// Whether everything wanted that the peer has is here.
    public var weHaveEverythingRemoteHas: Bool
    /// Whether everything that is here is at the peer.
    public var remoteHasEverythingWeHave: Bool
}

extension FeedSession {
    /// Where a peer stands; `nil` if it is gone.
    public func status(of id: PeerID) -> PeerStatus? {
        guard let peer = exchange.peer(id) else { return nil }
        return PeerStatus(
            progress: peer.progress, hasSynced: peer.sync != nil, fork: peer.fork,
            length: peer.length, requestCount: peer.requests.count,
            queuedCount: peer.incoming.count, isPaused: peer.isPaused,
            isDownloading: peer.sync?.isDownloading ?? true,
            weHaveEverythingRemoteHas: weHaveEverything(of: peer),
            remoteHasEverythingWeHave: hasEverything(peer))
    }

    private func weHaveEverything(of peer: PeerState) -> Bool {
        let local = exchange.local
        guard peer.sync != nil, peer.requests.count == 0, pending.isEmpty else { return false }
        if peer.isPaused || local.isFrozen || peer.fork < local.fork { return true }
        // One that keeps the answer to itself is not waited for long.
        if let since = peer.comparesSince, exchange.now - since < exchange.limits.stallTimeout {
            return false
        }
        guard peer.fork == local.fork, peer.length <= local.length,
            peer.unansweredWants.isEmpty
        else { return false }
        if exchange.wanted.wantsEverything {
            return local.held.isSuperset(of: peer.has, below: peer.length)
        }
        let ranges =
            exchange.wanted.ranges(below: peer.length)
            + exchange.wanted.urgent.filter { $0 < peer.length }.map { $0..<$0 + 1 }
        return ranges.allSatisfy { peer.has.first(in: $0, notIn: local.held) == nil }
    }

    private func hasEverything(_ peer: PeerState) -> Bool {
        let local = exchange.local
        guard peer.sync != nil, peer.incoming.isEmpty else { return false }
        if peer.fork > local.fork { return true }
        return peer.fork == local.fork && peer.length >= local.length
            && peer.has.isSuperset(of: local.held, below: local.length)
    }

    /// The number of blocks that are wanted, exist, and are not here.
    public var missingBlockCount: UInt64 {
        let local = exchange.local
        if exchange.wanted.wantsEverything {
            return local.length - local.held.count(below: local.length)
        }
        return exchange.wanted.ranges(below: local.length).reduce(0) { sum, range in
            let held =
                local.held.count(below: range.upperBound)
                - local.held.count(below: range.lowerBound)
            return sum + UInt64(range.count) - held
        }
    }

    /// Whether a block is held here.
    public func holds(_ block: UInt64) -> Bool { exchange.local.held.contains(block) }

    /// The own length, as it was last taken from the store.
    public var length: UInt64 { exchange.local.length }

    /// The number of blocks held from the first on without a gap.
    public var contiguousLength: UInt64 { exchange.local.contiguousLength }
}
