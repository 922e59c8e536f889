/// Reads values one after the other from bytes that it does not own and never copies unasked.
///
/// It throws on whatever bytes do not allow and never traps.
public struct CompactDecoder {
    private let bytes: UnsafeRawBufferPointer
    private var position = 0

    /// A decoder at the beginning of a buffer, which must outlive it.
    public init(_ bytes: UnsafeRawBufferPointer) {
        self.bytes = bytes
    }

    /// How many bytes were read.
    public var consumedByteCount: Int { position }

    /// How many bytes were not read.
    public var remainingByteCount: Int { bytes.count - position }

    /// Whether everything was read.
    public var isAtEnd: Bool { position == bytes.count }

    /// Reads bytes without a length, as a part of the decoder's buffer.
    public mutating func readFixed(
        byteCount: Int
    ) throws(CompactDecodingError) -> UnsafeRawBufferPointer {
        guard byteCount >= 0, byteCount <= remainingByteCount else { throw .outOfBounds }
        let part = UnsafeRawBufferPointer(rebasing: bytes[position..<position + byteCount])
        position += byteCount
        return part
    }

    /// Reads all that is left, as a part of the decoder's buffer.
    public mutating func readRest() -> UnsafeRawBufferPointer {
        let part = UnsafeRawBufferPointer(rebasing: bytes[position...])
        position = bytes.count
        return part
    }

    /// Passes over bytes.
    public mutating func skip(byteCount: Int) throws(CompactDecodingError) {
        guard byteCount >= 0, byteCount <= remainingByteCount else { throw .outOfBounds }
        position += byteCount
    }

    /// Reads a `uint`, in its shortest form or a longer one.
    ///
    /// Values above 2^53 − 1 are refused, so that sums of a few of them cannot overflow.
    public mutating func readUInt() throws(CompactDecodingError) -> UInt64 {
        let value = try readWideUInt()
        guard value <= CompactLimits.maximumUInt else { throw .integerTooLarge }
        return value
    }

    /// Reads a `uint` with all 64 bits that its longest form can carry.
    public mutating func readWideUInt() throws(CompactDecodingError) -> UInt64 {
        let first = try readUInt8()
        switch first {
        case 0xfd: return UInt64(try readUInt16())
        case 0xfe: return UInt64(try readUInt32())
        case 0xff: return try readUInt64()
        default: return UInt64(first)
        }
    }

    /// Reads an `int`: the zig-zag form of a `uint`.
    public mutating func readInt() throws(CompactDecodingError) -> Int64 {
        zigZagDecoded(try readUInt())
    }

    /// Reads one byte.
    public mutating func readUInt8() throws(CompactDecodingError) -> UInt8 {
        guard position < bytes.count else { throw .outOfBounds }
        defer { position += 1 }
        return bytes[position]
    }

    /// Reads a number of two bytes.
    public mutating func readUInt16() throws(CompactDecodingError) -> UInt16 {
        guard remainingByteCount >= 2 else { throw .outOfBounds }
        defer { position += 2 }
        return UInt16(littleEndian: bytes.loadUnaligned(fromByteOffset: position, as: UInt16.self))
    }

    /// Reads a number of three bytes.
    public mutating func readUInt24() throws(CompactDecodingError) -> UInt32 {
        UInt32(truncatingIfNeeded: try readLittleEndian(byteCount: 3))
    }

    /// Reads a number of four bytes.
    public mutating func readUInt32() throws(CompactDecodingError) -> UInt32 {
        guard remainingByteCount >= 4 else { throw .outOfBounds }
        defer { position += 4 }
        return UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: position, as: UInt32.self))
    }

    /// Reads a number of five bytes.
    public mutating func readUInt40() throws(CompactDecodingError) -> UInt64 {
        try readLittleEndian(byteCount: 5)
    }

    /// Reads a number of six bytes.
    public mutating func readUInt48() throws(CompactDecodingError) -> UInt64 {
        try readLittleEndian(byteCount: 6)
    }

    /// Reads a number of seven bytes.
    public mutating func readUInt56() throws(CompactDecodingError) -> UInt64 {
        try readLittleEndian(byteCount: 7)
    }

    /// Reads a number of eight bytes.
    public mutating func readUInt64() throws(CompactDecodingError) -> UInt64 {
        guard remainingByteCount >= 8 else { throw .outOfBounds }
        defer { position += 8 }
        return UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: position, as: UInt64.self))
    }

    private mutating func readLittleEndian(
        byteCount: Int
    ) throws(CompactDecodingError) -> UInt64 {
        guard remainingByteCount >= byteCount else { throw .outOfBounds }
        var value: UInt64 = 0
        for offset in (0..<byteCount).reversed() {
            value = value << 8 | UInt64(bytes[position + offset])
        }
        position += byteCount
        return value
    }
}

/// The signed number that a zig-zag form stands for.
func zigZagDecoded(_ value: UInt64) -> Int64 {
    Int64(bitPattern: value >> 1) ^ -Int64(bitPattern: value & 1)
}
