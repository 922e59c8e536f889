import Feeds
import Merkle
import Multiplexing

extension FeedSession {
    /// Writes the messages that are due to a peer; requests count nodes as they are sent.
    mutating func writeMessages(
        ofPeerIn slot: Int, into multiplexer: inout Multiplexer, on channel: Channel,
        from snapshot: borrowing StoreSnapshot
    ) throws {
        let messages = exchange.peers[slot]?.outbox ?? []
        guard !messages.isEmpty else { return }
        exchange.peers[slot]?.outbox.removeAll(keepingCapacity: true)
        let needsNodes = messages.contains { message in
            switch message {
            case .request(let request): request.proof.block != nil
            case .runRequest: true
            default: false
            }
        }
        guard needsNodes else {
            for message in messages { multiplexer.send(message, on: channel) }
            return
        }
        let roots = try snapshot.roots(of: feed)
        let fork = exchange.local.fork
        try snapshot.withTree(of: feed) { tree in
            for message in messages {
                switch message {
                case .runRequest(let id, var run):
                    run.nodes = try roots.missingNodes(from: run.index, in: tree)
                    multiplexer.send(.runRequest(id: id, run), on: channel)
                case .request(var request) where request.proof.fork == fork:
                    try countNodes(of: &request, slot: slot, below: roots, in: tree)
                    multiplexer.send(.request(request), on: channel)
                default: multiplexer.send(message, on: channel)
                }
            }
        }
    }

    /// Says how many nodes a block needs beside those that are stored or on their way.
    private mutating func countNodes<Source: NodeSource & ~Copyable>(
        of request: inout RequestMessage, slot: Int, below roots: TreeRoots,
        in tree: borrowing Source
    ) throws {
        guard let index = request.proof.block?.index else { return }
        let leans = exchange.leans(request, slot: slot)
        var bringer: RequestReference?
        let nodes = try roots.missingNodes(fromBlock: index, in: tree) { node in
            guard leans else { return false }
            bringer = exchange.peers[slot]?.awaitedNodes.bringer(of: node)
            return bringer != nil
        }
        request.proof.block?.nodes = nodes
        exchange.didSend(
            request.id, block: index, nodes: nodes, leaningOn: bringer, slot: slot)
    }
}
