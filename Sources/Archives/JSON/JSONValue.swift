/// A JSON value that is written again exactly as JavaScript would write it.
///
/// Strings are compared by their bytes, not by Unicode equivalence, and numbers are normalised:
/// a whole number that JavaScript holds exactly is always an `integer`.
public enum JSONValue: Sendable {
    case null
    case bool(Bool)
    /// A whole number; parsed ones are at most 2^53 − 1 in size.
    case integer(Int64)
    case double(Double)
    case string(String)
    /// A string with a lone surrogate, which Unicode text cannot hold, as UTF-16 code units.
    case surrogates([UInt16])
    case array([JSONValue])
    case object(JSONObject)

    /// A number in its normal form.
    public static func number(_ value: Double) -> JSONValue {
        guard let whole = Int64(exactly: value), whole.magnitude <= ArchiveLimits.maximumSafeInteger
        else { return .double(value) }
        return .integer(whole)
    }
}

extension JSONValue {
    /// The member of an object, `nil` if this is no object or has no such member.
    public subscript(name: String) -> JSONValue? { object?[name] }

    /// The members, if this is an object.
    public var object: JSONObject? {
        guard case .object(let object) = self else { return nil }
        return object
    }

    /// The items, if this is an array.
    public var array: [JSONValue]? {
        guard case .array(let items) = self else { return nil }
        return items
    }

    /// The text, if this is a string of valid Unicode.
    public var string: String? {
        guard case .string(let string) = self else { return nil }
        return string
    }

    /// The truth value, if this is one.
    public var bool: Bool? {
        guard case .bool(let bool) = self else { return nil }
        return bool
    }

    /// The number, if it is whole.
    public var int64: Int64? {
        guard case .integer(let integer) = self else { return nil }
        return integer
    }

    /// The number, if it is whole and not negative.
    public var uint64: UInt64? { int64.flatMap(UInt64.init(exactly:)) }

    /// The number, if this is one.
    public var double: Double? {
        switch self {
        case .integer(let integer): Double(integer)
        case .double(let double): double
        default: nil
        }
    }

    /// Whether this is the value `null`.
    public var isNull: Bool {
        if case .null = self { true } else { false }
    }
}

extension JSONValue: Hashable {
    /// Compares text by bytes and numbers by value.
    public static func == (left: JSONValue, right: JSONValue) -> Bool {
        switch (left, right) {
        case (.null, .null): true
        case (.bool(let left), .bool(let right)): left == right
        case (.integer(let left), .integer(let right)): left == right
        case (.double(let left), .double(let right)): left == right
        case (.string(let left), .string(let right)): left.hasSameBytes(as: right)
        case (.surrogates(let left), .surrogates(let right)): left == right
        case (.array(let left), .array(let right)): left == right
        case (.object(let left), .object(let right)): left == right
        default: false
        }
    }

    /// Hashes what `==` compares.
    public func hash(into hasher: inout Hasher) {
        switch self {
        case .null: hasher.combine(0)
        case .bool(let bool): hasher.combine(bool)
        case .integer(let integer): hasher.combine(integer)
        case .double(let double): hasher.combine(double)
        case .string(let string): string.hashBytes(into: &hasher)
        case .surrogates(let units): hasher.combine(units)
        case .array(let items): hasher.combine(items)
        case .object(let object): hasher.combine(object)
        }
    }
}

extension JSONValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral,
    ExpressibleByBooleanLiteral, ExpressibleByNilLiteral, ExpressibleByArrayLiteral,
    ExpressibleByDictionaryLiteral
{
    /// Makes a string.
    public init(stringLiteral value: String) { self = .string(value) }
    /// Makes a whole number.
    public init(integerLiteral value: Int64) { self = .integer(value) }
    /// Makes a truth value.
    public init(booleanLiteral value: Bool) { self = .bool(value) }
    /// Makes `null`.
    public init(nilLiteral: ()) { self = .null }
    /// Makes an array.
    public init(arrayLiteral elements: JSONValue...) { self = .array(elements) }
    /// Makes an object; its members are put in order.
    public init(dictionaryLiteral elements: (String, JSONValue)...) {
        self = .object(JSONObject(elements.map { (name: $0.0, value: $0.1) }))
    }
}

extension String {
    /// Whether both strings have the same UTF-8 bytes.
    func hasSameBytes(as other: String) -> Bool {
        // Strings that are not even equivalent differ in their bytes; finding that out is quick.
        self == other && utf8.elementsEqual(other.utf8)
    }

    /// Feeds the UTF-8 bytes to a hasher.
    func hashBytes(into hasher: inout Hasher) {
        var copy = self
        copy.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
        hasher.combine(0xff as UInt8)
    }
}
