/// A JSON value out of a vector file, read by member name or by index.
///
/// A member or an index that does not exist reads as `null`, so that optional fields need no
/// ceremony; use `require` accessors (`hex`, `int`, `text`) where a case must have a value.
@dynamicMemberLookup
public enum Vector: Sendable, Equatable {
    case null
    case bool(Bool)
    case integer(UInt64)
    case negative(Int64)
    case number(Double)
    case string(String)
    case array([Vector])
    case object([String: Vector])

    /// The member of that name, `null` if there is none.
    public subscript(dynamicMember name: String) -> Vector { self[name] }

    /// The member of that name, `null` if there is none.
    public subscript(name: String) -> Vector {
        guard case .object(let members) = self else { return .null }
        return members[name] ?? .null
    }

    /// The item at that place, `null` if there is none.
    public subscript(index: Int) -> Vector {
        guard case .array(let items) = self, items.indices.contains(index) else { return .null }
        return items[index]
    }
}

extension Vector {
    /// True for `null` and for what is missing.
    public var isNull: Bool { self == .null }

    /// The items of an array, none for anything else.
    public var items: [Vector] {
        guard case .array(let items) = self else { return [] }
        return items
    }

    /// The members of an object, none for anything else.
    public var members: [String: Vector] {
        guard case .object(let members) = self else { return [:] }
        return members
    }

    /// The text of a string.
    public var string: String? {
        guard case .string(let string) = self else { return nil }
        return string
    }

    /// The value of a Boolean.
    public var bool: Bool? {
        guard case .bool(let bool) = self else { return nil }
        return bool
    }

    /// A whole number; above 2^53 the vectors write decimal strings.
    public var uint64: UInt64? {
        switch self {
        case .integer(let value): value
        case .string(let text): UInt64(text)
        default: nil
        }
    }

    /// A whole number of either sign.
    public var int64: Int64? {
        switch self {
        case .integer(let value): Int64(exactly: value)
        case .negative(let value): value
        case .string(let text): Int64(text)
        default: nil
        }
    }

    /// Any number.
    public var double: Double? {
        switch self {
        case .integer(let value): Double(value)
        case .negative(let value): Double(value)
        case .number(let value): value
        default: nil
        }
    }

    /// The bytes that a hexadecimal string stands for.
    public var bytes: [UInt8]? { string.flatMap { [UInt8](hexadecimal: $0) } }

    /// The bytes of a field that every case has.
    public var hex: [UInt8] {
        guard let bytes else { preconditionFailure("not a hexadecimal string: \(self)") }
        return bytes
    }

    /// The number of a field that every case has.
    public var int: UInt64 {
        guard let uint64 else { preconditionFailure("not a whole number: \(self)") }
        return uint64
    }

    /// The text of a field that every case has.
    public var text: String {
        guard let string else { preconditionFailure("not a string: \(self)") }
        return string
    }
}

extension Vector: Decodable {
    /// Reads any JSON value.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            self = .null
        } else if let value = try? container.decode(String.self) {
            self = .string(value)
        } else if let value = try? container.decode(UInt64.self) {
            self = .integer(value)
        } else if let value = try? container.decode([Vector].self) {
            self = .array(value)
        } else if let value = try? container.decode([String: Vector].self) {
            self = .object(value)
        } else if let value = try? container.decode(Bool.self) {
            self = .bool(value)
        } else if let value = try? container.decode(Int64.self) {
            self = .negative(value)
        } else {
            self = .number(try container.decode(Double.self))
        }
    }
}
