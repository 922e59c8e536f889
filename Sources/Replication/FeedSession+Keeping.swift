import Feeds
import Merkle

/// Answers that came before one that they lean on: they are kept until it comes, or its block is
/// asked for again when it will not come.
extension FeedSession {
    /// Lets answers that were kept be checked with those that have come.
    mutating func takeKeptAnswers() {
        guard !kept.isEmpty else { return }
        pending += kept
        kept = []
    }

    /// Checks answers again whose turn has come, in the order in which they were asked for.
    mutating func apply(
        early indices: [Int], in transaction: borrowing StoreTransaction
    ) throws {
        var unresolved: Set<PeerRequest> = []
        for index in inOrder(indices, of: pending)
        where !waits(pending[index], among: &unresolved) {
            let outcome = try apply(pending[index], in: transaction)
            if case .early = outcome {
                outcomes[index] = .unchecked
            } else {
                outcomes[index] = outcome
            }
        }
    }

    /// Keeps an answer, with its bytes, if there is room for it.
    mutating func keep(_ answer: PendingAnswer) {
        guard case .proof(let entry, var message) = answer.kind else { return }
        guard let budget = exchange.peer(answer.peer)?.budget,
            answer.keptByteCount <= budget.keptRoom
        else { return exchange.didMiss(entry, from: answer.peer) }
        let value = answer.keptValue ?? message.value.map { [UInt8]($0) } ?? []
        message.value = nil
        let copy = PendingAnswer(
            peer: answer.peer, kind: .proof(entry, message), keptValue: value)
        budget.keptByteCount += copy.keptByteCount
        kept.append(copy)
    }

    /// Gives back what an answer cost that was kept.
    func releaseMemory(of answer: PendingAnswer) {
        guard answer.keptValue != nil, let budget = exchange.peer(answer.peer)?.budget else {
            return
        }
        budget.keptByteCount -= answer.keptByteCount
    }

    /// Asks again for the blocks of kept answers if what they lean on was taken back or refused.
    mutating func releaseKeptAnswers() {
        guard !kept.isEmpty, pending.isEmpty else { return }
        var unresolved: Set<PeerRequest> = []
        var left: [PendingAnswer] = []
        for index in inOrder(kept.indices, of: kept) {
            if waits(kept[index], among: &unresolved) {
                left.append(kept[index])
            } else {
                giveUp(kept[index])
            }
        }
        kept = left
    }

    /// Forgets what was kept of a peer that leaves.
    mutating func releaseKeptAnswers(of peer: PeerID) {
        for answer in kept where answer.peer == peer { giveUp(answer) }
        kept.removeAll { $0.peer == peer }
    }

    private mutating func giveUp(_ answer: PendingAnswer) {
        releaseMemory(of: answer)
        if let entry = answer.entry { exchange.didMiss(entry, from: answer.peer) }
    }

    private func inOrder(
        _ indices: some Sequence<Int>, of answers: [PendingAnswer]
    ) -> [Int] {
        indices.sorted { answers[$0].entry?.order ?? 0 < answers[$1].entry?.order ?? 0 }
    }

    /// Whether an answer leans on one that may still come, or on one that leans itself.
    private func waits(
        _ answer: PendingAnswer, among unresolved: inout Set<PeerRequest>
    ) -> Bool {
        guard let entry = answer.entry, let bringer = entry.leansOn else { return false }
        let isWaiting =
            exchange.isWaiting(for: bringer, from: answer.peer)
            || unresolved.contains(PeerRequest(peer: answer.peer, request: bringer))
        if isWaiting {
            unresolved.insert(PeerRequest(peer: answer.peer, request: entry.reference))
        }
        return isWaiting
    }
}

/// A request as it is told apart among those to all peers.
private struct PeerRequest: Hashable {
    let peer: PeerID
    let request: RequestReference
}

extension PendingAnswer {
    /// What it costs to keep it: the block, its nodes and their frame.
    fileprivate var keptByteCount: Int {
        guard case .proof(_, let message) = kind else { return 0 }
        return 256 + valueByteCount + 64 * (message.proof.block?.nodes.count ?? 0)
    }
}
