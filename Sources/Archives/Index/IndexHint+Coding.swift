import CompactEncoding

extension IndexHint {
    /// The extension's message: JavaScript puts the length in front of the bytes.
    public var message: [UInt8] { Framed(bytes: encoded).encoded }

    /// Reads the extension's message; `nil` if it is too long or cannot be decoded.
    public init?(message: [UInt8]) {
        guard message.count <= ArchiveLimits.maximumHintByteCount else { return nil }
        let hint = message.withUnsafeBytes { message -> IndexHint? in
            var decoder = CompactDecoder(message)
            guard let body = try? decoder.readBuffer() else { return nil }
            return try? IndexHint(decoding: body)
        }
        guard let hint else { return nil }
        self = hint
    }

    /// The bytes in the message.
    public var encoded: [UInt8] {
        var writer = ProtobufWriter()
        if let cache {
            var inner = ProtobufWriter()
            inner.write(number: cache.start, field: 1)
            inner.write(number: cache.end, field: 2)
            inner.write(packed: cache.blocks, field: 3)
            writer.write(inner.bytes, field: 1)
        }
        if let get {
            var inner = ProtobufWriter()
            inner.write(number: get.version, field: 1)
            if let key = get.key { inner.write(key, field: 2) }
            writer.write(inner.bytes, field: 2)
        }
        if let iterator {
            var inner = ProtobufWriter()
            inner.write(number: iterator.version, field: 1)
            if let gte = iterator.gte { inner.write(gte, field: 2) }
            if let gt = iterator.gt { inner.write(gt, field: 3) }
            if let lte = iterator.lte { inner.write(lte, field: 4) }
            if let lt = iterator.lt { inner.write(lt, field: 5) }
            inner.write(number: iterator.limit, field: 6)
            inner.write(number: iterator.reverse ? 1 : 0, field: 7)
            inner.write(packed: iterator.checkpoint, field: 8)
            writer.write(inner.bytes, field: 3)
        }
        return writer.bytes
    }

    /// Reads a message.
    public init(decoding bytes: UnsafeRawBufferPointer) throws(IndexCodingError) {
        self.init()
        var reader = ProtobufReader(bytes)
        while let tag = try reader.readTag() {
            switch tag.field {
            case 1: cache = try Cache(decoding: try reader.readBytes(wireType: tag.wireType))
            case 2: get = try Get(decoding: try reader.readBytes(wireType: tag.wireType))
            case 3: iterator = try Iterator(decoding: try reader.readBytes(wireType: tag.wireType))
            default: try reader.skip(wireType: tag.wireType)
            }
        }
    }
}

private struct Framed: CompactEncodable {
    let bytes: [UInt8]

    func encode(to encoder: inout CompactEncoder) { encoder.writeBuffer(bytes) }
}

extension IndexHint.Cache {
    init(decoding bytes: UnsafeRawBufferPointer) throws(IndexCodingError) {
        var reader = ProtobufReader(bytes)
        var start: UInt64?
        var end: UInt64?
        var blocks: [UInt64] = []
        while let tag = try reader.readTag() {
            switch tag.field {
            case 1: start = try reader.readNumber(wireType: tag.wireType)
            case 2: end = try reader.readNumber(wireType: tag.wireType)
            case 3: try reader.readPacked(into: &blocks, wireType: tag.wireType)
            default: try reader.skip(wireType: tag.wireType)
            }
        }
        guard let start, let end else { throw .missingField }
        self.init(start: start, end: end, blocks: blocks)
    }
}

extension IndexHint.Get {
    init(decoding bytes: UnsafeRawBufferPointer) throws(IndexCodingError) {
        self.init(version: 0, key: nil)
        var reader = ProtobufReader(bytes)
        while let tag = try reader.readTag() {
            switch tag.field {
            case 1: version = try reader.readNumber(wireType: tag.wireType)
            case 2: key = Array(try reader.readBytes(wireType: tag.wireType))
            default: try reader.skip(wireType: tag.wireType)
            }
        }
    }
}

extension IndexHint.Iterator {
    init(decoding bytes: UnsafeRawBufferPointer) throws(IndexCodingError) {
        self.init()
        var reader = ProtobufReader(bytes)
        while let tag = try reader.readTag() {
            switch tag.field {
            case 1: version = try reader.readNumber(wireType: tag.wireType)
            case 2: gte = Array(try reader.readBytes(wireType: tag.wireType))
            case 3: gt = Array(try reader.readBytes(wireType: tag.wireType))
            case 4: lte = Array(try reader.readBytes(wireType: tag.wireType))
            case 5: lt = Array(try reader.readBytes(wireType: tag.wireType))
            case 6: limit = try reader.readNumber(wireType: tag.wireType)
            case 7: reverse = try reader.readNumber(wireType: tag.wireType) != 0
            case 8: try reader.readPacked(into: &checkpoint, wireType: tag.wireType)
            default: try reader.skip(wireType: tag.wireType)
            }
        }
    }
}

extension ProtobufReader {
    /// Reads a packed list; each number takes a byte at least, so its length bounds the list.
    fileprivate mutating func readPacked(
        into numbers: inout [UInt64], wireType: UInt8
    ) throws(IndexCodingError) {
        var packed = ProtobufReader(try readBytes(wireType: wireType))
        while !packed.isAtEnd { numbers.append(try packed.readVarint()) }
    }
}
