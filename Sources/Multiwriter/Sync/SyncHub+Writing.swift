import Cryptography
import Feeds
import Multiplexing
import Replication

extension SyncHub {
    /// Lets every feed that something happened to decide what is due.
    func plan(from snapshot: borrowing StoreSnapshot) throws {
        let feeds = dirty
        dirty.removeAll(keepingCapacity: true)
        for feed in feeds {
            feed.isDirty = false
            feed.lookups.ask(&feed.session, now: now)
            try isolating(feed) { try feed.session.plan(now: now, from: snapshot) }
            guard feed.problem == nil else { continue }
            take(feed.session.takeEvents(), of: feed)
            try isolating(feed) { try feed.answerHints(now: now, from: snapshot) }
            for id in feed.session.peersWithOutput {
                guard let number = feed.connections[id], let peer = peers[number] else { continue }
                peer.enqueue(feed)
            }
            for number in feed.links.keys { peers[number]?.isUnsure = true }
        }
    }

    /// Writes what is due to every connection, and serves as long as it takes more.
    ///
    /// What is served leaves piece by piece, so that it travels while the next piece is read.
    func write(
        from snapshot: borrowing StoreSnapshot, _ perform: (Action) -> Void
    ) throws {
        shareOutgoing()
        for number in order {
            guard let peer = peers[number], peer.isOpen, peer.isWriting else { continue }
            do {
                try write(to: peer, from: snapshot, perform)
            } catch let violation as ProtocolViolation {
                end(peer, violation: violation)
            }
        }
    }

    /// Peers that do not take what they asked for must not hold all memory.
    private func shareOutgoing() {
        let count = peers.values.count { $0.outgoingByteCount > 0 || $0.isWriting }
        let share = max(
            SyncLimits.minimumOutgoingByteCount,
            SyncLimits.sharedOutgoingByteCount / max(1, count))
        for peer in peers.values {
            peer.outgoingLimit = min(peer.options.limits.outgoingByteCount, share)
        }
    }

    /// Every feed says what it has to say; blocks are served a piece of each feed at a time, so
    /// that a large file does not hold up a small one.
    private func write(
        to peer: SyncPeer, from snapshot: borrowing StoreSnapshot, _ perform: (Action) -> Void
    ) throws {
        var queue = peer.takeWriting()
        var position = 0
        let first = queue.count
        while position < queue.count {
            let feed = queue[position]
            let room = max(0, peer.outgoingLimit - peer.outgoingByteCount)
            let isFull = peer.multiplexer.outgoingByteCount >= room
            if isFull && position >= first { break }
            position += 1
            guard let link = feed.links[peer.number] else { continue }
            let limit = min(room, peer.multiplexer.outgoingByteCount + SyncLimits.servingByteCount)
            let outcome = try isolating(feed) {
                try feed.session.flush(
                    link.peer, into: &peer.multiplexer, on: link.channel, from: snapshot,
                    limit: limit)
            }
            take(feed.session.takeEvents(), of: feed)
            switch outcome ?? .drained {
            case .drained: break
            case .more: queue.append(feed)
            case .closed: detach(feed, from: peer)
            }
            if peer.multiplexer.outgoingByteCount >= SyncLimits.servingByteCount {
                send(to: peer)
                performAll(perform)
            }
        }
        for feed in queue[position...] { peer.enqueue(feed) }
    }

    /// Does something with a feed; if the store's part of it is damaged, others go on without it.
    private func isolating<Result>(
        _ feed: SyncFeed, _ body: () throws -> Result
    ) throws -> Result? {
        do {
            return try body()
        } catch let error as FeedStoreError where error.code == .unknownFeed {
            // Another process has found that nobody serves it.
            mustCompareLinks = true
            seenVersion = 0
            return nil
        } catch let error as FeedStoreError where error.code == .damaged {
            feed.problem = error.description
            report(
                .problem, nil, feed: feed.feed.key,
                "Feed \(feed.feed.key.id) is not replicated: \(error)")
            for (number, link) in feed.links {
                guard let peer = peers[number] else { continue }
                peer.multiplexer.close(link.channel)
                detach(feed, from: peer)
            }
            return nil
        }
    }

    /// Counts and passes on what happened to a feed.
    private func take(_ events: [ExchangeEvent], of feed: SyncFeed) {
        let isHeard = drive.hasListeners
        var heard: [DriveEvent] = []
        for event in events {
            switch event {
            case .received(let block, let byteCount, let id):
                totals.receivedBlockCount += 1
                noteNews(of: feed, from: id)
                if isHeard { heard.append(.download(feed.event(block, byteCount))) }
            case .receivedRun(let blocks, let byteCount, let id):
                totals.receivedBlockCount += UInt64(blocks.count)
                noteNews(of: feed, from: id)
                if isHeard { heard.append(.download(feed.event(blocks, byteCount))) }
            case .servedRun(let blocks, let byteCount, _):
                totals.servedBlockCount += UInt64(blocks.count)
                if isHeard { heard.append(.upload(feed.event(blocks, byteCount))) }
            case .served(let block, let byteCount, _):
                totals.servedBlockCount += 1
                if isHeard { heard.append(.upload(feed.event(block, byteCount))) }
            case .upgraded(_, let id):
                noteNews(of: feed, from: id)
            case .forked(let fork, let ancestors, _):
                report(
                    .problem, nil, feed: feed.feed.key,
                    "Feed \(feed.feed.key.id) was cut to \(ancestors) blocks, fork \(fork).")
            case .invalidData(let id, let reason):
                report(
                    .problem, connection(of: id, feed), feed: feed.feed.key,
                    "What the far end sent for feed \(feed.feed.key.id) does not hold: \(reason)")
            case .conflict(let length, let id):
                report(
                    .problem, connection(of: id, feed), feed: feed.feed.key,
                    "The writer of archive \(feed.link.id) has signed two histories of "
                        + "\(length) blocks; nothing more is taken from it.")
            case .extensionMessage(_, let message, let id):
                if feed.note(hint: message, from: id) { mark(feed) }
            case .idle, .found:
                break
            }
        }
        if !heard.isEmpty { drive.post(heard) }
    }

    private func connection(of id: PeerID, _ feed: SyncFeed) -> SyncPeer? {
        feed.connections[id].flatMap { peers[$0] }
    }

    /// What came from one connection is news to all others.
    private func noteNews(of feed: SyncFeed, from id: PeerID) {
        let source = feed.connections[id]
        for number in feed.links.keys where number != source { peers[number]?.needsRound = true }
    }
}

extension SyncFeed {
    func event(_ block: UInt64, _ byteCount: Int) -> BlockEvent {
        event(block..<block + 1, byteCount)
    }

    func event(_ blocks: Range<UInt64>, _ byteCount: Int) -> BlockEvent {
        BlockEvent(
            link: link, part: part, block: blocks.lowerBound, blockCount: blocks.count,
            byteCount: byteCount)
    }
}
