import Archives
import CompactEncoding
import Cryptography
import Feeds
import Multiplexing
import Replication

extension SyncHub {
    /// Begins to speak on connections that have been established.
    func greet() throws {
        for number in order {
            guard let peer = peers[number], peer.isOpen, !peer.isGreeted else { continue }
            peer.isGreeted = true
            peer.greetedAt = now
            peer.comparedAt = now
            peer.multiplexer.cork()
            defer { peer.multiplexer.uncork() }
            peer.isPlain = !hasCoordinator
            guard hasCoordinator else {
                offerEagerly(to: peer)
                continue
            }
            let handshake = CoordinatorHandshake(
                isOnce: peer.options.isOnce, describesHeads: describesHeads,
                sendsRuns: sendsRuns && peer.options.usesRuns)
            peer.coordinatorChannel = peer.multiplexer.open(
                ChannelName(CoordinatorMessage.protocolName), handshake: handshake.encoded)
            if describesHeads {
                try describeHeads(to: peer)
            } else {
                offerEverything(to: peer)
            }
        }
    }

    /// Offers the feeds of the first archives, before it is known that the far end has them.
    func offerEagerly(to peer: SyncPeer) {
        for link in links.prefix(SyncLimits.eagerCount) {
            if let archive = archives[link] { offer(archive, to: peer) }
        }
    }

    /// Opens the channels of all feeds that the far end may have and that were not offered yet.
    ///
    /// A far end that did not know of an archive opens its channels when it has learnt of it, so
    /// they need not be offered; one without a coordinator is offered everything.
    func offerAll(to peer: SyncPeer) {
        for link in links where peer.isPlain || peer.coordinator.hasHeard(link) {
            if let archive = archives[link] { offer(archive, to: peer) }
        }
    }

    /// Opens the channels of an archive that were not offered yet.
    func offer(_ archive: SyncArchive, to peer: SyncPeer) {
        for feed in [archive.index, archive.content] {
            guard let feed, !peer.offered.contains(feed.feed.discoveryKey) else { continue }
            offer(feed, to: peer)
        }
    }

    /// Opens a feed's channel on a connection, unless it is open.
    func offer(_ feed: SyncFeed, to peer: SyncPeer) {
        let key = feed.feed.discoveryKey
        guard feed.problem == nil, peer.channels[key] == nil, let established = peer.established,
            peer.channels.count < peer.options.limits.maximumChannelCount
        else { return }
        let handshake = feed.session.makeHandshake(
            handshakeHash: established.handshakeHash, isInitiator: established.isInitiator)
        let channel = peer.multiplexer.open(
            feed.session.channelName, aliases: FeedSession.aliases, handshake: handshake)
        guard let channel else { return }
        peer.offered.insert(key)
        peer.channels[key] = channel
        peer.feeds[channel] = feed
        peer.isUnsure = true
        // A drive that compares heads is offered what differs alone.
        let isCompared = peer.isDrive && peer.heads != nil
        feed.attach(
            peer.number, channel: channel, budget: peer.budget, isCompared: isCompared)
        mark(feed)
    }

    func detach(_ feed: SyncFeed, from peer: SyncPeer) {
        if let channel = peer.channels.removeValue(forKey: feed.feed.discoveryKey) {
            peer.feeds.removeValue(forKey: channel)
        }
        feed.detach(peer.number)
        mark(feed)
    }

    /// Closes channels on which nothing was said for a while and both sides have everything; a
    /// change opens them again.
    func closeQuietChannels(of peer: SyncPeer) {
        guard peer.comparesHeads, peer.isSettled, !peer.options.isOnce,
            peer.coordinator.remote?.isOnce == false,
            now >= peer.sweptAt + SyncLimits.sweepInterval
        else { return }
        peer.sweptAt = now
        for (channel, feed) in peer.feeds {
            guard let link = feed.links[peer.number] else { continue }
            if !link.isQuiet {
                feed.links[peer.number]?.isQuiet = true
            } else if feed.isComplete(with: peer.number), !feed.session.isFrozen {
                peer.multiplexer.close(channel)
                detach(feed, from: peer)
                peer.offered.remove(feed.feed.discoveryKey)
            }
        }
    }

