import CompactEncoding
public import Feeds
import Merkle
public import Multiplexing

/// What is left to write to a peer.
public enum FlushOutcome: Sendable {
    /// Nothing.
    case drained
    /// More, once what was written is sent.
    case more
    /// The channel was closed; forget the peer.
    case closed
}

extension FeedSession {
    /// Writes what is due to a peer, and answers its requests until so much is outgoing.
    ///
    /// - Throws: `ProtocolViolation` if the peer asked for too much that cannot be proven.
    public mutating func flush(
        _ peer: PeerID, into multiplexer: inout Multiplexer, on channel: Channel,
        from snapshot: borrowing StoreSnapshot, limit: Int
    ) throws -> FlushOutcome {
        guard let slot = exchange.slot(of: peer), exchange.peers[slot]?.hasOutput == true else {
            return .drained
        }
        if let violation = exchange.peers[slot]?.violation { throw violation }
        multiplexer.cork()
        defer { multiplexer.uncork() }
        try writeMessages(ofPeerIn: slot, into: &multiplexer, on: channel, from: snapshot)
        if exchange.peers[slot]?.incoming.isEmpty == false {
            try serve(slot, into: &multiplexer, on: channel, from: snapshot, limit: limit)
            // A drive has thousands of sessions.
            scratch = []
        }
        if exchange.peers[slot]?.owesConflictProof == true {
            exchange.peers[slot]?.owesConflictProof = false
            try sendConflictProof(into: &multiplexer, on: channel, from: snapshot)
        }
        guard exchange.peers[slot]?.incoming.isEmpty == true else { return .more }
        guard exchange.peers[slot]?.isClosing == true else { return .drained }
        multiplexer.close(channel)
        exchange.removePeer(peer)
        return .closed
    }

    private mutating func serve(
        _ slot: Int, into multiplexer: inout Multiplexer, on channel: Channel,
        from snapshot: borrowing StoreSnapshot, limit: Int
    ) throws {
        let feed = feed
        let contiguousLength = exchange.local.contiguousLength
        let length = exchange.local.length
        try snapshot.withProver(of: feed) { prover in
            while multiplexer.outgoingByteCount < limit,
                let item = exchange.peers[slot]?.incoming.next()
            {
                switch item {
                case .request(let request):
                    try answer(request, slot: slot, with: prover, into: &multiplexer, on: channel)
                case .run(let run, let id):
                    try answer(
                        run, id: id, slot: slot, with: prover, into: &multiplexer, on: channel)
                case .want(let start, let count, let any):
                    let answer = exchange.local.answer(
                        toWant: start..<start + count, any: any,
                        contiguousLength: contiguousLength, length: length)
                    for message in answer { multiplexer.send(message, on: channel) }
                }
            }
        }
    }

    private mutating func answer(
        _ request: RequestMessage, slot: Int, with prover: borrowing FeedProver,
        into multiplexer: inout Multiplexer, on channel: Channel
    ) throws {
        let largest = multiplexer.limits.maximumFrameByteCount - 64
        do {
            let byteCount = try prover.withProof(for: request.proof) { proof, block -> Int? in
                guard let proof else { return nil }
                var counter = CompactEncoder()
                proof.encode(to: &counter, requestID: request.id, blockValue: block)
                guard counter.byteCount <= largest else { return nil }
                multiplexer.send(
                    WireMessage.Kind.data.rawValue, on: channel, byteCount: counter.byteCount
                ) { encoder in
                    proof.encode(to: &encoder, requestID: request.id, blockValue: block)
                }
                return block.count
            }
            if let byteCount {
                noteServed(request, byteCount: byteCount, slot: slot)
                return
            }
        } catch is ProofRequestError {
            try countInvalidRequest(slot)
        }
        multiplexer.send(.noData(request: request.id, reason: 0), on: channel)
    }

    mutating func countInvalidRequest(_ slot: Int) throws(ProtocolViolation) {
        exchange.peers[slot]?.invalidRequestCount += 1
        let count = exchange.peers[slot]?.invalidRequestCount ?? 0
        guard count <= exchange.limits.maximumInvalidRequestCount else {
            throw ProtocolViolation.limitExceeded("maximumInvalidRequestCount")
        }
    }

    /// Shows a peer the history that is not ours.
    private func sendConflictProof(
        into multiplexer: inout Multiplexer, on channel: Channel,
        from snapshot: borrowing StoreSnapshot
    ) throws {
        guard let conflict = try snapshot.traits(of: feed).conflict,
            let upgrade = conflict.otherProof
        else { return }
        let proof = Proof(fork: conflict.other.fork, upgrade: upgrade)
        multiplexer.send(.data(DataMessage(request: 0, proof: proof)), on: channel)
    }

    private mutating func noteServed(_ request: RequestMessage, byteCount: Int, slot: Int) {
        guard let block = request.proof.block, request.proof.fork == exchange.local.fork,
            let id = exchange.peers[slot]?.id
        else { return }
        exchange.peers[slot]?.progress.servedBlockCount += 1
        exchange.peers[slot]?.progress.servedByteCount += UInt64(byteCount)
        exchange.changeHas(slot) { $0.insert(block.index) }
        exchange.events.append(.served(block: block.index, byteCount: byteCount, to: id))
    }
}

extension LocalState {
    /// What is held of a range that a peer asks about.
    func answer(
        toWant range: Range<UInt64>, any: Bool, contiguousLength: UInt64, length: UInt64
    ) -> [WireMessage] {
        if range.upperBound < contiguousLength || contiguousLength == length
            || any && range.lowerBound < contiguousLength
        {
            return contiguousLength > 0 ? [.announcing(0..<contiguousLength)] : []
        }
        let clamped = range.clamped(to: 0..<length)
        if any {
            return held.first(in: clamped, notIn: BlockSet()).map { [.announcing($0..<$0 + 1)] }
                ?? []
        }
        // Nothing held is answered as well, with one word: whoever asked need not wait.
        let start = range.lowerBound / 32 * 32
        guard !clamped.isEmpty, held.first(in: clamped, notIn: BlockSet()) != nil else {
            return [.bitfield(start: start, words: [0])]
        }
        return [.bitfield(start: start, words: held.words32(start..<clamped.upperBound))]
    }
}

extension Multiplexer {
    mutating func send(_ message: WireMessage, on channel: Channel) {
        send(message.kind.rawValue, on: channel, byteCount: message.encodedByteCount) { encoder in
            message.encode(to: &encoder)
        }
    }
}
