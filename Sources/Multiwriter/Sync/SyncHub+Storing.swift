import Cryptography
import Feeds
import LMDB
import Replication

extension SyncHub {
    /// What one write transaction did.
    struct Stored {
        /// Feeds that others had changed before it.
        var foreign: [Feed] = []
        /// Feeds that it may have changed itself.
        var own: Set<Feed> = []
        /// The counter of changes after it.
        var change: UInt64 = 0
        /// Archives that were learnt.
        var added: [FeedKey] = []
        /// Archives whose content feed became known.
        var adopted: [FeedKey] = []
    }

    /// One turn's work on the store: a write transaction if there is something to keep, then a
    /// snapshot from which everything that is said is taken.
    func deal(_ perform: (Action) -> Void) throws {
        // It may be ahead of what can be read for a moment; only a snapshot says what was seen.
        let version = try store.storeVersion()
        let batches = takeBatches()
        let hasEstablished = peers.values.contains { $0.isOpen && !$0.isGreeted }
        let isWriting = peers.values.contains { $0.isWriting && !$0.isCongested }
        guard
            !batches.isEmpty || hasEstablished || isWriting || !dirty.isEmpty || hasOrphans
                || version != seenVersion && !peers.isEmpty
        else { return }
        if !hasLoaded {
            try store.read { snapshot in
                seenChange = try snapshot.lastChange()
                try loadArchives(from: snapshot)
            }
        }
        // Before any message: what a peer opens at once must find our side.
        try greet()
        try withMessages(of: batches[...]) {
            try ask(perform)
            let stored = try keep()
            try store.read { snapshot in
                try refresh(from: snapshot, stored)
                answerRequests()
                try plan(from: snapshot)
                try write(from: snapshot, perform)
            }
        }
        result.isBehind = version > seenVersion
    }

    /// Asks for more before what came is stored, so that the far ends work while the disk does.
    private func ask(_ perform: (Action) -> Void) throws {
        let byteCount = answered.reduce(0) { $0 + $1.answeredByteCount }
        guard byteCount >= SyncLimits.askingByteCount else { return }
        try store.read { snapshot in
            try plan(from: snapshot)
            try write(from: snapshot, perform)
        }
        for number in order {
            if let peer = peers[number], peer.isOpen { send(to: peer) }
        }
        performAll(perform)
    }

    /// Does what need not wait for the end of the turn.
    func performAll(_ perform: (Action) -> Void) {
        for action in result.actions { perform(action) }
        result.actions.removeAll(keepingCapacity: true)
    }

    /// Stores what was proven and what was learnt; `nil` if there was nothing.
    private func keep() throws -> Stored? {
        let links = takeAcceptableLinks()
        if hasOrphans { trimOrphans() }
        guard !answered.isEmpty || !links.isEmpty || !adoptable.isEmpty || !forgotten.isEmpty
        else { return nil }
        let stored = try store.write { transaction in
            var stored = Stored()
            stored.foreign = try transaction.snapshot.feedsChanged(since: seenChange)
            try drive.forget(forgotten, in: transaction)
            for feed in answered {
                guard try holds(feed, in: transaction.snapshot) else { continue }
                try feed.session.apply(in: transaction)
                stored.own.insert(feed.feed)
            }
            // Another process may have used up the room meanwhile.
            let count = try drive.archiveCount(in: transaction.snapshot)
            let room = max(0, drive.options.maximumArchiveCount - count)
            stored.added = try drive.add(
                Array(links.prefix(room)), areLearnt: true, in: transaction)
            var candidates = adoptable
            for feed in answered where feed.part == .index && stored.own.contains(feed.feed) {
                let head = try transaction.snapshot.head(of: feed.feed)
                try drive.noteComplete(feed.link, head, in: transaction)
                if archives[feed.link]?.content == nil { candidates.insert(feed.link) }
            }
            for link in candidates {
                if try drive.adoptContentFeed(of: link, in: transaction) != nil {
                    stored.adopted.append(link)
                }
            }
            if !wants.isEmpty { try drive.removeFulfilledWants(in: transaction) }
            if !indexLacks.isEmpty { try drive.removeFulfilledLacks(in: transaction) }
            stored.change = try transaction.snapshot.lastChange() + 1
            return stored
        }
        // A header that names no content feed will not name one later either.
        adoptable.removeAll()
        forgotten.removeAll()
        drive.postArchives(stored.added)
        return stored
    }

