public import CompactEncoding

extension ProofRequest {
    private enum Flags {
        static let block: UInt64 = 1
        static let hash: UInt64 = 2
        static let seek: UInt64 = 4
        static let upgrade: UInt64 = 8
        static let manifest: UInt64 = 16
        static let priority: UInt64 = 32
    }

    /// Writes the body of a request message.
    public func encode(to encoder: inout CompactEncoder, id: UInt64, priority: UInt64 = 0) {
        var flags: UInt64 = 0
        if block != nil { flags |= Flags.block }
        if hash != nil { flags |= Flags.hash }
        if seek != nil { flags |= Flags.seek }
        if upgrade != nil { flags |= Flags.upgrade }
        if manifest { flags |= Flags.manifest }
        if priority != 0 { flags |= Flags.priority }
        encoder.writeUInt(flags)
        encoder.writeUInt(id)
        encoder.writeUInt(fork)
        if let block {
            encoder.writeUInt(block.index)
            encoder.writeUInt(block.nodes)
        }
        if let hash {
            encoder.writeUInt(hash.index.value)
            encoder.writeUInt(hash.nodes)
        }
        if let seek {
            encoder.writeUInt(seek.bytes)
            encoder.writeUInt(seek.padding)
        }
        if let upgrade {
            encoder.writeUInt(upgrade.start)
            encoder.writeUInt(upgrade.length)
        }
        if priority != 0 { encoder.writeUInt(priority) }
    }

    /// Reads the body of a request message.
    public static func decode(
        from decoder: inout CompactDecoder
    ) throws(CompactDecodingError) -> (id: UInt64, priority: UInt64, request: ProofRequest) {
        let flags = try decoder.readUInt()
        let id = try decoder.readUInt()
        var request = ProofRequest(fork: try decoder.readUInt())
        if flags & Flags.block != 0 {
            let index = try decoder.readUInt()
            request.block = Block(index: index, nodes: try decoder.readUInt())
        }
        if flags & Flags.hash != 0 {
            let index = TreeIndex(try decoder.readUInt())
            request.hash = Hash(index: index, nodes: try decoder.readUInt())
        }
        if flags & Flags.seek != 0 {
            let bytes = try decoder.readUInt()
            request.seek = Seek(bytes: bytes, padding: try decoder.readUInt())
        }
        if flags & Flags.upgrade != 0 {
            let start = try decoder.readUInt()
            request.upgrade = Upgrade(start: start, length: try decoder.readUInt())
        }
        request.manifest = flags & Flags.manifest != 0
        let priority = flags & Flags.priority != 0 ? try decoder.readUInt() : 0
        return (id, priority, request)
    }
}
