import Cryptography
import Feeds
import Replication

extension SyncHub {
    /// Where all connections stand.
    var status: SyncStatus {
        var status = totals
        status.peers = order.compactMap { peers[$0].map(status(of:)) }
        status.missingBlockCount = feeds.values.reduce(0) { $0 + $1.session.missingBlockCount }
        return status
    }

    private func status(of peer: SyncPeer) -> SyncStatus.Peer {
        SyncStatus.Peer(
            connection: peer.number, key: peer.established?.remoteKey, isDrive: peer.isDrive,
            receivedByteCount: peer.receivedByteCount, sentByteCount: peer.sentByteCount,
            outgoingByteCount: peer.outgoingByteCount, feedCount: peer.feeds.count,
            isSettled: peer.isSettled, waitingFor: reason(peer))
    }

    /// One sentence about what a connection waits for; `nil` if it moves or is settled.
    private func reason(_ peer: SyncPeer) -> String? {
        guard peer.established != nil else { return "The handshake is not complete." }
        if peer.isCongested { return "The far end does not take what is sent." }
        if peer.isSettled { return nil }
        guard let feed = peer.unsettled, let link = feed.links[peer.number] else { return nil }
        guard link.phase == .open else {
            return "The far end has not answered for feed \(feed.feed.key.id)."
        }
        guard let status = feed.session.status(of: link.peer) else { return nil }
        if !status.hasSynced {
            return "The far end has not said where feed \(feed.feed.key.id) stands."
        }
        return status.requestCount > 0
            ? "\(status.requestCount) blocks of feed \(feed.feed.key.id) are on their way."
            : "Feed \(feed.feed.key.id) waits for what the far end does not have."
    }
}
