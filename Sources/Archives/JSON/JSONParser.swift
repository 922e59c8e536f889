/// Why bytes are not the JSON that a reader accepts.
public enum JSONError: Error, Equatable, Sendable {
    /// The text breaks JSON's grammar at this byte.
    case syntax(at: Int)
    /// A string at this byte is not valid UTF-8.
    case invalidText(at: Int)
    /// The text is longer than the limit.
    case tooLong
    /// Arrays and objects are nested more deeply than the limit.
    case tooDeep
}

extension JSONValue {
    /// Parses one JSON text; nothing but white space may surround it.
    public init(
        parsing bytes: [UInt8], maximumByteCount: Int = ArchiveLimits.maximumJSONByteCount
    ) throws(JSONError) {
        let result: Result<JSONValue, JSONError> = bytes.withUnsafeBytes { buffer in
            do throws(JSONError) {
                return .success(
                    try JSONValue(parsing: buffer, maximumByteCount: maximumByteCount))
            } catch {
                return .failure(error)
            }
        }
        self = try result.get()
    }

    /// Parses one JSON text; nothing but white space may surround it.
    public init(
        parsing bytes: UnsafeRawBufferPointer,
        maximumByteCount: Int = ArchiveLimits.maximumJSONByteCount
    ) throws(JSONError) {
        guard bytes.count <= maximumByteCount else { throw .tooLong }
        var parser = JSONParser(bytes: bytes)
        self = try parser.parseDocument()
    }
}

/// A strict recursive-descent parser over bytes that it borrows.
struct JSONParser {
    let bytes: UnsafeRawBufferPointer
    var position = 0
    private var depth = 0

    init(bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

    mutating func parseDocument() throws(JSONError) -> JSONValue {
        let value = try parseValue()
        skipSpace()
        guard position == bytes.count else { throw .syntax(at: position) }
        return value
    }

    mutating func parseValue() throws(JSONError) -> JSONValue {
        skipSpace()
        guard position < bytes.count else { throw .syntax(at: position) }
        switch bytes[position] {
        case UInt8(ascii: "{"): return .object(try parseObject())
        case UInt8(ascii: "["): return .array(try parseArray())
        case UInt8(ascii: "\""): return try parseString()
        case UInt8(ascii: "t"):
            try expect("true")
            return .bool(true)
        case UInt8(ascii: "f"):
            try expect("false")
            return .bool(false)
        case UInt8(ascii: "n"):
            try expect("null")
            return .null
        default: return try parseNumber()
        }
    }

    /// Enters an array or object; true if it is empty and already left.
    mutating func open(closing: UInt8) throws(JSONError) -> Bool {
        depth += 1
        guard depth <= ArchiveLimits.maximumJSONDepth else { throw .tooDeep }
        position += 1
        skipSpace()
        guard position < bytes.count else { throw .syntax(at: position) }
        guard bytes[position] == closing else { return false }
        position += 1
        depth -= 1
        return true
    }

    /// Goes past a comma or the end of an array or object; true at the end.
    mutating func close(_ closing: UInt8) throws(JSONError) -> Bool {
        skipSpace()
        guard position < bytes.count else { throw .syntax(at: position) }
        let byte = bytes[position]
        guard byte == closing || byte == UInt8(ascii: ",") else { throw .syntax(at: position) }
        position += 1
        if byte == closing { depth -= 1 }
        return byte == closing
    }

    /// Reads the colon between a member's name and its value.
    mutating func parseColon() throws(JSONError) {
        skipSpace()
        guard position < bytes.count, bytes[position] == UInt8(ascii: ":") else {
            throw .syntax(at: position)
        }
        position += 1
    }

    mutating func skipSpace() {
        while position < bytes.count {
            switch bytes[position] {
            case 0x20, 0x09, 0x0a, 0x0d: position += 1
            default: return
            }
        }
    }

    private mutating func parseArray() throws(JSONError) -> [JSONValue] {
        var items: [JSONValue] = []
        if try open(closing: UInt8(ascii: "]")) { return items }
        repeat {
            items.append(try parseValue())
        } while try !close(UInt8(ascii: "]"))
        return items
    }

    private mutating func parseObject() throws(JSONError) -> JSONObject {
        var members: [JSONObject.Member] = []
        if try open(closing: UInt8(ascii: "}")) { return JSONObject() }
        repeat {
            let name = try parseName()
            try parseColon()
            members.append(JSONObject.Member(name: name, value: try parseValue()))
        } while try !close(UInt8(ascii: "}"))
        return JSONObject(ordering: members)
    }

    /// A member's name; a lone surrogate in it reads as the replacement character.
    mutating func parseName() throws(JSONError) -> String {
        skipSpace()
        guard position < bytes.count, bytes[position] == UInt8(ascii: "\"") else {
            throw .syntax(at: position)
        }
        switch try parseString() {
        case .string(let name): return name
        case .surrogates(let units): return String(decoding: units, as: UTF16.self)
        default: throw .syntax(at: position)
        }
    }

    private mutating func expect(_ word: StaticString) throws(JSONError) {
        guard bytes.count - position >= word.utf8CodeUnitCount else {
            throw .syntax(at: position)
        }
        for offset in 0..<word.utf8CodeUnitCount {
            guard bytes[position + offset] == word.utf8Start[offset] else {
                throw .syntax(at: position + offset)
            }
        }
        position += word.utf8CodeUnitCount
    }
}
