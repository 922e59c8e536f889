import Merkle

extension FeedExchange {
    /// Puts all that is due to the remotes into their outboxes.
    mutating func plan() {
        for slot in peerSlots where peers[slot]?.isOpen == true { planSync(slot) }
        if local.isFrozen {
            for slot in peerSlots where peers[slot]?.isOpen == true { planConflict(slot) }
        } else {
            for slot in peerSlots where peers[slot]?.isOpen == true { planHistoryCheck(slot) }
            planFork()
            planUpgrade()
            planManifest()
        }
        for slot in peerSlots where peers[slot]?.isUsable == true { planWants(slot) }
        planUrgentBlocks()
        planBlocks()
        planRisks()
    }

    private mutating func planSync(_ slot: Int) {
        guard let peer = peers[slot] else { return }
        if peer.needsSync || peer.owesSync {
            let sync = makeSync(slot)
            peers[slot]?.outbox.append(.sync(sync))
        }
        peers[slot]?.needsSync = false
        peers[slot]?.owesSync = false
        let length = local.contiguousLength
        guard length > 0, !peer.isClosing else { return }
        let isNews = length > peer.announcedLength && peer.has.contiguousLength < length
        let isComplete = local.isComplete && peer.announcedCompleteLength < length
        guard isNews || isComplete else { return }
        peers[slot]?.announcedLength = length
        if local.isComplete { peers[slot]?.announcedCompleteLength = length }
        peers[slot]?.outbox.append(.announcing(0..<length))
    }

    private mutating func makeSync(_ slot: Int) -> SyncMessage {
        // Before its first sync the remote counts as fork 0.
        if peers[slot]?.fork != local.fork { peers[slot]?.canUpgrade = false }
        let knowsLength = peers[slot]?.fork == local.fork
        return SyncMessage(
            fork: local.fork, length: local.length,
            remoteLength: knowsLength ? peers[slot]?.length ?? 0 : 0,
            canUpgrade: peers[slot]?.canUpgrade ?? false, isDownloading: isDownloading,
            hasManifest: local.hasManifest && !local.isCompat)
    }

    /// Sends a request; `lastAnswerAt` begins to count with the first of a row.
    mutating func send(
        _ request: ProofRequest, for purpose: RequestTable.Purpose, priority: UInt64 = 0,
        to slot: Int
    ) {
        if peers[slot]?.requests.count == 0 {
            peers[slot]?.lastAnswerAt = now
            peers[slot]?.roundTrip.begin(at: now)
        }
        guard let id = peers[slot]?.requests.add(request, for: purpose, at: now) else { return }
        peers[slot]?.budget.answers.ask(at: now)
        if case .run(let index) = purpose {
            let message = WireMessage.runRequest(id: id, runRequest(index))
            peers[slot]?.outbox.append(message)
            return
        }
        peers[slot]?.outbox.append(
            .request(RequestMessage(id: id, proof: request, priority: priority)))
    }

    // MARK: Forks, upgrades, manifest

    private mutating func planFork() {
        let forks = peerSlots.compactMap { slot -> UInt64? in
            guard let peer = peers[slot], canFollow(peer) else { return nil }
            return peer.fork
        }
        guard let highest = forks.max(), highest > local.fork else { return }
        if following?.fork != highest { following = ForkFollowing(fork: highest) }
        guard let following, following.asked == nil else { return }
        if let reorganisation = following.reorganisation {
            planForkPart(reorganisation)
            return
        }
        guard let slot = leastLoaded(where: { $0.fork == highest && canFollow($0) }),
            let peer = peers[slot]
        else { return }
        self.following?.asked = peer.id
        let request = ProofRequest(
            fork: highest, upgrade: ProofRequest.Upgrade(start: 0, length: peer.length),
            manifest: !local.hasManifest && peer.sync?.hasManifest == true)
        send(request, for: .fork(highest), to: slot)
    }

    private func canFollow(_ peer: PeerState) -> Bool {
        peer.isUsable && peer.length > 0 && !peer.refusedUpgrade
            && peer.failedForkCount < limits.maximumFailedForkCount
    }

    private mutating func planForkPart(_ reorganisation: Reorganisation) {
        guard let wanted = reorganisation.wanted else { return }
        for slot in peerSlots {
            guard let peer = peers[slot], peer.isUsable, peer.fork == reorganisation.upgrade.fork
            else { continue }
            let range = wanted.start..<max(wanted.start, min(wanted.end, peer.length))
            guard let block = anyBlock(of: peer, in: range),
                let request = reorganisation.request(forBlock: block)
            else {
                askAbout(wanted.start, slot: slot)
                continue
            }
            following?.asked = peer.id
            send(request, for: .forkPart(peer.fork), to: slot)
            return
        }
    }

