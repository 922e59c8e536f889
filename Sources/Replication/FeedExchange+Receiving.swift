import Merkle
import Multiplexing

/// What is to be done with an answer of a peer.
enum DataDisposition {
    /// Nothing: it was not asked for, or comes too late.
    case ignored
    /// Check it against the own tree.
    case proof(RequestTable.Entry)
    /// Check it as a part of following a higher fork.
    case fork(RequestTable.Entry)
    /// Check it against an empty tree: does the writer have two histories?
    case conflictCheck
}

extension FeedExchange {
    /// Takes in a message that is not an answer.
    mutating func receive(_ message: WireMessage, from id: PeerID) throws(ProtocolViolation) {
        guard let slot = slot(of: id), peers[slot]?.isOpen == true else { return }
        switch message {
        case .sync(let sync): try receive(sync, slot: slot)
        case .request(let request):
            try checkQueue(slot)
            peers[slot]?.incoming.add(request)
        case .cancel(let request): peers[slot]?.incoming.cancel(request)
        case .data: preconditionFailure("answers are classified, not received")
        case .noData(let request, _): receiveNoData(request, slot: slot)
        case .want(let start, let length, let any):
            guard length <= limits.segmentLength, length > 0 else { return }
            try checkQueue(slot)
            guard peers[slot]?.incoming.wantCount ?? 0 < limits.maximumQueuedWantCount else {
                throw .limitExceeded("maximumQueuedWantCount")
            }
            peers[slot]?.incoming.addWant(start: start, length: length, any: any)
        case .unwant: break
        case .bitfield(let start, let words): try receiveBitfield(start, words, slot: slot)
        case .range(let isDrop, let start, let length):
            receiveRange(isDrop: isDrop, start: start, length: length, slot: slot)
        case .extensionMessage(let name, let body):
            receiveExtension(name: name, body: body, slot: slot)
        case .runRequest(let request, let run):
            try checkQueue(slot)
            peers[slot]?.incoming.add(run, id: request)
        case .run: preconditionFailure("answers are classified, not received")
        }
    }

    private func checkQueue(_ slot: Int) throws(ProtocolViolation) {
        guard (peers[slot]?.incoming.count ?? 0) < limits.maximumQueuedRequestCount else {
            throw .limitExceeded("maximumQueuedRequestCount")
        }
        guard peers[slot]?.budget.hasRoomForRequest == true else {
            throw .limitExceeded("maximumConnectionRequestCount")
        }
    }

    private mutating func receive(
        _ sync: SyncMessage, slot: Int
    ) throws(ProtocolViolation) {
        guard sync.length <= Self.maximumBlock else { throw .limitExceeded("maximumLength") }
        peers[slot]?.sync = sync
        peers[slot]?.refusedUpgrade = false
        peers[slot]?.refusedRuns = false
        peers[slot]?.isStalled = false
        peers[slot]?.cursor = 0
        checkRoots(ofPeerIn: slot)
        peers[slot]?.owesSync = sync.fork == local.fork && local.length > sync.length
        closeIfIdle(slot)
    }

    private mutating func receiveNoData(_ request: UInt64, slot: Int) {
        guard let entry = peers[slot]?.requests.answer(request) else { return }
        didAnswer(slot)
        noData(for: entry, slot: slot)
    }

    /// Notes that a peer has no answer to something, whether it is still there or not.
    mutating func noData(for entry: RequestTable.Entry, from id: PeerID) {
        guard let slot = slot(of: id) else { return withdraw(entry, of: id) }
        if entry.purpose.blocks != nil { return withdraw(entry, of: id) }
        noData(for: entry, slot: slot)
    }

    /// Notes that a peer has no answer, so that it is not asked the same again.
    mutating func noData(for entry: RequestTable.Entry, slot: Int) {
        guard let id = peers[slot]?.id, let fork = peers[slot]?.fork else { return }
        defer { withdraw(entry, of: id) }
        // What is refused of a fork that the peer has left since says nothing of its new one.
        guard entry.request.fork == fork else { return }
        switch entry.purpose {
        case .block(let index):
            changeHas(slot) { $0.remove(index) }
            forgetRisk(index, slot: slot)
            peers[slot]?.refusalCount += 1
            if peers[slot]?.refusalCount ?? 0 >= limits.maximumRefusalCount {
                peers[slot]?.isPaused = true
            }
        case .run:
            // Blocks are refused one by one, so it is found out which of them are not there.
            peers[slot]?.refusedRuns = true
        case .upgrade, .manifest, .fork:
            peers[slot]?.refusedUpgrade = true
            if case .fork = entry.purpose { peers[slot]?.failedForkCount += 1 }
        case .forkPart, .seek:
            if let index = entry.request.hash?.index {
                changeHas(slot) { $0.remove(index.firstBlock) }
            }
        }
    }

