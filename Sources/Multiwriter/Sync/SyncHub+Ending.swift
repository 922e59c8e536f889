import CompactEncoding
import Cryptography
import Feeds
import Multiplexing
import Replication

extension SyncHub {
    /// The end of a turn: rounds of the coordinators, encryption, and who leaves.
    func finishTurn() {
        dropGreediest()
        for number in order {
            guard let peer = peers[number], peer.isOpen else { continue }
            coordinate(peer)
            send(to: peer)
            if peer.outgoingByteCount > peer.options.limits.maximumOutgoingByteCount {
                end(peer, violation: .limitExceeded("maximumOutgoingByteCount"))
            }
            leaveIfDone(peer)
        }
        hangUp()
        result.hasMore =
            peers.values.contains { $0.hasInbox } || !dirty.isEmpty || hasOrphans
        if peers.values.contains(where: { $0.isWriting && !$0.isCongested }) {
            result.hasMore = true
        }
    }

    /// Drops who holds the most of what all share, if that is too much.
    private func dropGreediest() {
        let budgets = sums.budgets
        if budgets.queuedRequestCount > SyncLimits.sharedRequestCount {
            drop("sharedRequestCount") { $0.budget.queuedRequestCount }
        }
        if budgets.pageCount > SyncLimits.sharedPageCount {
            drop("sharedPageCount") { $0.budget.pageCount }
        }
        if sums.outgoingByteCount > SyncLimits.maximumSharedOutgoingByteCount {
            drop("maximumSharedOutgoingByteCount") { $0.outgoingByteCount }
        }
    }

    private func drop(_ limit: String, _ cost: (SyncPeer) -> Int) {
        guard let peer = peers.values.max(by: { cost($0) < cost($1) }) else { return }
        end(peer, violation: .limitExceeded(limit))
    }

    /// Encrypts what is ready and hands it out.
    func send(to peer: SyncPeer) {
        let output = peer.takeOutput(now: now)
        guard !output.isEmpty else { return }
        totals.sentByteCount &+= UInt64(output.count)
        result.actions.append(.output(peer.number, .write(output)))
    }

    /// Tells a drive at the far end why it is left, as far as it can still be told.
    func sayFarewell(_ number: Int, _ error: SyncError) {
        guard let peer = peers[number], peer.isOpen, peer.isDrive, peer.hangUp == nil,
            let channel = peer.coordinatorChannel, let sentence = error.farewell
        else { return }
        let message = CoordinatorMessage.farewell(sentence)
        peer.multiplexer.send(message.type, on: channel, body: message.encoded)
        send(to: peer)
    }

    private func coordinate(_ peer: SyncPeer) {
        if peer.isUnsure {
            peer.isUnsure = false
            let wasSettled = peer.isSettled
            peer.isSettled = lookWhetherSettled(peer)
            if peer.isSettled && !wasSettled { report(.settled, peer, "") }
        }
        guard peer.isGreeted else { return }
        if peer.isLeaving, peer.isDrive, peer.needsRound {
            // Something came from elsewhere before the last bytes had left.
            peer.isLeaving = false
            peer.leavingSince = nil
        }
        // Before that not everything is announced.
        if peer.isReconciled, !peer.isWriting {
            if peer.options.isOnce, peer.needsRound, peer.isDrive {
                peer.needsRound = false
                peer.wasEqual = false
                peer.coordinator.ask()
            }
            peer.coordinator.answer(isSettled: peer.isSettled)
        }
        sendCoordinatorMessages(of: peer)
        guard peer.options.isOnce, peer.isSettled, !peer.isLeaving else { return }
        let isDone =
            peer.isDrive
            ? (peer.wasEqual || peer.coordinator.rounds.isAnswered)
                && !peer.coordinator.rounds.isOwing && !peer.needsRound
            : peer.isPlain && now >= peer.lastProgress + SyncLimits.quietTime
                && hasEverything(peer)
        guard isDone else { return }
        peer.hasCompletedRound = true
        peer.isLeaving = true
        peer.leavingSince = now
    }

    private func lookWhetherSettled(_ peer: SyncPeer) -> Bool {
        let isReconciled = peer.isDrive && peer.isReconciled
        guard peer.isGreeted, isReconciled || peer.isPlain, !peer.hasInbox else { return false }
        if let feed = peer.unsettled, !feed.isSettled(with: peer.number) { return false }
        peer.unsettled = peer.feeds.values.first { !$0.isSettled(with: peer.number) }
        return peer.unsettled == nil
    }

    /// Whether a far end that has no coordinator holds what we hold, as far as it says.
    private func hasEverything(_ peer: SyncPeer) -> Bool {
        peer.feeds.values.allSatisfy { feed in
            guard let link = feed.links[peer.number],
                let status = feed.session.status(of: link.peer)
            else { return true }
            return status.remoteHasEverythingWeHave || !status.isDownloading
        }
    }

    private func leaveIfDone(_ peer: SyncPeer) {
        guard peer.isLeaving else { return }
        let since = peer.leavingSince ?? now
        if peer.outgoingByteCount == 0 || now >= since + SyncLimits.leavingTime {
            end(peer.number, .success(()))
        }
    }

    /// Ends connections whose stream is over, once what came before is dealt with.
    private func hangUp() {
        for number in order {
            guard let peer = peers[number], let ending = peer.hangUp, !peer.hasInbox else {
                continue
            }
            noteUnanswered(peer)
            end(number, Self.ending(of: peer, ending))
        }
    }

    /// Notes what a far end without a coordinator was asked for when it hung up.
    private func noteUnanswered(_ peer: SyncPeer) {
        guard peer.isOpen, !peer.isDrive else { return }
        for feed in peer.feeds.values {
            guard let link = feed.links[peer.number],
                let block = feed.hangUps.note(feed.session.askedBlocks(of: link.peer))
            else { continue }
            report(
                .problem, peer, feed: feed.feed.key,
                "The far end hangs up when it is asked for block \(block) of feed "
                    + "\(feed.feed.key.id): it is not asked for it again.")
        }
    }

    private static func ending(
        of peer: SyncPeer, _ ending: Result<Void, SyncError>
    ) -> Result<Void, SyncError> {
        if let sentence = peer.farewell, !peer.hasCompletedRound {
            return .failure(.dismissed(sentence))
        }
        let isIncomplete = peer.options.isOnce && !peer.hasCompletedRound
        if case .success = ending, isIncomplete {
            return .failure(
                SyncError(.incomplete, "The far end left before both sides had everything."))
        }
        // A far end that has everything may drop the connection as it likes.
        return peer.hasCompletedRound ? .success(()) : ending
    }
}
