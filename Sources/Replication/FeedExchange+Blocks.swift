import Merkle

extension FeedExchange {
    /// How many requests may wait at a peer: as many blocks as make a few megabytes.
    var window: Int {
        guard local.length > 0, local.head.byteLength > 0 else { return limits.minimumWindow }
        let average = max(1, local.head.byteLength / local.length)
        let count = Int(clamping: limits.windowByteCount / average)
        return min(max(count, limits.minimumWindow), limits.maximumWindow)
    }

    private func room(_ slot: Int) -> Int {
        guard let peer = peers[slot], peer.isUsable, !peer.isStalled, peer.fork == local.fork
        else { return 0 }
        return max(0, window - peer.requests.count)
    }

    /// Asks for the blocks that somebody waits for, the last one wanted first.
    mutating func planUrgentBlocks() {
        for index in wanted.urgent.reversed() where !claimed.contains(index) {
            var best: (slot: Int, count: Int)?
            for slot in peerSlots where room(slot) > 0 {
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
        while !slots.isEmpty {
            if slots.count > 1 {
                slots.sort {
                    (peers[$0]?.requests.count ?? 0) < (peers[$1]?.requests.count ?? 0)
                }
            }
            let round = slots.count == 1 ? Int.max : limits.roundBlockCount
            slots = slots.filter { slot in
                let count = min(room(slot), round)
                return requestBlocks(count, in: ranges, from: slot) == count && room(slot) > 0
            }
        }
    }

    /// Asks a peer for up to `count` blocks, in order; says how many there were.
    private mutating func requestBlocks(
        _ count: Int, in ranges: [Range<UInt64>], from slot: Int
    ) -> Int {
        guard let provable = peers[slot]?.provableLength(for: local) else { return 0 }
        var left = count
        for range in ranges {
            var start = max(range.lowerBound, peers[slot]?.cursor ?? 0)
            let end = min(range.upperBound, provable)
            while left > 0, start < end,
                let index = peers[slot]?.has.first(in: start..<end, notIn: claimed)
            {
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

    private mutating func request(_ index: UInt64, priority: UInt64, from slot: Int) {
        claimed.insert(index)
        let request = ProofRequest(
            fork: local.fork, block: ProofRequest.Block(index: index, nodes: 0))
        send(request, for: .block(index), priority: priority, to: slot)
    }

    // MARK: Time

    /// Gives what slow peers owe to others, and asks idle ones for the last blocks as well.
    mutating func tick(now: Duration) {
        self.now = now
        for slot in peerSlots where peers[slot]?.unansweredWants.isEmpty == false {
            // Hypercore does not answer for a segment of which it has nothing.
            guard now - (peers[slot]?.wantedAt ?? now) > limits.wantTimeout else { continue }
            peers[slot]?.unansweredWants.removeAll()
        }
        guard peerSlots.count > 1, !local.isFrozen else { return }
        let usable = peerSlots.filter {
            peers[$0]?.isUsable == true && peers[$0]?.isStalled == false
        }
        guard usable.count > 1 else { return }
        for slot in usable {
            guard let peer = peers[slot], peer.requests.count > 0,
                now - peer.lastAnswerAt > limits.stallTimeout
            else { continue }
            peers[slot]?.isStalled = true
            peers[slot]?.strikeCount += 1
            for (number, entry) in peer.requests.waiting { cancel(number, entry, slot: slot) }
        }
        releaseSlowAnswers(usable)
        planDuplicates(usable)
    }

    /// Lets another peer be asked for what must not wait: an upgrade, a fork.
    private mutating func releaseSlowAnswers(_ slots: [Int]) {
        for slot in slots {
            guard let id = peers[slot]?.id, upgradePeer == id || following?.asked == id else {
                continue
            }
            for (_, entry) in peers[slot]?.requests.waiting ?? []
            where now - entry.sentAt > limits.duplicateAfter {
                switch entry.purpose {
                case .upgrade where upgradePeer == id: upgradePeer = nil
                case .fork, .forkPart: following?.asked = nil
                default: continue
                }
                // A late answer is still taken; until its next sync others come first.
                peers[slot]?.refusedUpgrade = true
                peers[slot]?.strikeCount += 1
            }
        }
    }

    private mutating func cancel(_ number: UInt64, _ entry: RequestTable.Entry, slot: Int) {
        guard let id = peers[slot]?.id, peers[slot]?.requests.cancel(number) != nil else { return }
        peers[slot]?.outbox.append(.cancel(request: number))
        withdraw(entry, of: id)
    }

    private mutating func planDuplicates(_ slots: [Int]) {
        for slot in slots where peers[slot]?.requests.count == 0 {
            var left = min(room(slot), limits.roundBlockCount)
            guard let provable = peers[slot]?.provableLength(for: local) else { continue }
            for other in slots where other != slot && left > 0 {
                for (_, entry) in peers[other]?.requests.waiting ?? [] where left > 0 {
                    guard case .block(let index) = entry.purpose,
                        now - entry.sentAt > limits.duplicateAfter, index < provable,
                        peers[slot]?.has.contains(index) == true
                    else { continue }
                    request(index, priority: 0, from: slot)
                    left -= 1
                }
            }
        }
    }

    /// Takes back requests for blocks that nobody wants any more.
    mutating func cancelUnwanted() {
        for slot in peerSlots {
            for (number, entry) in peers[slot]?.requests.waiting ?? [] {
                if case .block(let index) = entry.purpose, !wanted.contains(index) {
                    cancel(number, entry, slot: slot)
                }
            }
        }
    }
}
