import Merkle

/// Requests that lean on earlier ones: the answer to one can be checked once the nodes have come
/// that another brings.
extension FeedExchange {
    /// Whether a request leaves out nodes that earlier requests of the same peer bring.
    ///
    /// Peers answer in the order of the requests, but for urgent ones, which overtake others. Where
    /// blocks are large, their nodes weigh nothing.
    func leans(_ request: RequestMessage, slot: Int) -> Bool {
        guard nodesWeigh, request.priority == 0, let count = peers[slot]?.uncheckedAnswerCount
        else { return false }
        return count < limits.maximumUncheckedAnswerCount
    }

    private var nodesWeigh: Bool {
        local.length > 0
            && local.head.byteLength / local.length <= limits.leaningBlockByteCount
    }

    /// Notes what a request asks for as it is sent.
    mutating func didSend(
        _ id: UInt64, block: UInt64, nodes: UInt64, leaningOn bringer: RequestReference?, slot: Int
    ) {
        guard nodesWeigh,
            let request = peers[slot]?.requests.didSend(id, nodes: nodes, leaningOn: bringer)
        else { return }
        peers[slot]?.awaitedNodes.insert(block, nodes: nodes, for: request)
    }

    /// Forgets the nodes that a request was to bring.
    mutating func forgetAwaited(_ entry: RequestTable.Entry, of id: PeerID) {
        guard entry.nodes > 0, case .block(let index) = entry.purpose, let slot = slot(of: id)
        else { return }
        peers[slot]?.awaitedNodes.remove(index, nodes: entry.nodes, for: entry.reference)
    }

    /// Puts back a block whose answer cannot be checked, which says nothing about its peer.
    mutating func didMiss(_ entry: RequestTable.Entry, from id: PeerID) {
        if let slot = slot(of: id) { peers[slot]?.uncheckedAnswerCount += 1 }
        withdraw(entry, of: id)
    }

    /// Whether a peer still owes an answer.
    func isWaiting(for request: RequestReference, from id: PeerID) -> Bool {
        peer(id)?.requests.isWaiting(for: request) ?? false
    }
}

extension PeerState {
    /// Counts a block that could be checked against answers that could not.
    mutating func creditCheckedAnswer() {
        if uncheckedAnswerCount > 0 { uncheckedAnswerCount -= 1 }
    }
}

extension RequestTable.Entry {
    /// Whether an answer ends at the node that an earlier one was to bring.
    ///
    /// Lists that lead elsewhere are not what was asked for.
    func leans(at node: TreeIndex) -> Bool {
        guard leansOn != nil, case .block(let index) = purpose else { return false }
        return node == TreeIndex(depth: nodes, offset: index >> nodes)
    }
}
