import Feeds
import Merkle

extension FeedSession {
    /// Answers the seeks whose place is known, and asks for what the others need.
    mutating func planSeeks(from snapshot: borrowing StoreSnapshot) throws {
        guard !exchange.seeks.isEmpty else { return }
        let roots = try snapshot.roots(of: feed)
        var found: [(id: UInt64, block: UInt64, offset: UInt64)] = []
        for index in exchange.seeks.indices where !exchange.seeks[index].isAsked {
            let seek = exchange.seeks[index]
            let position = try snapshot.withTree(of: feed) { tree in
                try roots.position(ofByte: seek.byte, padding: seek.padding, from: tree)
            }
            switch position {
            case .found(let block, let offset): found.append((seek.id, block, offset))
            case .below(let node, _): exchange.planSeek(index, below: node)
            case .beyondEnd: break
            }
        }
        for place in found {
            exchange.seeks.removeAll { $0.id == place.id }
            exchange.events.append(
                .found(seek: place.id, block: place.block, offset: place.offset))
        }
    }
}

extension FeedExchange {
    /// Asks a peer to narrow a search down.
    ///
    /// The sizes in an answer may not be bound by any hash; when the same node is in question
    /// again, a block below it decides.
    mutating func planSeek(_ index: Int, below node: TreeIndex) {
        if seeks[index].lastNode == node {
            let block = node.leftChild?.firstBlock ?? node.firstBlock
            if !claimed.contains(block) { wanted.insertUrgent(block) }
            return
        }
        for slot in peerSlots {
            guard let peer = peers[slot], peer.isUsable, peer.supportsSeeks,
                peer.fork == local.fork
            else { continue }
            let end = min(node.lastBlock + 1, peer.provableLength(for: local))
            guard node.firstBlock < end,
                let block = peer.has.first(in: node.firstBlock..<end, notIn: BlockSet())
            else { continue }
            seeks[index].isAsked = true
            seeks[index].lastNode = node
            let request = ProofRequest(
                fork: local.fork,
                hash: ProofRequest.Hash(index: TreeIndex(block: block), nodes: node.depth),
                seek: ProofRequest.Seek(
                    bytes: seeks[index].byte, padding: seeks[index].padding))
            send(request, for: .seek(seeks[index].id), priority: 1, to: slot)
            return
        }
    }
}