    /// A block that a peer has, to name a node above it.
    func anyBlock(of peer: PeerState, in range: Range<UInt64>) -> UInt64? {
        preferredBlocks.first { range.contains($0) && peer.has.contains($0) }
            ?? peer.has.first(in: range, notIn: BlockSet())
    }

    private mutating func planUpgrade() {
        guard upgradePeer == nil else { return }
        let slot = leastLoaded(where: canUpgrade)
        guard let slot, let peer = peers[slot] else { return }
        upgradePeer = peer.id
        var request = ProofRequest(
            fork: local.fork,
            upgrade: ProofRequest.Upgrade(
                start: local.length, length: peer.length - local.length),
            manifest: !local.hasManifest && peer.sync?.hasManifest == true)
        let newest = peer.length - 1
        if asksForNewestBlock, local.length > 0, wanted.contains(newest),
            peer.has.contains(newest), !claimed.contains(newest)
        {
            claimed.insert(newest)
            request.block = ProofRequest.Block(index: newest, nodes: 0)
        }
        send(request, for: .upgrade, to: slot)
    }

    /// Whether a remote can prove that the feed has grown.
    func canUpgrade(from peer: PeerState) -> Bool {
        peer.fork == local.fork && peer.length > local.length && !peer.refusedUpgrade
            && peer.sync?.canUpgrade == true
            && peer.acknowledgedLength(fork: local.fork) == local.length
    }

    private mutating func planManifest() {
        guard !local.hasManifest, manifestPeer == nil, upgradePeer == nil else { return }
        let slot = leastLoaded(where: {
            $0.length == 0 && $0.sync?.hasManifest == true && !$0.refusedUpgrade
        })
        guard let slot, let peer = peers[slot] else { return }
        manifestPeer = peer.id
        send(ProofRequest(fork: peer.fork, manifest: true), for: .manifest, to: slot)
    }

    /// The peer with the fewest requests among those that kept nobody waiting.
    func leastLoaded(where isFit: (PeerState) -> Bool) -> Int? {
        var best: (slot: Int, strikes: Int, count: Int)?
        for slot in peerSlots {
            guard let peer = peers[slot], peer.isUsable, !peer.isStalled, isFit(peer) else {
                continue
            }
            let load = (peer.strikeCount, peer.requests.count)
            // Of equals the one that came last: the others had their chance.
            if let best, (best.strikes, best.count) < load { continue }
            best = (slot, load.0, load.1)
        }
        return best?.slot
    }

    // MARK: Wants

    private mutating func planWants(_ slot: Int) {
        guard let peer = peers[slot], peer.fork == local.fork else { return }
        let length = min(local.length, peer.length)
        var ranges = wanted.ranges(below: length)
        if !wanted.wantsEverything {
            ranges += wanted.urgent.filter { $0 < length }.map { $0..<$0 + 1 }
        }
        let known = max(peer.has.contiguousLength, claimed.contiguousLength)
        var room = limits.maximumWantedSegmentCount - peer.wantedSegments.count
        for range in ranges where peer.has.contiguousLength < range.upperBound {
            var segment =
                max(range.lowerBound, min(known, range.upperBound - 1))
                / limits.segmentLength
            while segment * limits.segmentLength < range.upperBound, room > 0 {
                let part = (segment * limits.segmentLength..<(segment + 1) * limits.segmentLength)
                    .clamped(to: range)
                if !peer.wantedSegments.contains(segment),
                    claimed.firstMissing(in: part, alsoNotIn: peer.has) != nil
                {
                    askAbout(part.lowerBound, slot: slot)
                    room -= 1
                }
                segment += 1
            }
        }
    }

    /// Asks once what a peer holds of a segment.
    private mutating func askAbout(_ block: UInt64, slot: Int) {
        let segment = block / limits.segmentLength
        guard peers[slot]?.wantedSegments.insert(segment).inserted == true else { return }
        peers[slot]?.unansweredWants.insert(segment)
        peers[slot]?.wantedAt = now
        peers[slot]?.outbox.append(
            .want(
                start: segment * limits.segmentLength, length: limits.segmentLength, any: false))
    }
}
