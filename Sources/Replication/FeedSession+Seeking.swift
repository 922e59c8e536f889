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
            try snapshot.withTree(of: feed) { tree in
                let position = try roots.position(
                    ofByte: seek.byte, padding: seek.padding, from: tree)
                switch position {
                case .found(let block, let offset): found.append((seek.id, block, offset))
                case .below(let node, let offset):
                    let left = try node.leftChild.flatMap { try tree.node(at: $0) }
                    exchange.planSeek(index, below: node, offset: offset, left: left)
                case .beyondEnd: break
                }
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
    /// If the left child is stored, the size it came with is not bound by any hash: the block that
    /// it points to must decide.
    mutating func planSeek(_ index: Int, below node: TreeIndex, offset: UInt64, left: Node?) {
        if left != nil || seeks[index].lastNode == node {
            let isRight = left.map { $0.size <= offset } ?? false
            let child = isRight ? node.rightChild : node.leftChild
            let block = child?.firstBlock ?? node.firstBlock
            if !claimed.contains(block) { wanted.insertUrgent(block) }
            return
        }
        for slot in peerSlots {
            guard let peer = peers[slot], peer.isUsable, peer.supportsSeeks,
                peer.fork == local.fork
            else { continue }
            let end = min(node.lastBlock + 1, peer.provableLength(for: local))
            guard node.firstBlock < end,
                let block = anyBlock(of: peer, in: node.firstBlock..<end)
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
