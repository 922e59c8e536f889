public import CompactEncoding

extension Proof {
    private enum Flags {
        static let block: UInt64 = 1
        static let hash: UInt64 = 2
        static let seek: UInt64 = 4
        static let upgrade: UInt64 = 8
        static let manifest: UInt64 = 16
    }

    /// Writes the body of a data message.
    public func encode(to encoder: inout CompactEncoder, requestID: UInt64) {
        guard let block else {
            let none = UnsafeRawBufferPointer(start: nil, count: 0)
            return encode(to: &encoder, requestID: requestID, blockValue: none)
        }
        block.value.withUnsafeBytes {
            encode(to: &encoder, requestID: requestID, blockValue: $0)
        }
    }

    /// Writes the body of a data message with a block's bytes from elsewhere, uncopied.
    public func encode(
        to encoder: inout CompactEncoder, requestID: UInt64, blockValue: UnsafeRawBufferPointer
    ) {
        var flags: UInt64 = 0
        if block != nil { flags |= Flags.block }
        if hash != nil { flags |= Flags.hash }
        if seek != nil { flags |= Flags.seek }
        if upgrade != nil { flags |= Flags.upgrade }
        if manifest != nil { flags |= Flags.manifest }
        encoder.writeUInt(flags)
        encoder.writeUInt(requestID)
        encoder.writeUInt(fork)
        if let block {
            encoder.writeUInt(block.index)
            encoder.writeBuffer(blockValue)
            encoder.write(block.nodes)
        }
        if let hash {
            encoder.writeUInt(hash.index.value)
            encoder.write(hash.nodes)
        }
        if let seek {
            encoder.writeUInt(seek.bytes)
            encoder.write(seek.nodes)
        }
        if let upgrade {
            encoder.writeUInt(upgrade.start)
            encoder.writeUInt(upgrade.length)
            encoder.write(upgrade.nodes)
            encoder.write(upgrade.additionalNodes)
            encoder.writeBuffer(upgrade.signature)
        }
        manifest?.encode(to: &encoder)
    }

    /// Reads the body of a data message.
    public static func decode(
        from decoder: inout CompactDecoder
    ) throws(CompactDecodingError) -> (requestID: UInt64, proof: Proof) {
        let flags = try decoder.readUInt()
        let requestID = try decoder.readUInt()
        var proof = Proof(fork: try decoder.readUInt())
        if flags & Flags.block != 0 {
            let index = try decoder.readUInt()
            let value = try decoder.readBytes()
            proof.block = Block(index: index, value: value, nodes: try decoder.readNodes())
        }
        if flags & Flags.hash != 0 {
            let index = TreeIndex(try decoder.readUInt())
            proof.hash = Hash(index: index, nodes: try decoder.readNodes())
        }
        if flags & Flags.seek != 0 {
            let bytes = try decoder.readUInt()
            proof.seek = Seek(bytes: bytes, nodes: try decoder.readNodes())
        }
        if flags & Flags.upgrade != 0 {
            proof.upgrade = try Upgrade(from: &decoder)
        }
        if flags & Flags.manifest != 0 {
            proof.manifest = try Manifest(from: &decoder)
        }
        return (requestID, proof)
    }
}

extension Proof.Upgrade {
    fileprivate init(from decoder: inout CompactDecoder) throws(CompactDecodingError) {
        let start = try decoder.readUInt()
        let length = try decoder.readUInt()
        let nodes = try decoder.readNodes()
        let additionalNodes = try decoder.readNodes()
        let signature = try decoder.readBuffer()
        guard signature.count <= Limits.maximumSignatureByteCount else { throw .arrayTooLarge }
        self.init(
            start: start, length: length, nodes: nodes, additionalNodes: additionalNodes,
            signature: Array(signature))
    }
}
