import Archives
import Replication

/// What is looked up in one index that is not whole, and what peers say is needed for it.
struct IndexLookups {
    private var lacks: [IndexLack] = []
    /// Blocks that peers have named, in the order in which they were named.
    private var hinted: [UInt64] = []
    private var hintedSet: Set<UInt64> = []
    private var readers: [PeerID: IndexHintReader] = [:]
    /// Hints that a peer was sent and that are still of use.
    private var sent: [PeerID: Set<[UInt8]>] = [:]
    /// When nothing was looked up any more; a reader often needs the next block a moment later.
    private var restingSince: Duration?

    /// Takes over what is looked up; true if that has changed.
    ///
    /// The missing blocks are fetched before all others, and what peers have named after them.
    mutating func take(_ lacks: [IndexLack], into session: inout FeedSession) -> Bool {
        guard lacks != self.lacks else { return false }
        self.lacks = lacks
        restingSince = nil
        want(&session)
        return true
    }

    /// Tells every peer that can know it what is looked up, once.
    mutating func ask(_ session: inout FeedSession, now: Duration) {
        guard !lacks.isEmpty else { return rest(&session, now: now) }
        for peer in session.peers {
            guard let status = session.status(of: peer), status.hasSynced else { continue }
            for lack in lacks
            where sent[peer]?.contains(lack.hint) != true && !hintedSet.contains(lack.block) {
                guard
                    let hint = lack.hint.withUnsafeBytes({ try? IndexHint(decoding: $0) }),
                    (hint.iterator?.version ?? hint.get?.version ?? .max) <= status.length
                else { continue }
                sent[peer, default: []].insert(lack.hint)
                readers[peer, default: IndexHintReader()].noteSent(hint)
                session.sendExtension(
                    IndexHintResponder.extensionName, body: hint.message, to: peer)
            }
        }
    }

    /// Forgets after a while what was looked up.
    private mutating func rest(_ session: inout FeedSession, now: Duration) {
        guard !readers.isEmpty else { return }
        let since = restingSince ?? now
        restingSince = since
        guard now >= since + SyncLimits.lookupMemoryTime else { return }
        self = IndexLookups()
        want(&session)
    }

    /// Takes the blocks that a peer says are needed; true if any of them is fetched.
    mutating func take(
        _ cache: IndexHint.Cache, from peer: PeerID, into session: inout FeedSession
    ) -> Bool {
        guard var reader = readers.removeValue(forKey: peer) else { return false }
        let blocks = reader.blocks(in: cache, below: session.length)
        readers[peer] = reader
        hinted.removeAll { session.holds($0) }
        hintedSet = Set(hinted)
        let room = max(0, ArchiveLimits.maximumHintedBlocks - hinted.count)
        let news = blocks.filter { !session.holds($0) && !hintedSet.contains($0) }.prefix(room)
        guard !news.isEmpty else { return false }
        hinted += news
        hintedSet.formUnion(news)
        want(&session)
        return true
    }

    private func want(_ session: inout FeedSession) {
        var blocks: [UInt64] = []
        var seen: Set<UInt64> = []
        for block in lacks.map(\.block) + hinted where seen.insert(block).inserted {
            blocks.append(block)
        }
        session.want(urgently: blocks)
    }

    /// Forgets a peer that has left.
    mutating func forget(_ peer: PeerID) {
        readers[peer] = nil
        sent[peer] = nil
    }
}
