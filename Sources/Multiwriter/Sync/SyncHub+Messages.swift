import CompactEncoding
import Cryptography
import Feeds
import Multiplexing
import Replication
import SecretStream

extension SyncHub {
    /// Takes batches of all connections in turn, as many as one transaction should hold.
    func takeBatches() -> [(peer: SyncPeer, batch: MessageBatch)] {
        var batches: [(peer: SyncPeer, batch: MessageBatch)] = []
        var byteCount = 0
        var isProductive = true
        while isProductive {
            isProductive = false
            for number in order {
                guard let peer = peers[number], byteCount < limits.transactionByteCount,
                    batches.count < SyncLimits.batchesPerTurn, let item = peer.nextBatch()
                else { continue }
                isProductive = true
                byteCount += item.batch.byteCount
                batches.append((peer, item.batch))
                result.actions.append(.consumed(number, byteCount: item.byteCount))
            }
        }
        return batches
    }

    /// Hands all messages to their channels; their bytes stay in place during the body.
    func withMessages(
        of batches: ArraySlice<(peer: SyncPeer, batch: MessageBatch)>, _ body: () throws -> Void
    ) throws {
        guard let (peer, batch) = batches.first else { return try body() }
        // All messages of a batch lie in one buffer, one behind the other.
        try batch.withMessage(at: 0) { first in
            let all = UnsafeRawBufferPointer(start: first.baseAddress, count: batch.byteCount)
            for index in 0..<batch.count where !peer.isEnded {
                receive(UnsafeRawBufferPointer(rebasing: all[batch.range(at: index)]), peer)
            }
            try withMessages(of: batches.dropFirst(), body)
        }
    }

    private func receive(_ bytes: UnsafeRawBufferPointer, _ peer: SyncPeer) {
        var frame = IncomingFrame(bytes)
        do throws(ProtocolViolation) {
            while !peer.isEnded, let event = try peer.multiplexer.next(in: &frame) {
                try handle(event, peer)
            }
        } catch {
            end(peer, violation: error)
        }
    }

    func end(_ peer: SyncPeer, violation: ProtocolViolation) {
        end(peer.number, .failure(.violation(violation.description)))
    }

    private func handle(
        _ event: Multiplexing.Event, _ peer: SyncPeer
    ) throws(ProtocolViolation) {
        peer.isUnsure = true
        switch event {
        case .requested(let name):
            request(name, peer)
        case .opened(let channel, let handshake):
            try opened(channel, handshake, peer)
        case .message(let channel, let type, let body):
            try receive(type, body, on: channel, peer)
        case .heldMessage(let channel, let type, let body):
            let copy = UnsafeMutableRawBufferPointer.allocate(
                byteCount: body.count, alignment: 16)
            copy.copyBytes(from: body)
            copies.append(copy)
            try receive(type, UnsafeRawBufferPointer(copy), on: channel, peer)
        case .closed(let channel, let reason):
            closed(channel, reason, peer)
        }
    }

    /// Answers at once for a feed that is known, and after what was told is stored for one that
    /// may be a part of it.
    private func request(_ name: ChannelName, _ peer: SyncPeer) {
        let isFeed =
            name.protocolName == FeedSession.protocolName
            || FeedSession.aliases.contains(name.protocolName)
        guard isFeed, let key = DiscoveryKey(name.id) else { return }
        // A drive opens the coordinator's channel first: this is none.
        if !peer.isDrive, !peer.isPlain, peer.offered.isEmpty { offerEagerly(to: peer) }
        if let feed = feeds[key] {
            offer(feed, to: peer)
        } else if peer.requested.count < SyncLimits.eagerCount,
            told.contains(where: { $0.peer === peer })
        {
            peer.multiplexer.hold(name)
            peer.requested.append(name)
        }
    }

