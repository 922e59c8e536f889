import Merkle

extension FeedExchange {
    /// How many requests may wait at a peer: what it brings in the time that it takes to answer,
    /// and a few megabytes as long as that is not known.
    private func window(of peer: PeerState) -> Int {
        guard local.length > 0, local.head.byteLength > 0 else { return limits.minimumWindow }
        let average = max(1, local.head.byteLength / local.length)
        let measured = peer.roundTrip.windowByteCount
        let byteCount = min(measured ?? .max, limits.windowByteCount)
        let largest =
            peer.takesRuns && !peer.refusedRuns
            ? limits.maximumRunWindow
            : measured == nil ? limits.initialWindow : limits.maximumWindow
        return max(min(Int(clamping: byteCount / average), largest), limits.minimumWindow)
    }

    func room(_ slot: Int, beyondWindow extra: Int = 0) -> Int {
        guard let peer = peers[slot], peer.isUsable, !peer.isStalled, peer.fork == local.fork
        else { return 0 }
        return max(0, window(of: peer) + extra - peer.requests.blockCount)
    }

    /// Asks for the blocks that somebody waits for, the last one wanted first.
    ///
    /// They need not wait for room in the window: peers answer them before all others.
    mutating func planUrgentBlocks() {
        for index in wanted.urgent.reversed() where !claimed.contains(index) {
            var best: (slot: Int, count: Int)?
            for slot in peerSlots where room(slot, beyondWindow: limits.initialWindow) > 0 {
                guard let peer = peers[slot], peer.has.contains(index),
                    index < peer.provableLength(for: local)
                else { continue }
                if let best, best.count <= peer.requests.count { continue }
                best = (slot, peer.requests.count)
            }
            if let best { request(index, priority: 1, from: best.slot) }
        }
    }

    /// Shares the wanted blocks among the peers, a few at a time to the least loaded first.
    mutating func planBlocks() {
        let ranges = wanted.ranges(below: local.length)
        guard !ranges.isEmpty else { return }
        var slots = peerSlots.filter { room($0) > 0 }
        if slots.isEmpty { return }
        planRareBlocks(in: ranges)
        slots.removeAll { room($0) == 0 }
        let several = max(limits.roundBlockCount, Int(clamping: runBlockCount))
        while !slots.isEmpty {
            if slots.count > 1 {
                slots.sort {
                    (peers[$0]?.requests.blockCount ?? 0)
                        < (peers[$1]?.requests.blockCount ?? 0)
                }
            }
            let round = slots.count == 1 ? Int.max : several
            slots = slots.filter { slot in
                let count = min(room(slot), round)
                let hasMore = requestBlocks(count, in: ranges, from: slot) == count
                if hasMore, room(slot) == 0 { peers[slot]?.roundTrip.noteFull() }
                return hasMore && room(slot) > 0
            }
        }
    }

    /// Asks a peer for up to `count` blocks, in order; says how many there were.
    private mutating func requestBlocks(
        _ count: Int, in ranges: [Range<UInt64>], from slot: Int
    ) -> Int {
        guard let provable = peers[slot]?.provableLength(for: local) else { return 0 }
        let longest = runBlockCount
        var left = count
        for range in ranges {
            var start = max(range.lowerBound, peers[slot]?.cursor ?? 0)
            let end = min(range.upperBound, provable)
            while left > 0, start < end,
                let index = peers[slot]?.has.first(in: start..<end, notIn: claimed)
            {
                let most = min(longest, UInt64(left))
                if let run = run(at: index, below: end, maximum: most, slot: slot) {
                    request(run: run, from: slot)
                    start = run.lastBlock + 1
                    left -= Int(run.blockCount)
                    continue
                }
                request(index, priority: 0, from: slot)
                start = index + 1
                left -= 1
            }
            if left == 0 {
                peers[slot]?.cursor = start
                return count
            }
        }
        peers[slot]?.cursor = .max
        return count - left
    }

    mutating func request(_ index: UInt64, priority: UInt64, from slot: Int) {
        claimed.insert(index)
        let request = ProofRequest(
            fork: local.fork, block: ProofRequest.Block(index: index, nodes: 0))
        send(request, for: .block(index), priority: priority, to: slot)
    }
}
