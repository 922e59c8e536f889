import Merkle

extension FeedExchange {
    /// Gives what slow peers owe to others, and asks idle ones for the last blocks as well.
    mutating func tick(now: Duration) {
        self.now = now
        for slot in peerSlots { measure(slot) }
        let usable = peerSlots.filter { peers[$0]?.isUsable == true }
        guard usable.count > 1 else { return }
        leaveSilent(usable)
        releaseSlowAnswers(usable)
        planUrgentDuplicates(usable)
        planDuplicates(usable)
    }

    /// Gives up on who answered nothing for long, as long as somebody else is there to be asked.
    private mutating func leaveSilent(_ slots: [Int]) {
        let active = slots.filter { peers[$0]?.isStalled == false }
        guard active.count > 1 else { return }
        for slot in active {
            guard let peer = peers[slot], peer.requests.count > 0,
                now - peer.lastAnswerAt > limits.stallTimeout
            else { continue }
            peers[slot]?.isStalled = true
            peers[slot]?.strikeCount += 1
            // What is cancelled is not answered: the oldest shows that the peer is back.
            let waiting = peer.requests.waiting.sorted { $0.entry.order < $1.entry.order }
            for (number, entry) in waiting.dropFirst() { cancel(number, entry, slot: slot) }
        }
    }

    /// Takes note of what a peer has answered since the last turn.
    private mutating func measure(_ slot: Int) {
        if peers[slot]?.hasAnswered == true {
            peers[slot]?.hasAnswered = false
            peers[slot]?.lastAnswerAt = now
            peers[slot]?.roundTrip.measure(at: now)
        }
        guard peers[slot]?.unansweredWants.isEmpty == false else { return }
        // Hypercore does not answer for a segment of which it has nothing.
        guard now - (peers[slot]?.wantedAt ?? now) > limits.wantTimeout else { return }
        peers[slot]?.unansweredWants.removeAll()
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
                case .upgrade where upgradePeer == id:
                    upgradePeer = nil
                    if let index = entry.request.block?.index { releaseBlock(index) }
                case .fork, .forkPart: following?.asked = nil
                default: continue
                }
                // A late answer is still taken; until its next sync others come first.
                peers[slot]?.refusedUpgrade = true
                peers[slot]?.strikeCount += 1
            }
        }
    }

    mutating func cancel(
        _ number: UInt64, _ entry: RequestTable.Entry, slot: Int, isStalled: Bool = false
    ) {
        guard let id = peers[slot]?.id, peers[slot]?.requests.cancel(number) != nil else { return }
        peers[slot]?.budget.answers.withdraw(at: now, isStalled: isStalled)
        peers[slot]?.outbox.append(.cancel(request: number))
        withdraw(entry, of: id)
    }

    /// Asks peers that have nothing to do for blocks that others have kept for long.
    private mutating func planDuplicates(_ slots: [Int]) {
        // Only who has given something, or if there is none, who came last.
        let idle = slots.filter {
            peers[$0]?.requests.count == 0 && peers[$0]?.isStalled == false
        }
        let proven = idle.filter { peers[$0]?.progress.receivedBlockCount ?? 0 > 0 }
        for slot in proven.isEmpty ? idle.reversed() : proven {
            var left = min(room(slot), limits.roundBlockCount)
            guard let peer = peers[slot] else { continue }
            let provable = peer.provableLength(for: local)
            for other in slots where other != slot && left > 0 {
                let age = duplicateAge(of: other)
                for (_, entry) in peers[other]?.requests.waiting ?? [] where left > 0 {
                    if case .run(let index) = entry.purpose, now - entry.sentAt > age {
                        left -= duplicate(index, at: slot, atMost: left)
                        continue
                    }
                    guard case .block(let index) = entry.purpose, now - entry.sentAt > age,
                        index < provable, peer.has.contains(index), mayDuplicate(index)
                    else { continue }
                    duplicated[index] = now
                    request(index, priority: 0, from: slot)
                    left -= 1
                }
            }
        }
    }

    /// Whether one more peer may be asked for a block: the last one must have had its time.
    func mayDuplicate(_ index: UInt64) -> Bool {
        duplicated[index].map { now - $0 > limits.duplicateAfter } ?? true
    }

    /// Asks a second peer for what somebody waits for, if the first one keeps it for long.
    private mutating func planUrgentDuplicates(_ slots: [Int]) {
        for index in wanted.urgent.suffix(Self.urgentDuplicateCount)
        where claimed.contains(index) && mayDuplicate(index) {
            let isLate = slots.contains { slot in
                let age = duplicateAge(of: slot)
                return peers[slot]?.requests.covers(index, sentBefore: now - age) == true
            }
            guard isLate else { continue }
            let other = leastLoaded { peer in
                peer.has.contains(index) && index < peer.provableLength(for: local)
                    && !peer.requests.covers(index)
            }
            guard let other else { continue }
            duplicated[index] = now
            request(index, priority: 1, from: other)
        }
    }

    private static let urgentDuplicateCount = 8

    /// How old a request may get before another peer is asked as well: a few round trips.
    private func duplicateAge(of slot: Int) -> Duration {
        guard let smoothed = peers[slot]?.roundTrip.smoothed else { return limits.duplicateAfter }
        return min(max(smoothed * 3, limits.minimumDuplicateAfter), limits.duplicateAfter)
    }

    /// Takes back the second request for a block that has come.
    mutating func cancelDuplicates(of index: UInt64) {
        for slot in peerSlots {
            for (number, entry) in peers[slot]?.requests.waiting ?? []
            where entry.purpose == .block(index) {
                cancel(number, entry, slot: slot)
            }
        }
    }

    /// Takes back requests for blocks that nobody wants any more.
    mutating func cancelUnwanted() {
        for slot in peerSlots {
            for (number, entry) in peers[slot]?.requests.waiting ?? [] {
                if let blocks = entry.purpose.blocks, !wanted.contains(anyOf: blocks) {
                    cancel(number, entry, slot: slot)
                }
            }
        }
    }
}
