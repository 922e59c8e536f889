/// The parts of an index block, borrowed from its bytes.
struct IndexBlock {
    /// The tree nodes, not yet decoded.
    let index: UnsafeRawBufferPointer
    let key: UnsafeRawBufferPointer
    let value: UnsafeRawBufferPointer?

    init(decoding bytes: UnsafeRawBufferPointer) throws(IndexCodingError) {
        // As every known writer orders the fields; whatever differs is read field by field.
        var end = 0
        if let index = Self.field(0x0A, of: bytes, from: &end),
            let key = Self.field(0x12, of: bytes, from: &end)
        {
            let value = end < bytes.count ? Self.field(0x1A, of: bytes, from: &end) : nil
            if end == bytes.count {
                self.index = index
                self.key = key
                self.value = value
                return
            }
        }
        var reader = ProtobufReader(bytes)
        var index: UnsafeRawBufferPointer?
        var key: UnsafeRawBufferPointer?
        var value: UnsafeRawBufferPointer?
        while let tag = try reader.readTag() {
            switch tag.field {
            case 1: index = try reader.readBytes(wireType: tag.wireType)
            case 2: key = try reader.readBytes(wireType: tag.wireType)
            case 3: value = try reader.readBytes(wireType: tag.wireType)
            default: try reader.skip(wireType: tag.wireType)
            }
        }
        guard let index, let key else { throw .missingField }
        self.index = index
        self.key = key
        self.value = value
    }

    /// The bytes of a field that begins with a tag and a length below 2^14, `nil` if none does.
    @inline(__always)
    private static func field(
        _ tag: UInt8, of bytes: UnsafeRawBufferPointer, from position: inout Int
    ) -> UnsafeRawBufferPointer? {
        guard bytes.count - position >= 2, bytes[position] == tag else { return nil }
        var count = Int(bytes[position + 1])
        var start = position + 2
        if count >= 0x80 {
            guard start < bytes.count, bytes[start] < 0x80 else { return nil }
            count = count & 0x7f | Int(bytes[start]) << 7
            start += 1
        }
        guard count <= bytes.count - start else { return nil }
        position = start + count
        return UnsafeRawBufferPointer(rebasing: bytes[start..<position])
    }

    /// Decodes the tree node with this number, `nil` if the block has fewer.
    func level(at offset: UInt64) throws(IndexCodingError) -> IndexLevel? {
        var reader = ProtobufReader(index)
        var number: UInt64 = 0
        while let level = try Self.nextLevel(in: &reader) {
            if number == offset { return try IndexLevel(decoding: level) }
            number += 1
            guard number <= ArchiveLimits.maximumIndexLevels else { throw .tooManyLevels }
        }
        return nil
    }

    /// Decodes all tree nodes.
    func levels() throws(IndexCodingError) -> [IndexLevel] {
        try Self.levels(decoding: index)
    }

    static func levels(
        decoding bytes: UnsafeRawBufferPointer
    ) throws(IndexCodingError) -> [IndexLevel] {
        var reader = ProtobufReader(bytes)
        var levels: [IndexLevel] = []
        while let level = try nextLevel(in: &reader) {
            guard levels.count < ArchiveLimits.maximumIndexLevels else { throw .tooManyLevels }
            levels.append(try IndexLevel(decoding: level))
        }
        return levels
    }

    private static func nextLevel(
        in reader: inout ProtobufReader
    ) throws(IndexCodingError) -> UnsafeRawBufferPointer? {
        while let tag = try reader.readTag() {
            if tag.field == 1 { return try reader.readBytes(wireType: tag.wireType) }
            try reader.skip(wireType: tag.wireType)
        }
        return nil
    }

    /// Whether the block records that its key was deleted.
    ///
    /// Then it has no value, and no tree node in it names the block as the home of a key; a put of
    /// nothing has no value either.
    func isDeletion(seq: UInt64) throws(IndexCodingError) -> Bool {
        guard value == nil else { return false }
        return try !levels().contains { $0.keys.contains(seq) }
    }

    /// The bytes of a block.
    static func encode(key: [UInt8], value: [UInt8]?, index: [UInt8]) -> [UInt8] {
        var writer = ProtobufWriter()
        writer.bytes.reserveCapacity(index.count + key.count + (value?.count ?? 0) + 15)
        writer.write(index, field: 1)
        writer.write(key, field: 2)
        if let value { writer.write(value, field: 3) }
        return writer.bytes
    }
}
