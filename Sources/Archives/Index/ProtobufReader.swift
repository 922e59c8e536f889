/// Why bytes of an index feed cannot be decoded.
public enum IndexCodingError: Error, Equatable, Sendable {
    /// The bytes end in the middle of a value.
    case truncated
    /// A number is longer than eight bytes or above 2^53 − 1.
    case numberTooLarge
    /// A field has a wire type that the message does not allow, or one that nobody knows.
    case unexpectedWireType
    /// A field that every such message has is absent.
    case missingField
    /// Text is not valid UTF-8, or a truth value is neither 0 nor 1.
    case invalidValue
    /// A tree node has an odd child list, or not one child more than keys, or too many keys.
    case malformedLevel
    /// The block carries more tree nodes than the limit.
    case tooManyLevels
}

/// Reads the fields of a protocol-buffer message out of bytes that it borrows.
///
/// A length that runs past the end is refused, where JavaScript clips it.
struct ProtobufReader {
    let bytes: UnsafeRawBufferPointer
    private(set) var position = 0

    init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

    var isAtEnd: Bool { position == bytes.count }

    /// How many numbers there are at the most that a tree node may have, if there is nothing else.
    var numberCount: Int {
        let limit = 2 * ArchiveLimits.maximumIndexNodeKeys + 2
        var count = 0
        for byte in bytes where byte < 0x80 {
            count += 1
            if count == limit { break }
        }
        return count
    }

    /// Reads a number of at most 53 bits.
    @inline(__always)
    mutating func readVarint() throws(IndexCodingError) -> UInt64 {
        // Most numbers of an index have one byte.
        if position < bytes.count, bytes[position] < 0x80 {
            position += 1
            return UInt64(bytes[position - 1])
        }
        return try readLongVarint()
    }

    private mutating func readLongVarint() throws(IndexCodingError) -> UInt64 {
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while position < bytes.count {
            let byte = bytes[position]
            position += 1
            value |= UInt64(byte & 0x7f) << shift
            if byte < 0x80 {
                guard value <= ArchiveLimits.maximumSafeInteger else { throw .numberTooLarge }
                return value
            }
            shift += 7
            guard shift < 56 else { throw .numberTooLarge }
        }
        throw .truncated
    }

    /// Reads the number and the wire type of the next field, `nil` at the end.
    @inline(__always)
    mutating func readTag() throws(IndexCodingError) -> (field: UInt64, wireType: UInt8)? {
        guard position < bytes.count else { return nil }
        let tag = try readVarint()
        return (tag >> 3, UInt8(tag & 7))
    }

    /// Reads the value of a length-delimited field.
    @inline(__always)
    mutating func readBytes(wireType: UInt8) throws(IndexCodingError) -> UnsafeRawBufferPointer {
        guard wireType == 2 else { throw .unexpectedWireType }
        let count = try readVarint()
        guard count <= UInt64(bytes.count - position) else { throw .truncated }
        let start = position
        position += Int(count)
        return UnsafeRawBufferPointer(rebasing: bytes[start..<position])
    }

    /// Reads the value of a number field.
    mutating func readNumber(wireType: UInt8) throws(IndexCodingError) -> UInt64 {
        guard wireType == 0 else { throw .unexpectedWireType }
        return try readVarint()
    }

    /// Goes past the value of a field that the message does not know.
    mutating func skip(wireType: UInt8) throws(IndexCodingError) {
        switch wireType {
        case 0: _ = try readVarint()
        case 1: try skip(byteCount: 8)
        case 2: _ = try readBytes(wireType: 2)
        case 5: try skip(byteCount: 4)
        default: throw .unexpectedWireType
        }
    }

    private mutating func skip(byteCount: Int) throws(IndexCodingError) {
        guard bytes.count - position >= byteCount else { throw .truncated }
        position += byteCount
    }
}
