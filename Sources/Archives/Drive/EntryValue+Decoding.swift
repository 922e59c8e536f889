#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Why the value of an entry cannot be used.
public enum EntryError: Error, Equatable, Sendable {
    /// The value is not JSON, or not an object.
    case json(JSONError)
    /// The entry has no value.
    case noValue
    /// The key is not the path of a file.
    case path
    /// A member is of the wrong type or out of range.
    case member(String)
}

extension EntryValue {
    /// Reads the value of an entry; members are found by name, in any order.
    public init(decoding bytes: UnsafeRawBufferPointer) throws(EntryError) {
        guard bytes.count <= ArchiveLimits.maximumJSONByteCount else { throw .json(.tooLong) }
        self.init(isExecutable: false, linkname: nil, blob: nil, metadata: .null)
        var parser = JSONParser(bytes: bytes)
        do {
            try readMembers(&parser)
        } catch let error as EntryError {
            throw error
        } catch let error as JSONError {
            throw .json(error)
        } catch {
            throw .noValue
        }
    }

    private mutating func readMembers(_ parser: inout JSONParser) throws {
        try parser.parseMembers(["executable", "linkname", "blob", "metadata"]) { parser, name in
            switch name {
            case 0:
                guard let bool = try parser.parseValue().bool else {
                    throw EntryError.member("executable")
                }
                isExecutable = bool
            case 1:
                let value = try parser.parseValue()
                guard value.isNull || value.string != nil else {
                    throw EntryError.member("linkname")
                }
                linkname = value.string
            case 2: blob = try Blob(parsing: &parser)
            case 3: metadata = try parser.parseValue()
            default: _ = try parser.parseValue()
            }
        }
        parser.skipSpace()
        guard parser.position == parser.bytes.count else {
            throw JSONError.syntax(at: parser.position)
        }
    }
}

extension Blob {
    /// Reads a blob id; `nil` for `null`.
    init?(decoding value: JSONValue) throws(EntryError) {
        if value.isNull { return nil }
        guard let blockOffset = value["blockOffset"]?.uint64,
            let blockLength = value["blockLength"]?.uint64,
            let byteOffset = value["byteOffset"]?.uint64,
            let byteLength = value["byteLength"]?.uint64
        else { throw .member("blob") }
        self.init(
            blockOffset: blockOffset, blockLength: blockLength, byteOffset: byteOffset,
            byteLength: byteLength, isBlockMap: value["blockMap"]?.bool ?? false)
    }

    /// Reads a blob id where it stands in the text; `nil` for `null`.
    fileprivate init?(parsing parser: inout JSONParser) throws {
        guard parser.isAtObject else {
            guard try parser.parseValue().isNull else { throw EntryError.member("blob") }
            return nil
        }
        var numbers: [UInt64?] = [nil, nil, nil, nil]
        var isBlockMap = false
        try parser.parseMembers(Self.memberNames) { parser, name in
            let value = try parser.parseValue()
            if let name, name < 4 {
                numbers[name] = value.uint64
            } else if name == 4 {
                isBlockMap = value.bool ?? false
            }
        }
        guard let blockOffset = numbers[0], let blockLength = numbers[1],
            let byteOffset = numbers[2], let byteLength = numbers[3]
        else { throw EntryError.member("blob") }
        self.init(
            blockOffset: blockOffset, blockLength: blockLength, byteOffset: byteOffset,
            byteLength: byteLength, isBlockMap: isBlockMap)
    }

    private static let memberNames: [StaticString] = [
        "blockOffset", "blockLength", "byteOffset", "byteLength", "blockMap",
    ]
}

extension JSONParser {
    fileprivate var isAtObject: Bool {
        mutating get {
            skipSpace()
            return position < bytes.count && bytes[position] == UInt8(ascii: "{")
        }
    }

    /// Reads an object without making strings of its names.
    ///
    /// The function gets the place of each member's name in a list and reads the value.
    fileprivate mutating func parseMembers(
        _ names: [StaticString], _ body: (inout JSONParser, Int?) throws -> Void
    ) throws {
        guard isAtObject else { throw JSONError.syntax(at: position) }
        let end = UInt8(ascii: "}")
        if try open(closing: end) { return }
        repeat {
            let name = try parseName(among: names)
            try parseColon()
            try body(&self, name)
        } while try !close(end)
    }

    private mutating func parseName(among names: [StaticString]) throws -> Int? {
        skipSpace()
        guard position < bytes.count, bytes[position] == UInt8(ascii: "\"") else {
            throw JSONError.syntax(at: position)
        }
        for (place, name) in names.enumerated() {
            let end = position + 1 + name.utf8CodeUnitCount
            guard end < bytes.count, bytes[end] == UInt8(ascii: "\""),
                let base = bytes.baseAddress,
                memcmp(base + position + 1, name.utf8Start, name.utf8CodeUnitCount) == 0
            else { continue }
            position = end + 1
            return place
        }
        // An escaped name may still be one of them.
        let name = try parseName()
        return names.firstIndex { $0.description == name }
    }
}
