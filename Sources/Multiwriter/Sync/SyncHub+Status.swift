import Cryptography
import Feeds
import Replication

extension SyncHub {
    /// Where all connections stand.
    var status: SyncStatus {
        var status = totals
        status.peers = order.compactMap { peers[$0].map(status(of:)) }
        status.missingBlockCount = feeds.values.reduce(0) { $0 + $1.session.missingBlockCount }
        status.lacks = lacks
        status.problems = problems
        return status
    }

    /// What is missing of the archives, and over which connections it can come.
    private var lacks: [SyncStatus.Lack] {
        var lacks: [SyncStatus.Lack] = []
        for link in links where link != drive.link || archives[link]?.index.session.length != 0 {
            guard let archive = archives[link] else { continue }
            for feed in [archive.index, archive.content] {
                guard let feed, let lack = feed.lack else { continue }
                lacks.append(lack)
                if lacks.count == SyncLimits.listedLackCount { return lacks }
            }
        }
        return lacks
    }

    /// What stands aside for good, by the name of its writer.
    private var problems: [String] {
        var problems: [String] = []
        for link in links {
            guard let archive = archives[link] else { continue }
            for feed in [archive.index, archive.content] {
                guard let feed else { continue }
                if let problem = feed.problem {
                    problems.append("Archive \(link.id) is not replicated: \(problem)")
                } else if feed.session.isFrozen {
                    problems.append("The writer of archive \(link.id) has signed two histories.")
                }
            }
        }
        return problems
    }

    private func status(of peer: SyncPeer) -> SyncStatus.Peer {
        SyncStatus.Peer(
            connection: peer.number, key: peer.established?.remoteKey, address: peer.address,
            age: now - peer.attachedAt, isDrive: peer.isDrive,
            receivedByteCount: peer.receivedByteCount, sentByteCount: peer.sentByteCount,
            outgoingByteCount: peer.outgoingByteCount, feedCount: peer.feeds.count,
            isSettled: peer.isSettled, refusedLinkCount: peer.refusedCount,
            refusal: peer.refusal, remoteRefusedLinkCount: peer.remoteRefusedCount,
            remoteRefusal: peer.remoteRefusal,
            waitingFor: reason(peer))
    }

    /// One sentence about what a connection waits for; `nil` if it moves or is settled.
    private func reason(_ peer: SyncPeer) -> String? {
        guard peer.established != nil else { return "The handshake is not complete." }
        if peer.isCongested { return "The far end does not take what is sent." }
        if peer.isSettled { return nil }
        if !peer.isDrive && !peer.isPlain { return "The far end has not answered yet." }
        if peer.isDrive && !peer.isReconciled {
            return "The far end has not said where its archives stand."
        }
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