    private func opened(
        _ channel: Channel, _ handshake: [UInt8], _ peer: SyncPeer
    ) throws(ProtocolViolation) {
        if channel == peer.coordinatorChannel {
            do {
                peer.coordinator.opened(try CoordinatorHandshake(decoding: handshake))
            } catch {
                throw .invalidMessage("coordinator handshake")
            }
            if peer.coordinator.remote?.describesHeads == false { offerEverything(to: peer) }
            return
        }
        guard let feed = peer.feeds[channel], let link = feed.links[peer.number],
            let established = peer.established
        else { return }
        try feed.session.open(
            link.peer, handshake: handshake, handshakeHash: established.handshakeHash,
            isInitiator: established.isInitiator)
        feed.links[peer.number]?.phase = .open
        if !peer.isDrive, !feed.hangUps.isEmpty {
            feed.session.ask(
                of: link.peer, gingerly: feed.hangUps.risks, never: feed.hangUps.never)
        }
        if sendsRuns, peer.options.usesRuns, peer.coordinator.remote?.sendsRuns == true {
            feed.session.askForRuns(of: link.peer)
        }
        mark(feed)
        report(.opened, peer, feed: feed.feed.key, "")
    }

    private func receive(
        _ type: UInt64, _ body: UnsafeRawBufferPointer, on channel: Channel, _ peer: SyncPeer
    ) throws(ProtocolViolation) {
        if channel == peer.coordinatorChannel { return try coordinate(type, body, peer) }
        guard let feed = peer.feeds[channel], let link = feed.links[peer.number] else { return }
        if link.isQuiet { feed.links[peer.number]?.isQuiet = false }
        mark(feed)
        guard try feed.session.receive(type: type, body: body, from: link.peer) else { return }
        if feed.answeredByteCount == 0 { answered.append(feed) }
        feed.answeredByteCount += max(1, body.count)
    }

    private func closed(_ channel: Channel, _ reason: ClosingReason, _ peer: SyncPeer) {
        if channel == peer.coordinatorChannel {
            peer.coordinatorChannel = nil
            peer.isPlain = true
            peer.heads = nil
            offerAll(to: peer)
            return
        }
        guard let feed = peer.feeds.removeValue(forKey: channel) else { return }
        peer.channels.removeValue(forKey: feed.feed.discoveryKey)
        mark(feed)
        // The far end had nothing more to say; what changed here meanwhile is news to it.
        let isOpen = feed.links[peer.number]?.phase == .open
        if reason == .closed, isOpen, peer.comparesHeads, !feed.session.isFrozen,
            feed.answeredByteCount == 0
        {
            let mustGoOn = !feed.isComplete(with: peer.number)
            feed.detach(peer.number)
            peer.offered.remove(feed.feed.discoveryKey)
            if mustGoOn { offer(feed, to: peer) }
            return
        }
        if feed.detach(peer.number), reason == .closed {
            peer.offered.remove(feed.feed.discoveryKey)
            offer(feed, to: peer)
        }
    }

    private func coordinate(
        _ type: UInt64, _ body: UnsafeRawBufferPointer, _ peer: SyncPeer
    ) throws(ProtocolViolation) {
        let message: CoordinatorMessage?
        do {
            var decoder = CompactDecoder(body)
            message = try CoordinatorMessage.decode(type: type, from: &decoder)
        } catch {
            throw .invalidMessage("coordinator message \(type)")
        }
        switch message {
        case .links(let links, _): hear(links, peer)
        case .refusal(_, let count, let sentence):
            peer.remoteRefusal = sentence
            peer.remoteRefusedCount = max(count, peer.remoteRefusedCount)
            report(.refusedByPeer, peer, "The far end did not take \(count) links: \(sentence)")
        case .heads(let itemCount, let first, let cells):
            try compare(itemCount, first, cells, with: peer)
        case .moreHeads(let count): try describeMore(count, to: peer)
        case .farewell(let sentence): peer.farewell = sentence
        case .some(let message): peer.coordinator.receive(message)
        case nil: break
        }
    }

    private func hear(_ links: [FeedKey], _ peer: SyncPeer) {
        var news: [FeedKey] = []
        for link in links where !peer.coordinator.hasHeard(link) {
            if let archive = archives[link] {
                peer.coordinator.accepted(link)
                offer(archive, to: peer)
            } else {
                news.append(link)
            }
        }
        if !news.isEmpty { told.append((peer, news)) }
    }
}