    /// Rejects what was asked for and is not known after all.
    func answerRequests() {
        for peer in peers.values where !peer.requested.isEmpty {
            for name in peer.requested {
                if let feed = DiscoveryKey(name.id).flatMap({ feeds[$0] }) {
                    offer(feed, to: peer)
                }
                peer.multiplexer.reject(name)
            }
            peer.requested.removeAll()
        }
    }

    func sendCoordinatorMessages(of peer: SyncPeer) {
        let messages = peer.coordinator.takeOutgoing()
        guard let channel = peer.coordinatorChannel else { return }
        for message in messages {
            peer.multiplexer.send(message.type, on: channel, body: message.encoded)
        }
    }
}

// MARK: - Archives

extension SyncHub {
    /// Takes over the archives that the drive follows and that are not replicated yet.
    func loadArchives(from snapshot: borrowing StoreSnapshot) throws {
        hasLoaded = true
        try loadWants(from: snapshot)
        let count = try drive.archiveCount(in: snapshot)
        guard count != archives.count || mustCompareLinks else { return }
        mustCompareLinks = false
        var news: [FeedKey] = []
        let stored = try drive.links(in: snapshot)
        let known = Set(stored)
        drop(Set(links.filter { !known.contains($0) }))
        for link in stored where archives[link] == nil {
            guard let feed = try snapshot.feed(for: link) else { continue }
            let isWhole = !drive.options.isIndexSparse || link == drive.link
            let index = try SyncFeed(
                link: link, part: .index,
                session: FeedSession(
                    feed, from: snapshot, wantsEverything: isWhole, limits: feedLimits))
            // The header names the content feed.
            if !isWhole { index.session.want(0..<1) }
            feeds[feed.discoveryKey] = index
            archives[link] = SyncArchive(
                index: index, isLearnt: try drive.isVain(link, in: snapshot),
                teller: tellers[link])
            links.append(link)
            news.append(link)
            takeLookups(of: index)
            try loadContent(of: link, from: snapshot)
        }
        tellers.removeAll()
        announce(news)
    }

    /// Begins to replicate the content feed of an archive, if it is known.
    func loadContent(of link: FeedKey, from snapshot: borrowing StoreSnapshot) throws {
        guard let archive = archives[link], archive.content == nil else { return }
        guard let feed = try contentFeed(of: link, in: snapshot) else {
            if archive.index.session.length > 0 { adoptable.insert(link) }
            return
        }
        adoptable.remove(link)
        let content = try SyncFeed(
            link: link, part: .content,
            session: FeedSession(
                feed, from: snapshot, wantsEverything: !isSparse, limits: feedLimits))
        feeds[feed.discoveryKey] = content
        archives[link]?.content = content
        if !wants.isEmpty { takeWants(of: content) }
        for number in order {
            guard let peer = peers[number], peer.isGreeted else { continue }
            let isCarried = peer.channels[archive.index.feed.discoveryKey] != nil
            if isCarried || peer.isPlain { offer(content, to: peer) }
        }
    }

    private func contentFeed(
        of link: FeedKey, in snapshot: borrowing StoreSnapshot
    ) throws -> Feed? {
        do {
            return try drive.archive(for: link, in: snapshot)?.content?.feed
        } catch is ArchiveError {
            return nil
        }
    }

    /// Tells all connections of archives, and offers their feeds.
    private func announce(_ news: [FeedKey]) {
        guard !news.isEmpty else { return }
        for number in order {
            guard let peer = peers[number], peer.isGreeted else { continue }
            tell(news, to: peer)
            offerAll(to: peer)
            if !news.allSatisfy(peer.coordinator.hasHeard) { peer.needsRound = true }
            peer.isUnsure = true
        }
    }
}
