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
    /// Bytes of answers that wait to be stored.
    var answeredByteCount = 0

    init(link: FeedKey, part: BlockEvent.Part, session: FeedSession) {
        self.link = link
        self.part = part
        self.session = session
    }

    var feed: Feed { session.feed }

    func attach(_ number: Int, channel: Channel) {
        let peer = session.addPeer()
        links[number] = Link(phase: .offered, channel: channel, peer: peer)
        connections[peer] = number
    }

    /// Forgets a connection; true if the channel should be opened again.
    @discardableResult
    func detach(_ number: Int) -> Bool {
        guard let link = links.removeValue(forKey: number) else { return false }
        connections.removeValue(forKey: link.peer)
        return session.removePeer(link.peer)
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
}
