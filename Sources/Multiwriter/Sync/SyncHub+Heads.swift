import Cryptography
import Feeds
import Multiplexing

/// Which feeds are talked about at all: those that stand otherwise at the far end.
///
/// The two sides compare what held at their greetings, and each tells the links of what differs.
/// Of all other feeds no channel is open, until one of the sides has a change.
extension SyncHub {
    /// Sends the beginning of the description of where all archives stand.
    func describeHeads(to peer: SyncPeer) throws {
        guard let established = peer.established else { return }
        try store.read { snapshot in try takeFingerprints(from: snapshot) }
        let key = established.handshakeHash.withUnsafeBytes { hash in
            var hasher = BLAKE2bHasher(key: hash)
            hasher.update(utf8: "mdrive/heads")
            return hasher.finalize()
        }
        var vainCount = 0
        peer.described = links.filter { link in
            guard archives[link]?.isVain == true else { return true }
            vainCount += 1
            return vainCount <= SyncLimits.vainLinkCount
        }
        let items = peer.described.map { link in
            archives[link]?.fingerprint.map { $0.shortened(with: key) } ?? 0
        }
        var heads = HeadReconciliation(items)
        peer.coordinator.say(heads.begin())
        peer.heads = heads
        peer.needsRound = false
        sendCoordinatorMessages(of: peer)
    }

    /// Tells all links, and offers feeds as to a drive that does not compare heads.
    func offerEverything(to peer: SyncPeer) {
        peer.heads = nil
        peer.isReconciled = true
        peer.needsRound = true
        peer.isUnsure = true
        tell(links, to: peer)
        offerEagerly(to: peer)
        offerAll(to: peer)
    }

    /// Does not wait for a far end that leaves the channel unanswered, or describes nothing.
    func giveUpHeads(of peer: SyncPeer) {
        if peer.isReconciled, now >= peer.comparedAt + SyncLimits.headMemoryTime {
            peer.heads?.forget()
        }
        guard peer.isOpen, peer.isGreeted, !peer.isPlain, !peer.isReconciled else { return }
        if peer.isDrive {
            if now >= peer.comparedAt + SyncLimits.headTime { offerEverything(to: peer) }
        } else if now >= peer.greetedAt + SyncLimits.coordinatorTime {
            offerEagerly(to: peer)
        }
    }

    /// Takes a part of the far end's description.
    func compare(
        _ itemCount: UInt64, _ first: UInt64, _ cells: [HeadCell], with peer: SyncPeer
    ) throws(ProtocolViolation) {
        guard
            let (outcome, messages) = try peer.heads?.receive(
                itemCount: itemCount, first: first, cells: cells)
        else { return }
        peer.comparedAt = now
        peer.coordinator.say(messages)
        switch outcome {
        case .undecided: break
        case .everything: offerEverything(to: peer)
        case .differs(let own, let theirCount):
            peer.isReconciled = true
            peer.wasEqual = own.isEmpty && theirCount == 0
            if !peer.wasEqual { peer.needsRound = true }
            let news = own.map { peer.described[$0] }
            tell(news, to: peer)
            for link in news.prefix(SyncLimits.eagerCount) {
                if let archive = archives[link] { offer(archive, to: peer) }
            }
        }
    }

    /// Sends more of our description.
    func describeMore(_ count: UInt64, to peer: SyncPeer) throws(ProtocolViolation) {
        guard let messages = try peer.heads?.more(count) else { return }
        peer.coordinator.say(messages)
    }

    /// Opens a feed that has changed on all connections that do not carry it.
    func noteChange(of feed: SyncFeed) {
        archives[feed.link]?.fingerprint = nil
        for number in order {
            guard let peer = peers[number], peer.isOpen, peer.heads != nil,
                !peer.offered.contains(feed.feed.discoveryKey)
            else { continue }
            peer.coordinator.tell([feed.link])
            sendCoordinatorMessages(of: peer)
            offer(feed, to: peer)
            peer.needsRound = true
        }
    }
}

// MARK: - Fingerprints

extension SyncHub {
    private func takeFingerprints(from snapshot: borrowing StoreSnapshot) throws {
        for link in links {
            guard let archive = archives[link], archive.fingerprint == nil else { continue }
            // Another process may have found that nobody serves it.
            guard try !archive.isVain || drive.knows(link, in: snapshot) else {
                mustCompareLinks = true
                continue
            }
            var hasher = BLAKE2bHasher()
            hasher.update(link)
            try hasher.update(archive.index.feed, from: snapshot)
            if let content = archive.content {
                hasher.update(content.feed.key)
                try hasher.update(content.feed, from: snapshot)
            }
            archives[link]?.fingerprint = hasher.finalize()
        }
    }
}

extension BLAKE2bHasher {
    /// Takes everything about a feed that a far end could lack or have more of.
    fileprivate mutating func update(
        _ feed: Feed, from snapshot: borrowing StoreSnapshot
    ) throws {
        let head = try snapshot.head(of: feed)
        let isFrozen = try snapshot.traits(of: feed).isFrozen
        update(littleEndian: head.fork)
        update(littleEndian: head.length)
        update(head.treeHash)
        update(byte: isFrozen ? 1 : 0)
        let held =
            head.isComplete
            ? [0..<head.length] : try snapshot.heldRanges(in: 0..<head.length, of: feed)
        update(littleEndian: UInt64(held.count))
        for range in held {
            update(littleEndian: range.lowerBound)
            update(littleEndian: range.upperBound)
        }
    }
}

extension Digest {
    /// Eight bytes that stand for this on one connection.
    fileprivate func shortened(with key: Digest) -> UInt64 {
        key.withUnsafeBytes { key in
            var hasher = BLAKE2bHasher(key: key)
            hasher.update(self)
            return hasher.finalize().withUnsafeBytes {
                UInt64(littleEndian: $0.loadUnaligned(as: UInt64.self))
            }
        }
    }
}
