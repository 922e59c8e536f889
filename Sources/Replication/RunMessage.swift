package import CompactEncoding
package import Merkle

/// An answer to a request for a run; see docs/formats/replication.md#runs.
///
/// The buffers point into the frame that it was read from, or to where it is to be sent from.
package struct RunMessage {
    package var request: UInt64
    package var fork: UInt64
    /// The node below which the blocks are: the one asked for, or the first of those below it.
    package var index: TreeIndex
    /// The siblings on the way from the node up to the one that the asker trusts.
    package var siblings: [Node]
    package var content: RunContent

    package init(
        request: UInt64, fork: UInt64, index: TreeIndex, siblings: [Node], content: RunContent
    ) {
        self.request = request
        self.fork = fork
        self.index = index
        self.siblings = siblings
        self.content = content
    }
}

/// The lengths of all blocks of a run, then the blocks.
package enum RunContent {
    /// As they are.
    case plain(UnsafeRawBufferPointer)
    /// As a raw DEFLATE stream of so many bytes.
    case deflated(UnsafeRawBufferPointer, byteCount: Int)
}

extension RunMessage {
    /// Writes what stands before the content.
    package static func encodeHead(
        to encoder: inout CompactEncoder, request: UInt64, fork: UInt64, index: TreeIndex,
        siblings: [Node], deflatedFrom byteCount: Int?
    ) {
        encoder.writeUInt((byteCount == nil ? 0 : 1) as UInt64)
        encoder.writeUInt(request)
        encoder.writeUInt(fork)
        encoder.writeUInt(index.value)
        encoder.writeUInt(siblings.count)
        for node in siblings { node.encode(to: &encoder) }
        if let byteCount { encoder.writeUInt(byteCount) }
    }

    func encode(to encoder: inout CompactEncoder) {
        switch content {
        case .plain(let bytes):
            encodeHead(to: &encoder, deflatedFrom: nil)
            encoder.writeFixed(bytes)
        case .deflated(let bytes, let byteCount):
            encodeHead(to: &encoder, deflatedFrom: byteCount)
            encoder.writeFixed(bytes)
        }
    }

    private func encodeHead(to encoder: inout CompactEncoder, deflatedFrom byteCount: Int?) {
        Self.encodeHead(
            to: &encoder, request: request, fork: fork, index: index, siblings: siblings,
            deflatedFrom: byteCount)
    }

    init(
        from decoder: inout CompactDecoder, limits: ReplicationLimits
    ) throws(CompactDecodingError) {
        let flags = try decoder.readUInt()
        request = try decoder.readUInt()
        fork = try decoder.readUInt()
        index = TreeIndex(try decoder.readUInt())
        guard index.value < Merkle.Limits.maximumLength * 2,
            index.blockCount <= limits.maximumRunBlockCount
        else { throw .arrayTooLarge }
        siblings = try decoder.readNodes(limits)
        if flags & 1 != 0 {
            let byteCount = try decoder.readUInt()
            guard byteCount <= UInt64(limits.maximumRunContentByteCount) else {
                throw .arrayTooLarge
            }
            content = .deflated(decoder.readRest(), byteCount: Int(byteCount))
        } else {
            content = .plain(decoder.readRest())
        }
    }
}

extension ReplicationLimits {
    /// What a compressed run may grow to: its blocks, and five bytes for the length of each.
    var maximumRunContentByteCount: Int {
        maximumRunByteCount + 5 * Int(maximumRunBlockCount)
    }
}

extension RunRequest {
    func encode(to encoder: inout CompactEncoder, id: UInt64) {
        // No flag means anything yet.
        encoder.writeUInt(0 as UInt64)
        encoder.writeUInt(id)
        encoder.writeUInt(fork)
        encoder.writeUInt(index.value)
        encoder.writeUInt(nodes)
        encoder.writeUInt(maximumByteCount)
    }

    static func decode(
        from decoder: inout CompactDecoder
    ) throws(CompactDecodingError) -> (id: UInt64, request: RunRequest) {
        _ = try decoder.readUInt()
        let id = try decoder.readUInt()
        let request = RunRequest(
            fork: try decoder.readUInt(), index: TreeIndex(try decoder.readUInt()),
            nodes: try decoder.readUInt(), maximumByteCount: try decoder.readUInt())
        return (id, request)
    }
}