    private mutating func didAnswer(_ slot: Int, isLate: Bool = false) {
        peers[slot]?.budget.answers.answer(at: now, isLate: isLate)
        peers[slot]?.hasAnswered = true
        guard peers[slot]?.isStalled == true else { return }
        // It is asked again for what it was given up for.
        peers[slot]?.isStalled = false
        peers[slot]?.refusedUpgrade = false
        peers[slot]?.cursor = 0
    }

    /// Changes what a peer is known to hold: pages up to our own length, and a few beyond.
    mutating func changeHas(_ slot: Int, _ body: (inout BlockSet) -> Void) {
        let pages = Int(clamping: local.length / BlockSet.blocksPerPage) + limits.pagesBeyondLength
        peers[slot]?.changeHas(
            maximumPageCount: min(pages, limits.maximumRemotePageCount), body)
    }

    private mutating func receiveBitfield(
        _ start: UInt64, _ words: [UInt32], slot: Int
    ) throws(ProtocolViolation) {
        guard start.isMultiple(of: 32) else { throw .invalidMessage("bitfield start") }
        guard start <= Self.maximumBlock else { throw .limitExceeded("maximumLength") }
        guard words.count <= limits.maximumBitfieldWordCount else {
            throw .limitExceeded("maximumBitfieldWordCount")
        }
        changeHas(slot) { $0.replace(from: start, words: words) }
        peers[slot]?.unansweredWants.remove(start / limits.segmentLength)
        peers[slot]?.cursor = 0
    }

    private static let maximumBlock = Merkle.Limits.maximumLength

    private mutating func receiveRange(
        isDrop: Bool, start: UInt64, length: UInt64, slot: Int
    ) {
        guard start < Self.maximumBlock, length > 0 else { return }
        let end = start + min(length, Self.maximumBlock - start)
        if isDrop {
            changeHas(slot) { $0.remove(start..<end) }
            // What lies far behind a gap may be forgotten and can be asked again.
            peers[slot]?.wantedSegments.removeAll()
        } else {
            insert(start..<end, slot: slot)
            if start == 0 { peers[slot]?.unansweredWants.removeAll() }
            peers[slot]?.cursor = 0
        }
    }

    /// Notes that a peer holds a range; what lies far beyond our own length is asked again later.
    private mutating func insert(_ range: Range<UInt64>, slot: Int) {
        let pages = local.length / BlockSet.blocksPerPage + UInt64(limits.pagesBeyondLength)
        changeHas(slot) { has in
            let end =
                range.lowerBound <= has.contiguousLength
                ? range.upperBound : min(range.upperBound, pages * BlockSet.blocksPerPage)
            if end < range.upperBound { has.hasForgotten = true }
            if range.lowerBound < end { has.insert(range.lowerBound..<end) }
        }
    }

    private mutating func receiveExtension(name: String, body: [UInt8], slot: Int) {
        guard let id = peers[slot]?.id else { return }
        let full = name.isEmpty ? peers[slot]?.lastExtensionReceived ?? "" : name
        peers[slot]?.lastExtensionReceived = full
        guard extensionNames.contains(full) else { return }
        events.append(.extensionMessage(name: full, body: body, from: id))
    }
}

// MARK: - Answers

extension FeedExchange {
    /// Says what is to be done with an answer, and takes its request off the list.
    mutating func classify(_ message: DataMessage, from id: PeerID) -> DataDisposition {
        guard let slot = slot(of: id), peers[slot]?.isOpen == true else { return .ignored }
        let proof = message.proof
        if message.request == 0 {
            let isCheck = proof.upgrade?.start == 0 && proof.fork == local.fork
            guard isCheck, !local.isFrozen else { return .ignored }
            if peers[slot]?.awaitsConflictCheck == false {
                peers[slot]?.conflictCheckCount += 1
                let count = peers[slot]?.conflictCheckCount ?? 0
                guard count <= limits.maximumConflictCheckCount else { return .ignored }
            }
            return .conflictCheck
        }
        guard
            let entry = answered(
                message.request, byteCount: message.value?.count ?? 0, slot: slot)
        else { return .ignored }
        switch entry.purpose {
        case .fork(let fork), .forkPart(let fork):
            guard let following, following.fork == fork, fork > local.fork,
                proof.answers(entry.request), !proof.provesNothing
            else { break }
            return .fork(entry)
        default:
            if proof.answers(entry.request) { return .proof(entry) }
        }
        noData(for: entry, slot: slot)
        return .ignored
    }

