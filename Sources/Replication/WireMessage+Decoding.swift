package import CompactEncoding
import Merkle

extension WireMessage {
    /// Reads the body of a message; `nil` if the type is not one of the channel's.
    ///
    /// Unknown flags and bytes after the message are ignored.
    package static func decode(
        type: UInt64, body: UnsafeRawBufferPointer, limits: ReplicationLimits
    ) throws(CompactDecodingError) -> WireMessage? {
        guard let kind = Kind(rawValue: type) else { return nil }
        var decoder = CompactDecoder(body)
        switch kind {
        case .sync: return .sync(try SyncMessage(from: &decoder))
        case .request:
            let (id, priority, proof) = try ProofRequest.decode(from: &decoder)
            return .request(RequestMessage(id: id, proof: proof, priority: priority))
        case .cancel: return .cancel(request: try decoder.readUInt())
        case .data: return .data(try DataMessage(from: &decoder, limits: limits))
        case .noData: return try decodeNoData(&decoder)
        case .want:
            let (start, length, any) = try decodeWant(&decoder)
            return .want(start: start, length: length, any: any)
        case .unwant:
            let (start, length, any) = try decodeWant(&decoder)
            return .unwant(start: start, length: length, any: any)
        case .bitfield: return try decodeBitfield(&decoder, limits: limits)
        case .range: return try decodeRange(&decoder)
        case .extensionMessage: return try decodeExtension(&decoder, limits: limits)
        case .runRequest:
            let (id, request) = try RunRequest.decode(from: &decoder)
            return .runRequest(id: id, request)
        case .run: return .run(try RunMessage(from: &decoder, limits: limits))
        }
    }

    /// The limit that a message of this type has passed when an array in it is too large.
    static func nameOfLimit(type: UInt64) -> String {
        switch Kind(rawValue: type) {
        case .bitfield: "maximumBitfieldWordCount"
        case .extensionMessage: "maximumExtensionByteCount"
        case .run: "maximumRunByteCount"
        default: "maximumNodeCount"
        }
    }

    private static func decodeNoData(
        _ decoder: inout CompactDecoder
    ) throws(CompactDecodingError) -> WireMessage {
        let request = try decoder.readUInt()
        guard decoder.remainingByteCount > 0, try decoder.readUInt() & 1 != 0 else {
            return .noData(request: request, reason: 0)
        }
        return .noData(request: request, reason: try decoder.readUInt())
    }

    private static func decodeWant(
        _ decoder: inout CompactDecoder
    ) throws(CompactDecodingError) -> (UInt64, UInt64, Bool) {
        let start = try decoder.readUInt()
        let length = try decoder.readUInt()
        let flags = decoder.remainingByteCount > 0 ? try decoder.readUInt() : 0
        return (start, length, flags & 1 != 0)
    }

    private static func decodeBitfield(
        _ decoder: inout CompactDecoder, limits: ReplicationLimits
    ) throws(CompactDecodingError) -> WireMessage {
        let start = try decoder.readUInt()
        guard decoder.remainingByteCount / 4 <= limits.maximumBitfieldWordCount + 2 else {
            throw .arrayTooLarge
        }
        return .bitfield(start: start, words: try decoder.readUInt32Array())
    }

    private static func decodeRange(
        _ decoder: inout CompactDecoder
    ) throws(CompactDecodingError) -> WireMessage {
        let flags = try decoder.readUInt()
        let start = try decoder.readUInt()
        let length = flags & 2 != 0 ? 1 : try decoder.readUInt()
        return .range(isDrop: flags & 1 != 0, start: start, length: length)
    }

    private static func decodeExtension(
        _ decoder: inout CompactDecoder, limits: ReplicationLimits
    ) throws(CompactDecodingError) -> WireMessage {
        let name = try decoder.readBuffer()
        guard name.count <= limits.maximumExtensionNameByteCount,
            decoder.remainingByteCount <= limits.maximumExtensionByteCount
        else { throw .arrayTooLarge }
        return .extensionMessage(
            name: String(decoding: name, as: UTF8.self), body: [UInt8](decoder.readRest()))
    }
}

extension SyncMessage {
    init(from decoder: inout CompactDecoder) throws(CompactDecodingError) {
        let flags = try decoder.readUInt()
        self.init(
            fork: try decoder.readUInt(), length: try decoder.readUInt(),
            remoteLength: try decoder.readUInt(), canUpgrade: flags & 1 != 0,
            isUploading: flags & 2 != 0, isDownloading: flags & 4 != 0,
            hasManifest: flags & 8 != 0, allowsPush: flags & 16 != 0)
    }
}

extension DataMessage {
    init(
        from decoder: inout CompactDecoder, limits: ReplicationLimits
    ) throws(CompactDecodingError) {
        let flags = try decoder.readUInt()
        let request = try decoder.readUInt()
        var proof = Proof(fork: try decoder.readUInt())
        var value: UnsafeRawBufferPointer?
        if flags & 1 != 0 {
            let index = try decoder.readUInt()
            value = try decoder.readBuffer()
            proof.block = Proof.Block(
                index: index, value: [], nodes: try decoder.readNodes(limits))
        }
        if flags & 2 != 0 {
            proof.hash = Proof.Hash(
                index: TreeIndex(try decoder.readUInt()), nodes: try decoder.readNodes(limits))
        }
        if flags & 4 != 0 {
            proof.seek = Proof.Seek(
                bytes: try decoder.readUInt(), nodes: try decoder.readNodes(limits))
        }
        if flags & 8 != 0 { proof.upgrade = try decoder.readUpgrade(limits) }
        if flags & 16 != 0 { proof.manifest = try Manifest(from: &decoder) }
        self.init(request: request, proof: proof, value: value)
    }
}

extension CompactDecoder {
    mutating func readNodes(
        _ limits: ReplicationLimits
    ) throws(CompactDecodingError) -> [Node] {
        let count = try readArrayCount(minimumItemByteCount: 34)
        guard count > 0 else { return [] }
        guard count <= limits.maximumNodeCount else { throw .arrayTooLarge }
        var nodes: [Node] = []
        nodes.reserveCapacity(count)
        for _ in 0..<count {
            nodes.append(try Node(from: &self))
        }
        return nodes
    }

    fileprivate mutating func readUpgrade(
        _ limits: ReplicationLimits
    ) throws(CompactDecodingError) -> Proof.Upgrade {
        let start = try readUInt()
        let length = try readUInt()
        let nodes = try readNodes(limits)
        let additionalNodes = try readNodes(limits)
        let signature = try readBuffer()
        guard signature.count <= limits.maximumSignatureByteCount else { throw .arrayTooLarge }
        return Proof.Upgrade(
            start: start, length: length, nodes: nodes, additionalNodes: additionalNodes,
            signature: [UInt8](signature))
    }
}
