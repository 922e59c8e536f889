public import Feeds
import Merkle

/// An answer that waits for a transaction.
struct PendingAnswer {
    enum Kind {
        case proof(RequestTable.Entry, DataMessage)
        case fork(RequestTable.Entry, DataMessage)
        case run(RequestTable.Entry, RunMessage)
        case conflictCheck(DataMessage)
    }

    let peer: PeerID
    let kind: Kind

    /// The request that it belongs to, if it was asked for.
    var entry: RequestTable.Entry? {
        switch kind {
        case .proof(let entry, _), .fork(let entry, _), .run(let entry, _): entry
        case .conflictCheck: nil
        }
    }
}

/// What became of a pending answer in a transaction that is not committed yet.
enum Outcome {
    case applied(AppliedProof)
    case appliedRun(newBlockCount: Int, byteCount: Int)
    case following(Reorganisation)
    case followed(FollowedFork)
    case rejected(ProofError)
    /// It is not what a run may look like.
    case malformed
    /// The store cannot take it now; it is asked again.
    case unusable
    case sameTree
    case conflict(FeedConflict)
}

extension FeedSession {
    /// Stores the answers that have come; may be called again if the transaction is repeated.
    public mutating func apply(in transaction: borrowing StoreTransaction) throws {
        outcomes.removeAll(keepingCapacity: true)
        defer { scratch = [] }
        for answer in pending {
            switch answer.kind {
            case .proof(_, let message):
                outcomes.append(try applyProof(message, in: transaction))
            case .fork(let entry, let message):
                outcomes.append(try applyFork(message, entry, in: transaction))
            case .run(_, let message):
                outcomes.append(try applyRun(message, in: transaction))
            case .conflictCheck(let message):
                outcomes.append(try checkConflict(message, in: transaction))
            }
        }
    }

    private mutating func applyRun(
        _ message: RunMessage, in transaction: borrowing StoreTransaction
    ) throws -> Outcome {
        let feed = feed
        return try message.withRun(unpackingInto: &scratch) { run in
            guard let run else { return .malformed }
            switch try transaction.apply(run, to: feed) {
            case .applied(let newBlockCount):
                return .appliedRun(newBlockCount: newBlockCount, byteCount: run.bytes.count)
            case .rejected(let error): return .rejected(error)
            }
        }
    }

    private func applyProof(
        _ message: DataMessage, in transaction: borrowing StoreTransaction
    ) throws -> Outcome {
        switch try transaction.apply(message.proof, blockValue: message.value, to: feed) {
        case .applied(let applied): return .applied(applied)
        case .rejected(let error): return .rejected(error)
        case .frozen: return .unusable
        }
    }

    private func applyFork(
        _ message: DataMessage, _ entry: RequestTable.Entry,
        in transaction: borrowing StoreTransaction
    ) throws -> Outcome {
        var reorganisation: Reorganisation
        if case .forkPart = entry.purpose {
            guard let known = exchange.following?.reorganisation else { return .unusable }
            reorganisation = known
            let error = try transaction.snapshot.advance(
                &reorganisation, of: feed, with: message.proof)
            if let error { return .rejected(error) }
        } else {
            switch try transaction.snapshot.beginReorganisation(of: feed, with: message.proof) {
            case .started(let started): reorganisation = started
            case .rejected(let error): return .rejected(error)
            case .frozen: return .unusable
            }
        }
        guard reorganisation.isFinished else { return .following(reorganisation) }
        guard let followed = try transaction.follow(reorganisation, of: feed) else {
            return .unusable
        }
        return .followed(followed)
    }

    private func checkConflict(
        _ message: DataMessage, in transaction: borrowing StoreTransaction
    ) throws -> Outcome {
        switch try transaction.snapshot.checkConflict(message.proof, of: feed) {
        case .sameTree: return .sameTree
        case .rejected(let error): return .rejected(error)
        case .undecided: return .unusable
        case .conflict(let conflict):
            try transaction.freeze(feed, because: conflict)
            return .conflict(conflict)
        }
    }

