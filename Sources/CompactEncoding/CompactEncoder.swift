/// Writes values one after the other, or only counts the bytes that they would take.
///
/// The same calls are made twice: first to learn the size, then to fill memory of that size.
public struct CompactEncoder {
    private let base: UnsafeMutableRawPointer?
    private let capacity: Int

    /// How many bytes were written or counted.
    public private(set) var byteCount = 0

    /// An encoder that only counts.
    public init() {
        base = nil
        capacity = .max
    }

    /// An encoder that fills a buffer from its beginning; the buffer must outlive it.
    public init(_ buffer: UnsafeMutableRawBufferPointer) {
        base = buffer.baseAddress
        capacity = base == nil ? 0 : buffer.count
    }

    /// Takes the next bytes; `nil` when only counting.
    private mutating func advance(by count: Int) -> UnsafeMutableRawPointer? {
        let start = byteCount
        precondition(count <= capacity - start, "The value takes more bytes than were counted")
        byteCount = start + count
        return base.map { $0 + start }
    }

    private mutating func write<Value: FixedWidthInteger>(_ value: Value) {
        advance(by: MemoryLayout<Value>.size)?
            .storeBytes(of: value.littleEndian, as: Value.self)
    }

    private mutating func write(_ value: UInt64, lowByteCount: Int) {
        precondition(value >> UInt64(8 * lowByteCount) == 0, "The number needs more bytes")
        guard let output = advance(by: lowByteCount) else { return }
        withUnsafeBytes(of: value.littleEndian) {
            output.copyMemory(from: $0.baseAddress.unsafelyUnwrapped, byteCount: lowByteCount)
        }
    }

    /// Writes a `uint` in its shortest form; it must not be above 2^53 − 1.
    public mutating func writeUInt(_ value: UInt64) {
        precondition(
            value <= CompactLimits.maximumUInt, "A uint above 2^53 − 1 is read wrong by others")
        switch value {
        case 0...0xfc: write(UInt8(truncatingIfNeeded: value))
        case ...0xffff:
            write(UInt8(0xfd))
            write(UInt16(truncatingIfNeeded: value))
        case ...0xffff_ffff:
            write(UInt8(0xfe))
            write(UInt32(truncatingIfNeeded: value))
        default:
            write(UInt8(0xff))
            write(value)
        }
    }

    /// Writes a count or a length as a `uint`.
    public mutating func writeUInt(_ value: Int) {
        precondition(value >= 0, "A uint is not negative")
        writeUInt(UInt64(value))
    }

    /// Writes an `int`: the zig-zag form as a `uint`.
    public mutating func writeInt(_ value: Int64) {
        writeUInt(zigZagEncoded(value))
    }

    /// Writes one byte.
    public mutating func writeUInt8(_ value: UInt8) { write(value) }

    /// Writes a number of two bytes.
    public mutating func writeUInt16(_ value: UInt16) { write(value) }

    /// Writes a number of three bytes.
    public mutating func writeUInt24(_ value: UInt32) { write(UInt64(value), lowByteCount: 3) }

    /// Writes a number of four bytes.
    public mutating func writeUInt32(_ value: UInt32) { write(value) }

    /// Writes a number of five bytes.
    public mutating func writeUInt40(_ value: UInt64) { write(value, lowByteCount: 5) }

    /// Writes a number of six bytes.
    public mutating func writeUInt48(_ value: UInt64) { write(value, lowByteCount: 6) }

    /// Writes a number of seven bytes.
    public mutating func writeUInt56(_ value: UInt64) { write(value, lowByteCount: 7) }

    /// Writes a number of eight bytes.
    public mutating func writeUInt64(_ value: UInt64) { write(value) }

    /// Writes bytes without a length.
    public mutating func writeFixed(_ bytes: UnsafeRawBufferPointer) {
        guard let output = advance(by: bytes.count), let base = bytes.baseAddress else { return }
        output.copyMemory(from: base, byteCount: bytes.count)
    }
}

/// The zig-zag form of a signed number.
func zigZagEncoded(_ value: Int64) -> UInt64 {
    UInt64(bitPattern: value << 1 ^ value >> 63)
}
