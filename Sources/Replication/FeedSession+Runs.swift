import CompactEncoding
import Feeds
import Merkle
import Multiplexing

extension FeedSession {
    /// Sends the blocks of a run, or says that there is no answer.
    mutating func answer(
        _ request: RunRequest, id: UInt64, slot: Int, with prover: borrowing FeedProver,
        into multiplexer: inout Multiplexer, on channel: Channel
    ) throws {
        var bounded = request
        bounded.maximumByteCount = min(
            request.maximumByteCount, UInt64(exchange.limits.maximumRunByteCount))
        do {
            let sent = try prover.withRun(
                for: bounded, maximumBlockCount: exchange.limits.maximumRunBlockCount
            ) { plan, blocks in
                send(plan, blocks, request: id, into: &multiplexer, on: channel) ? plan.node : nil
            }
            if let node = sent ?? nil {
                noteServed(node, slot: slot)
                return
            }
        } catch is ProofRequestError {
            try countInvalidRequest(slot)
        }
        multiplexer.send(.noData(request: id, reason: 0), on: channel)
    }

    /// Writes one run, compressed if that pays; false if it fits no frame.
    private mutating func send(
        _ plan: RunPlan, _ blocks: [UnsafeRawBufferPointer], request: UInt64,
        into multiplexer: inout Multiplexer, on channel: Channel
    ) -> Bool {
        let fork = exchange.local.fork
        func encodeHead(to encoder: inout CompactEncoder, deflatedFrom byteCount: Int?) {
            RunMessage.encodeHead(
                to: &encoder, request: request, fork: fork, index: plan.node.index,
                siblings: plan.siblings, deflatedFrom: byteCount)
        }
        func byteCount(ofHead deflatedFrom: Int?) -> Int {
            var counter = CompactEncoder()
            encodeHead(to: &counter, deflatedFrom: deflatedFrom)
            return counter.byteCount
        }
        var counter = CompactEncoder()
        for block in blocks { counter.writeUInt(block.count) }
        let lengthByteCount = counter.byteCount
        let contentByteCount = lengthByteCount + Int(plan.node.size)
        if let deflated = deflated(
            blocks, lengthByteCount: lengthByteCount, byteCount: contentByteCount)
        {
            let head = byteCount(ofHead: contentByteCount)
            multiplexer.send(
                WireMessage.Kind.run.rawValue, on: channel, byteCount: head + deflated
            ) { encoder in
                encodeHead(to: &encoder, deflatedFrom: contentByteCount)
                scratch.withUnsafeBytes {
                    encoder.writeFixed(UnsafeRawBufferPointer(rebasing: $0.prefix(deflated)))
                }
            }
            return true
        }
        let messageByteCount = byteCount(ofHead: nil) + contentByteCount
        guard messageByteCount <= multiplexer.limits.maximumFrameByteCount - 64 else {
            return false
        }
        multiplexer.send(
            WireMessage.Kind.run.rawValue, on: channel, byteCount: messageByteCount
        ) { encoder in
            encodeHead(to: &encoder, deflatedFrom: nil)
            for block in blocks { encoder.writeUInt(block.count) }
            for block in blocks { encoder.writeFixed(block) }
        }
        return true
    }

    /// Packs lengths and blocks into the scratch memory; `nil` if that does not pay.
    private mutating func deflated(
        _ blocks: [UnsafeRawBufferPointer], lengthByteCount: Int, byteCount: Int
    ) -> Int? {
        let limits = exchange.limits
        guard byteCount >= limits.compressedByteCount,
            byteCount - lengthByteCount <= limits.maximumRunByteCount, compression.isDue()
        else { return nil }
        let lengths = [UInt8](unsafeUninitializedCapacity: lengthByteCount) { buffer, count in
            var encoder = CompactEncoder(UnsafeMutableRawBufferPointer(buffer))
            for block in blocks { encoder.writeUInt(block.count) }
            count = encoder.byteCount
        }
        return lengths.withUnsafeBytes {
            compression.deflate($0, blocks, byteCount: byteCount, into: &scratch)
        }
    }

    private mutating func noteServed(_ node: Node, slot: Int) {
        guard let id = exchange.peers[slot]?.id else { return }
        exchange.peers[slot]?.progress.servedBlockCount += node.index.blockCount
        exchange.peers[slot]?.progress.servedByteCount += node.size
        exchange.changeHas(slot) { $0.insert(node.index.blocks) }
        exchange.events.append(
            .servedRun(blocks: node.index.blocks, byteCount: Int(node.size), to: id))
    }
}
