/// A value that names its own type: the `any` of the compact encoding.
///
/// Nothing on the wire below the file layer uses it.
public enum CompactValue: Sendable, Equatable {
    /// Nothing.
    case null
    /// A truth value.
    case bool(Bool)
    /// A text.
    case string(String)
    /// Some bytes.
    case buffer([UInt8])
    /// A whole number that is not negative.
    case uint(UInt64)
    /// A whole number, written so only when negative.
    case int(Int64)
    /// Any other number.
    case float64(Double)
    /// A list of values.
    case array([CompactValue])
    /// Named values in their order.
    case object([Member])
    /// A moment in milliseconds since 1970.
    case date(Int64)

    /// One named value of an object.
    public struct Member: Sendable, Equatable {
        /// The name.
        public var key: String
        /// The value.
        public var value: CompactValue

        /// A member of an object.
        public init(key: String, value: CompactValue) {
            self.key = key
            self.value = value
        }
    }

    private enum Tag {
        static let null: UInt64 = 0
        static let bool: UInt64 = 1
        static let string: UInt64 = 2
        static let buffer: UInt64 = 3
        static let uint: UInt64 = 4
        static let int: UInt64 = 5
        static let float64: UInt64 = 6
        static let array: UInt64 = 7
        static let object: UInt64 = 8
        static let date: UInt64 = 9
    }
}

extension CompactValue: CompactDecodable {
    /// Reads a tag and the value that it announces.
    public init(from decoder: inout CompactDecoder) throws(CompactDecodingError) {
        try self.init(from: &decoder, depth: 0)
    }

    private init(from decoder: inout CompactDecoder, depth: Int) throws(CompactDecodingError) {
        // The stack is the limit: each level costs a hostile sender two bytes.
        guard depth < CompactLimits.maximumNestingDepth else { throw .nestedTooDeep }
        switch try decoder.readUInt() {
        case Tag.null: self = .null
        case Tag.bool: self = .bool(try decoder.readBool())
        case Tag.string: self = .string(try decoder.readString())
        case Tag.buffer: self = .buffer(try decoder.readBytes())
        case Tag.uint: self = .uint(try decoder.readUInt())
        case Tag.int: self = .int(try decoder.readInt())
        case Tag.float64: self = .float64(try decoder.readFloat64())
        case Tag.date: self = .date(try decoder.readInt())
        case Tag.array:
            self = .array(
                try decoder.readArray { (decoder) throws(CompactDecodingError) in
                    try CompactValue(from: &decoder, depth: depth + 1)
                })
        case Tag.object:
            self = .object(
                try decoder.readArray(minimumItemByteCount: 2) {
                    (decoder) throws(CompactDecodingError) in
                    let key = try decoder.readString()
                    return Member(
                        key: key, value: try CompactValue(from: &decoder, depth: depth + 1))
                })
        default: throw .unknownType
        }
    }
}

extension CompactValue: CompactEncodable {
    /// Writes the tag and the value.
    public func encode(to encoder: inout CompactEncoder) {
        switch self {
        case .null:
            encoder.writeUInt(Tag.null)
        case .bool(let value):
            encoder.writeUInt(Tag.bool)
            encoder.writeBool(value)
        case .string(let value):
            encoder.writeUInt(Tag.string)
            encoder.writeString(value)
        case .buffer(let value):
            encoder.writeUInt(Tag.buffer)
            encoder.writeBuffer(value)
        case .uint(let value):
            encoder.writeUInt(Tag.uint)
            encoder.writeUInt(value)
        case .int(let value):
            encoder.writeUInt(Tag.int)
            encoder.writeInt(value)
        case .float64(let value):
            encoder.writeUInt(Tag.float64)
            encoder.writeFloat64(value)
        case .array(let items):
            encoder.writeUInt(Tag.array)
            encoder.writeArray(items)
        case .object(let members):
            encoder.writeUInt(Tag.object)
            encoder.writeArray(members) { encoder, member in
                encoder.writeString(member.key)
                member.value.encode(to: &encoder)
            }
        case .date(let value):
            encoder.writeUInt(Tag.date)
            encoder.writeInt(value)
        }
    }
}