    /// Takes note of what was stored, after the transaction has committed.
    public mutating func commit(from snapshot: borrowing StoreSnapshot) throws {
        var received: [Range<UInt64>] = []
        let answers = pending
        let results = outcomes
        pending.removeAll(keepingCapacity: true)
        outcomes.removeAll(keepingCapacity: true)
        var mustReload = false
        for (answer, outcome) in zip(answers, results) {
            if case .followed = outcome { mustReload = true }
            if case .applied(let applied) = outcome, applied.isBlockNew, let block = applied.block {
                received.append(block..<block + 1)
            }
            if case .appliedRun(1..., _) = outcome, case .run(_, let message) = answer.kind {
                received.append(message.index.blocks)
            }
        }
        received.sort { $0.lowerBound < $1.lowerBound }
        try refresh(from: snapshot, reloadingHeld: mustReload, received: received)
        for (answer, outcome) in zip(answers, results) { note(outcome, of: answer) }
    }

    /// Gives back the requests of answers whose transaction failed for good.
    public mutating func abandon() {
        for answer in pending {
            if let entry = answer.entry { exchange.withdraw(entry, of: answer.peer) }
        }
        pending.removeAll()
        outcomes.removeAll()
    }

    private mutating func note(_ outcome: Outcome, of answer: PendingAnswer) {
        let peer = answer.peer
        let entry = answer.entry
        switch outcome {
        case .appliedRun(let newBlockCount, let byteCount):
            guard let entry, case .run(_, let message) = answer.kind else { return }
            exchange.didApplyRun(entry, from: peer, index: message.index, byteCount: byteCount)
            guard newBlockCount > 0 else { return }
            exchange.events.append(
                .receivedRun(blocks: message.index.blocks, byteCount: byteCount, from: peer))
        case .malformed:
            exchange.didRefuse(
                entry, from: peer, isForgery: false, reason: "The run is malformed.")
        case .applied(let applied):
            guard let entry else { return }
            note(applied, of: answer, entry: entry)
        case .following(let reorganisation):
            if let entry { exchange.didFollow(entry, from: peer, reorganisation) }
        case .followed(let followed):
            if let entry { exchange.withdraw(entry, of: peer) }
            exchange.events.append(
                .forked(
                    fork: followed.head.fork, ancestors: followed.ancestors,
                    length: followed.head.length))
        case .rejected(let error):
            // The tree may have moved on between the question and its answer.
            var isStale = error == .wrongFork || error == .upgradeTooShort
            if case .fork = answer.kind, exchange.following?.asked != peer { isStale = true }
            if let entry, !error.isForgery, exchange.isOutdated(entry) {
                exchange.withdraw(entry, of: peer)
            } else if isStale, let entry {
                exchange.noData(for: entry, from: peer)
            } else {
                exchange.didRefuse(
                    entry, from: peer, isForgery: error.isForgery, reason: "\(error)")
            }
        case .unusable:
            guard let entry else { return }
            exchange.withdraw(entry, of: peer)
            // The own head moved while the fork was followed: begin again from where it is.
            if case .fork = answer.kind { exchange.following = nil }
        case .sameTree:
            exchange.didClearConflict(from: peer)
        case .conflict:
            exchange.didFindConflict(from: peer)
        }
    }

    private mutating func note(
        _ applied: AppliedProof, of answer: PendingAnswer, entry: RequestTable.Entry
    ) {
        var byteCount = 0
        if case .proof(_, let message) = answer.kind { byteCount = message.value?.count ?? 0 }
        exchange.didApply(
            entry, from: answer.peer, block: applied.block, byteCount: byteCount,
            hasGrown: applied.head != nil)
        if let head = applied.head {
            exchange.events.append(.upgraded(length: head.length, from: answer.peer))
        }
        if let block = applied.block, applied.isBlockNew {
            exchange.events.append(
                .received(block: block, byteCount: byteCount, from: answer.peer))
        }
    }
}
