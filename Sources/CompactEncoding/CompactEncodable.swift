/// A value that has a compact encoding.
public protocol CompactEncodable {
    /// Writes the value; every call for the same value writes the same bytes.
    func encode(to encoder: inout CompactEncoder)
}

extension CompactEncodable {
    /// How many bytes the encoding has.
    @inlinable
    public var encodedByteCount: Int {
        var encoder = CompactEncoder()
        encode(to: &encoder)
        return encoder.byteCount
    }

    /// The encoding, allocated once and in its exact size.
    @inlinable
    public var encoded: [UInt8] {
        let byteCount = encodedByteCount
        return [UInt8](unsafeUninitializedCapacity: byteCount) { buffer, initializedCount in
            initializedCount = fill(UnsafeMutableRawBufferPointer(buffer), byteCount: byteCount)
        }
    }

    /// Appends the encoding to some bytes.
    @inlinable
    public func append(to bytes: inout [UInt8]) {
        let start = bytes.count
        let byteCount = encodedByteCount
        bytes.append(contentsOf: repeatElement(0, count: byteCount))
        bytes.withUnsafeMutableBytes { buffer in
            _ = fill(
                UnsafeMutableRawBufferPointer(rebasing: buffer[start...]), byteCount: byteCount)
        }
    }

    /// Writes the encoding to the beginning of a buffer that was made for its size.
    @inlinable
    func fill(_ buffer: UnsafeMutableRawBufferPointer, byteCount: Int) -> Int {
        var encoder = CompactEncoder(
            UnsafeMutableRawBufferPointer(start: buffer.baseAddress, count: byteCount))
        encode(to: &encoder)
        precondition(encoder.byteCount == byteCount, "The value was encoded in two ways")
        return byteCount
    }
}

/// A value that can be read from its compact encoding.
public protocol CompactDecodable {
    /// Reads the value; bytes that follow it stay unread.
    init(from decoder: inout CompactDecoder) throws(CompactDecodingError)
}

extension CompactDecodable {
    /// Reads the value from the beginning of some bytes and leaves the others aside.
    @inlinable
    public init(decoding bytes: [UInt8]) throws(CompactDecodingError) {
        self = try bytes.withCompactDecoder { (decoder) throws(CompactDecodingError) in
            try Self(from: &decoder)
        }
    }

    /// Reads the value from the beginning of a buffer and leaves other bytes aside.
    @inlinable
    public init(decoding bytes: UnsafeRawBufferPointer) throws(CompactDecodingError) {
        var decoder = CompactDecoder(bytes)
        try self.init(from: &decoder)
    }
}