    /// Takes a request off the list and measures how long its answer took.
    mutating func answered(
        _ request: UInt64, byteCount: Int, slot: Int
    ) -> RequestTable.Entry? {
        let isLate = peers[slot]?.requests.isCancelled(request) == true
        guard let entry = peers[slot]?.requests.answer(request) else {
            // What nobody asked for does not show that the peer answers.
            if isLate { didAnswer(slot, isLate: true) }
            return nil
        }
        didAnswer(slot)
        peers[slot]?.roundTrip.didAnswer(sentAt: entry.sentAt, byteCount: byteCount)
        return entry
    }

    /// Notes that an answer was checked and stored.
    mutating func didApply(
        _ entry: RequestTable.Entry, from id: PeerID, block: UInt64?, byteCount: Int,
        hasGrown: Bool
    ) {
        guard let slot = slot(of: id) else {
            if entry.purpose != block.map(RequestTable.Purpose.block) { withdraw(entry, of: id) }
            return
        }
        if block != nil {
            peers[slot]?.refusalCount = 0
            peers[slot]?.creditCheckedAnswer()
            peers[slot]?.progress.receivedBlockCount += 1
            peers[slot]?.progress.receivedByteCount += UInt64(byteCount)
        }
        switch entry.purpose {
        case .block(let index):
            forgetRisk(index, slot: slot)
            forgetAwaited(entry, of: id)
            if block != index {
                noData(for: entry, slot: slot)
            } else if duplicated.removeValue(forKey: index) != nil {
                cancelDuplicates(of: index)
            }
        case .upgrade:
            // A bare manifest may stand in place of an upgrade.
            if hasGrown || isOutdated(entry) {
                withdraw(entry, of: id)
            } else {
                noData(for: entry, slot: slot)
            }
        case .seek(let seek):
            if let index = seeks.firstIndex(where: { $0.id == seek }) {
                seeks[index].isAsked = false
            }
        default:
            withdraw(entry, of: id)
        }
    }

    /// Whether an answer was asked for when the own tree stood elsewhere.
    ///
    /// Then it says nothing of the peer.
    func isOutdated(_ entry: RequestTable.Entry) -> Bool {
        switch entry.purpose {
        case .upgrade: entry.request.upgrade?.start != local.length
        case .fork, .forkPart: false
        case .block, .run, .manifest, .seek: entry.request.fork != local.fork
        }
    }

    /// Notes that an answer does not hold; a forgery is a reason to look for a second history.
    mutating func didRefuse(
        _ entry: RequestTable.Entry?, from id: PeerID, isForgery: Bool, reason: String
    ) {
        guard let slot = slot(of: id) else {
            if let entry { withdraw(entry, of: id) }
            return
        }
        if let entry {
            if case .fork(let fork) = entry.purpose, following?.fork == fork { following = nil }
            if case .forkPart(let fork) = entry.purpose, following?.fork == fork {
                following = nil
            }
            noData(for: entry, from: id)
        }
        events.append(.invalidData(from: id, reason: reason))
        peers[slot]?.malformedAnswerCount += 1
        let isTooMuch =
            peers[slot]?.malformedAnswerCount ?? 0 >= limits.maximumMalformedAnswerCount
        if isTooMuch {
            peers[slot]?.violation = .limitExceeded("maximumMalformedAnswerCount")
        }
        guard isForgery || isTooMuch else { return }
        peers[slot]?.isPaused = true
        if isForgery { checkForConflict(slot) }
    }

    /// Notes how far a fork was followed.
    mutating func didFollow(
        _ entry: RequestTable.Entry, from id: PeerID, _ reorganisation: Reorganisation
    ) {
        withdraw(entry, of: id)
        guard following?.fork == reorganisation.upgrade.fork else { return }
        following?.reorganisation = reorganisation.isFinished ? nil : reorganisation
    }
}
