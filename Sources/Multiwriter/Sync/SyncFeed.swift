import Archives
import Cryptography
import Feeds
import Multiplexing
import Replication

/// One feed of an archive on the lane, with every connection that carries it.
final class SyncFeed {
    /// Where the feed stands with one connection.
    struct Link {
        enum Phase { case offered, open }
        var phase: Phase
        let channel: Channel
        let peer: PeerID
        /// Whether nothing came on it since the last look.
        var isQuiet = false
    }

    let link: FeedKey
    let part: BlockEvent.Part
    var session: FeedSession
    /// By the number of the connection.
    var links: [Int: Link] = [:]
    /// The same, by the session's name for the peer.
    var connections: [PeerID: Int] = [:]
    /// Why the feed is not replicated any more.
    var problem: String?
    /// Whether something happened that calls for a plan in this turn.
    var isDirty = false
    /// What far ends without a coordinator hang up over.
    var hangUps = HangUps()
    /// Answers the hints of peers that look something up in an index.
    private var hints: [PeerID: IndexHintResponder] = [:]
    /// Hints that are not answered yet.
    private var askedHints: [(peer: PeerID, message: [UInt8])] = []
    /// What is looked up here and not found yet.
    var lookups = IndexLookups()
    /// Bytes of answers that wait to be stored.
    var answeredByteCount = 0

    init(link: FeedKey, part: BlockEvent.Part, session: FeedSession) {
        self.link = link
        self.part = part
        self.session = session
        if part == .index { self.session.registerExtension(IndexHintResponder.extensionName) }
    }

    var feed: Feed { session.feed }

    /// Takes a connection in; `isCompared` if something is known to differ, be it the history.
    func attach(_ number: Int, channel: Channel, budget: PeerBudget, isCompared: Bool) {
        let peer = session.addPeer(budget: budget)
        if isCompared { session.compareHistory(with: peer) }
        links[number] = Link(phase: .offered, channel: channel, peer: peer)
        connections[peer] = number
    }

    /// Forgets a connection; true if the channel should be opened again.
    @discardableResult
    func detach(_ number: Int) -> Bool {
        guard let link = links.removeValue(forKey: number) else { return false }
        connections.removeValue(forKey: link.peer)
        hints.removeValue(forKey: link.peer)
        lookups.forget(link.peer)
        return session.removePeer(link.peer)
    }

    /// Takes in a message about lookups; true if there is more to fetch because of it.
    func note(hint message: [UInt8], from peer: PeerID) -> Bool {
        guard let hint = IndexHint(message: message) else { return false }
        if hint.get != nil || hint.iterator != nil { askedHints.append((peer, message)) }
        return hint.cache.map { lookups.take($0, from: peer, into: &session) } ?? false
    }

    /// Answers all hints that came, as far as their peers are still there.
    func answerHints(now: Duration, from snapshot: borrowing StoreSnapshot) throws {
        let asked = askedHints
        askedHints.removeAll()
        for (peer, message) in asked where connections[peer] != nil {
            let answers = try hints[peer, default: IndexHintResponder(feed)].answers(
                to: message, now: now, in: snapshot)
            for answer in answers {
                session.sendExtension(IndexHintResponder.extensionName, body: answer, to: peer)
            }
        }
    }

    /// Whether both sides have all of it, so that there is nothing to talk about.
    func isComplete(with number: Int) -> Bool {
        guard let link = links[number], link.phase == .open, session.wantsEverything,
            session.contiguousLength == session.length,
            let status = session.status(of: link.peer)
        else { return false }
        return status.length == session.length && status.weHaveEverythingRemoteHas
            && status.remoteHasEverythingWeHave
    }

    /// What is missing, `nil` if nothing is wanted that is not here.
    var lack: SyncStatus.Lack? {
        let isUnknown = part == .index && session.length == 0
        let missingCount = session.missingBlockCount
        guard missingCount > 0 || isUnknown, !session.isFrozen, problem == nil else { return nil }
        let holders = links.filter { _, link in
            guard let status = session.status(of: link.peer) else { return false }
            return status.hasSynced && !status.weHaveEverythingRemoteHas
        }
        return SyncStatus.Lack(
            link: self.link, part: part, blockCount: missingCount,
            connections: holders.keys.sorted())
    }

    /// Whether everything that we want and the far end has is here, as far as is known.
    func isSettled(with number: Int) -> Bool {
        guard let link = links[number] else { return true }
        guard link.phase == .open, let status = session.status(of: link.peer) else { return false }
        return status.weHaveEverythingRemoteHas
    }
}

/// One archive on the lane.
struct SyncArchive {
    let index: SyncFeed
    /// `nil` as long as its key is not known.
    var content: SyncFeed?
    /// Stands for everything that a far end could lack or have more of; `nil` if it must be taken
    /// anew.
    var fingerprint: Digest?
    /// Whether only peers have told of it: such a one gives way until something of it is proven.
    var isLearnt = false
    /// The connection that told of it and vouches for it until something of it is proven.
    var teller: Int?

    /// Whether nothing of it is proven and nothing is about to be.
    var isVain: Bool {
        isLearnt && index.session.length == 0 && index.answeredByteCount == 0
    }
}
