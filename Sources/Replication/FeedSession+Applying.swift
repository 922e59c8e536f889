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
    /// The bytes of the block, if the answer had to wait for an earlier one.
    var keptValue: [UInt8]?

    /// The size of the block that it brings.
    var valueByteCount: Int {
        if let keptValue { return keptValue.count }
        guard case .proof(_, let message) = kind else { return 0 }
        return message.value?.count ?? 0
    }

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
    /// It leans on an answer that has not come yet.
    case early
    /// What it leans on will not come.
    case unchecked
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
        takeKeptAnswers()
        var early: [Int] = []
        for (index, answer) in pending.enumerated() {
            let outcome = answer.keptValue == nil ? try apply(answer, in: transaction) : .early
            if case .early = outcome { early.append(index) }
            outcomes.append(outcome)
        }
        if !early.isEmpty { try apply(early: early, in: transaction) }
    }

    /// Checks one answer and stores what it proves.
    mutating func apply(
        _ answer: PendingAnswer, in transaction: borrowing StoreTransaction
    ) throws -> Outcome {
        switch answer.kind {
        case .proof(let entry, let message):
            let outcome = try applyProof(message, answer.keptValue, in: transaction)
            if case .rejected(.notStored(let node)) = outcome, entry.leans(at: node) {
                return .early
            }
            return outcome
        case .fork(let entry, let message):
            return try applyFork(message, entry, in: transaction)
        case .run(_, let message): return try applyRun(message, in: transaction)
        case .conflictCheck(let message): return try checkConflict(message, in: transaction)
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
        _ message: DataMessage, _ keptValue: [UInt8]?, in transaction: borrowing StoreTransaction
    ) throws -> Outcome {
        let outcome =
            if let keptValue {
                try keptValue.withUnsafeBytes {
                    try transaction.apply(message.proof, blockValue: $0, to: feed)
                }
            } else {
                try transaction.apply(message.proof, blockValue: message.value, to: feed)
            }
        switch outcome {
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
            releaseMemory(of: answer)
            if let entry = answer.entry { exchange.withdraw(entry, of: answer.peer) }
        }
        pending.removeAll()
        outcomes.removeAll()
    }

    private mutating func note(_ outcome: Outcome, of answer: PendingAnswer) {
        let peer = answer.peer
        let entry = answer.entry
        releaseMemory(of: answer)
        switch outcome {
        case .early: keep(answer)
        case .unchecked:
            if let entry { exchange.didMiss(entry, from: peer) }
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
        let byteCount = answer.valueByteCount
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
