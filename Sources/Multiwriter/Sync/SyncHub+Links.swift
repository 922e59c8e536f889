import Cryptography
import Feeds
import Multiplexing
import Replication

/// Archives of which nothing is proven give way to others.
///
/// Anybody can make up links. Until something arrives of an archive that holds under its key, it
/// stands for nothing: it is passed on to few, kept for few, and is the first to go.
extension SyncHub {
    /// Tells a far end of archives; of those of which nothing is proven a few.
    func tell(_ links: [FeedKey], to peer: SyncPeer) {
        let news = links.filter { link in
            guard archives[link]?.isVain == true, !peer.coordinator.isShared(link) else {
                return true
            }
            peer.vainToldCount += 1
            return peer.vainToldCount <= SyncLimits.vainLinkCount
        }
        peer.coordinator.tell(news)
        sendCoordinatorMessages(of: peer)
    }

    /// Gives its teller room for another archive once something of one is proven.
    func noteProven(_ feed: SyncFeed) {
        guard feed.part == .index, feed.session.length > 0,
            let archive = archives[feed.link], archive.isLearnt
        else { return }
        archives[feed.link]?.isLearnt = false
        archives[feed.link]?.teller = nil
        if let teller = archive.teller { peers[teller]?.learnedCount -= 1 }
    }

    /// Whether the store still has a feed that something came of.
    func holds(_ feed: SyncFeed, in snapshot: borrowing StoreSnapshot) throws -> Bool {
        let isSafe = feed.session.length > 0 || feed.part == .content
        return try isSafe || drive.knows(feed.link, in: snapshot)
    }

    /// Forgets what those who have left told of and did not serve, but for a few.
    func trimOrphans() {
        hasOrphans = false
        var orphans: [FeedKey] = []
        for link in links {
            guard let archive = archives[link], archive.isVain, let teller = archive.teller,
                peers[teller] == nil, archive.index.links.isEmpty
            else { continue }
            orphans.append(link)
        }
        drop(Set(orphans.dropLast(SyncLimits.keptVainCount)), forgetting: true)
    }

    /// Takes archives out of the replication, and out of the store if they are to be forgotten.
    func drop(_ gone: Set<FeedKey>, forgetting: Bool = false) {
        guard !gone.isEmpty else { return }
        for link in gone {
            guard let archive = archives.removeValue(forKey: link) else { continue }
            for feed in [archive.index, archive.content] {
                guard let feed else { continue }
                for (number, link) in feed.links {
                    guard let peer = peers[number] else { continue }
                    peer.multiplexer.close(link.channel)
                    detach(feed, from: peer)
                    peer.offered.remove(feed.feed.discoveryKey)
                }
                feeds[feed.feed.discoveryKey] = nil
            }
            adoptable.remove(link)
            if forgetting { forgotten.insert(link) }
        }
        links.removeAll { gone.contains($0) }
        dirty.removeAll { gone.contains($0.link) }
    }
}

/// Which archives give way in one turn if a drive is full.
///
/// First go those whose teller has left, then those of the connection that has told of most: who
/// tells of less than others is always heard.
struct YieldingLinks {
    private(set) var chosen: Set<FeedKey> = []
    private var isLoaded = false
    private var orphans: [FeedKey] = []
    private var byTeller: [Int: [FeedKey]] = [:]
    private var newCounts: [Int: Int] = [:]

    /// Notes an archive that is taken in this turn.
    mutating func note(_ link: FeedKey, of teller: Int) { newCounts[teller, default: 0] += 1 }

    /// Chooses an archive to go in favour of one that a connection tells of; false if none can.
    mutating func makeRoom(for teller: Int, in hub: SyncHub) -> Bool {
        load(from: hub)
        if let link = orphans.popLast() {
            chosen.insert(link)
            return true
        }
        let own = byTeller[teller, default: []].count + newCounts[teller, default: 0]
        guard let greediest = byTeller.max(by: { $0.value.count < $1.value.count }),
            greediest.key != teller, greediest.value.count > own,
            let link = byTeller[greediest.key]?.popLast()
        else { return false }
        chosen.insert(link)
        return true
    }

    private mutating func load(from hub: SyncHub) {
        guard !isLoaded else { return }
        isLoaded = true
        // The oldest are taken first, from the end.
        for link in hub.links.reversed() {
            guard let archive = hub.archives[link], archive.isVain else { continue }
            if let teller = archive.teller, hub.peers[teller] != nil {
                byTeller[teller, default: []].append(link)
            } else {
                orphans.append(link)
            }
        }
    }
}