    /// Of the links that were told, those that fit; the others are refused.
    private func takeAcceptableLinks() -> [FeedKey] {
        defer { told.removeAll() }
        var links: [FeedKey] = []
        var seen: Set<FeedKey> = []
        var yielding = YieldingLinks()
        defer { drop(yielding.chosen, forgetting: true) }
        var room = max(0, drive.options.maximumArchiveCount - archives.count)
        for (peer, keys) in told where !peer.isEnded {
            var refusedCount = 0
            var malformedCount = 0
            for key in keys {
                if seen.contains(key) {
                    peer.coordinator.accepted(key)
                } else if key.withUnsafeBytes({ $0.allSatisfy { $0 == 0 } }) {
                    malformedCount += 1
                } else if peer.learnedCount < peer.options.limits.archiveCount,
                    room > 0 || yielding.makeRoom(for: peer.number, in: self)
                {
                    if room > 0 { room -= 1 }
                    peer.learnedCount += 1
                    yielding.note(key, of: peer.number)
                    tellers[key] = peer.number
                    seen.insert(key)
                    links.append(key)
                    peer.coordinator.accepted(key)
                    report(.learned, peer, feed: key, "Learnt of archive \(key.id).")
                } else {
                    refusedCount += 1
                }
            }
            refuse(refusedCount, malformedCount, of: peer)
        }
        return links
    }

    private func refuse(_ refusedCount: Int, _ malformedCount: Int, of peer: SyncPeer) {
        if malformedCount > 0 {
            peer.coordinator.refuse(
                count: malformedCount, code: 2, sentence: "A link of zeros is no key.")
        }
        guard refusedCount > 0 else { return }
        let sentence =
            "This drive takes at most \(peer.options.limits.archiveCount) archives from one "
            + "connection of which nothing is proven, and \(drive.options.maximumArchiveCount) in all."
        // Said once; what comes after is dropped in silence.
        if peer.refusedCount == 0 {
            peer.coordinator.refuse(count: refusedCount, code: 1, sentence: sentence)
            report(.refused, peer, "Links of the far end were not taken. \(sentence)")
        }
        peer.refusal = sentence
        peer.refusedCount += refusedCount
    }
}

// MARK: - Taking over what the store has

extension SyncHub {
    private func refresh(
        from snapshot: borrowing StoreSnapshot, _ stored: Stored?
    ) throws {
        let applied = answered
        answered.removeAll()
        for feed in applied {
            feed.answeredByteCount = 0
            if let stored, !stored.own.contains(feed.feed) {
                feed.session.abandon()
                mustCompareLinks = true
                continue
            }
            try feed.session.commit(from: snapshot)
            mark(feed)
            noteProven(feed)
            noteChange(of: feed)
        }
        let version = try snapshot.withEnvironmentTransaction { $0.id }
        guard stored != nil || version != seenVersion else { return }
        seenVersion = version
        let foreign = try foreignChanges(in: snapshot, stored)
        try takeOver(foreign, from: snapshot)
        seenChange = try snapshot.lastChange()
        try loadArchives(from: snapshot)
        for link in stored?.adopted ?? [] { try loadContent(of: link, from: snapshot) }
    }

    /// The feeds that somebody else has changed since the last turn.
    private func foreignChanges(
        in snapshot: borrowing StoreSnapshot, _ stored: Stored?
    ) throws -> Set<Feed> {
        let changed = Set(try snapshot.feedsChanged(since: seenChange))
        guard let stored else { return changed }
        // Ours are known already, unless somebody else was there before or after us.
        let later = try snapshot.feedsChanged(since: stored.change)
        return changed.subtracting(stored.own).union(stored.foreign).union(later)
    }

    private func takeOver(
        _ changed: Set<Feed>, from snapshot: borrowing StoreSnapshot
    ) throws {
        var isNews = false
        for key in changed {
            guard let feed = feeds[key.discoveryKey] else { continue }
            isNews = true
            try feed.session.refresh(from: snapshot, reloadingHeld: true)
            noteProven(feed)
            mark(feed)
            noteChange(of: feed)
            if feed.part == .index { try loadContent(of: feed.link, from: snapshot) }
        }
        guard isNews else { return }
        drive.noteForeignCommit()
        for peer in peers.values { peer.needsRound = true }
    }
}
