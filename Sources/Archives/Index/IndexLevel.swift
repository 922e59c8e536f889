/// The address of a tree node: the block that holds it and its number there.
struct NodeReference: Hashable, Sendable {
    let seq: UInt64
    let offset: UInt64
}

/// One tree node as a block spells it: where its keys live and where its children are.
struct IndexLevel: Equatable, Sendable {
    /// The blocks that hold the keys, ascending by key.
    var keys: [UInt64] = []
    /// One child more than keys, or none in a leaf.
    var children: [NodeReference] = []

    init(keys: [UInt64] = [], children: [NodeReference] = []) {
        self.keys = keys
        self.children = children
    }

    init(decoding bytes: UnsafeRawBufferPointer) throws(IndexCodingError) {
        var reader = ProtobufReader(bytes)
        while let tag = try reader.readTag() {
            switch tag.field {
            case 1:
                var packed = ProtobufReader(try reader.readBytes(wireType: tag.wireType))
                keys.reserveCapacity(keys.count + packed.numberCount)
                while !packed.isAtEnd {
                    guard keys.count < ArchiveLimits.maximumIndexNodeKeys else {
                        throw .malformedLevel
                    }
                    keys.append(try packed.readVarint())
                }
            case 2:
                var packed = ProtobufReader(try reader.readBytes(wireType: tag.wireType))
                children.reserveCapacity(children.count + packed.numberCount / 2)
                while !packed.isAtEnd {
                    guard children.count <= ArchiveLimits.maximumIndexNodeKeys else {
                        throw .malformedLevel
                    }
                    let seq = try packed.readVarint()
                    guard !packed.isAtEnd else { throw .malformedLevel }
                    children.append(
                        NodeReference(seq: seq, offset: try packed.readVarint()))
                }
            default:
                try reader.skip(wireType: tag.wireType)
            }
        }
        guard children.isEmpty || children.count == keys.count + 1 else { throw .malformedLevel }
    }
}

extension ProtobufWriter {
    /// Writes tree nodes as the index field of a block, or as a message of its own.
    mutating func write(levels: [IndexLevel]) {
        for level in levels {
            var inner = ProtobufWriter()
            inner.write(packed: level.keys, field: 1)
            inner.write(packed: level.children.flatMap { [$0.seq, $0.offset] }, field: 2)
            write(inner.bytes, field: 1)
        }
    }
}
