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
        let end = UInt8(ascii: "}")
        guard try !parser.openObject() else { return try parser.expectEnd() }
        repeat {
            let name = try parser.parseName()
            try parser.parseColon()
            let value = try parser.parseValue()
            switch name {
            case "executable":
                guard let bool = value.bool else { throw EntryError.member(name) }
                isExecutable = bool
            case "linkname":
                guard value.isNull || value.string != nil else { throw EntryError.member(name) }
                linkname = value.string
            case "blob": blob = try Blob(decoding: value)
            case "metadata": metadata = value
            default: break
            }
        } while try !parser.close(end)
        try parser.expectEnd()
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
}

extension JSONParser {
    /// Enters an object; true if it is empty and already left.
    fileprivate mutating func openObject() throws(JSONError) -> Bool {
        skipSpace()
        guard position < bytes.count, bytes[position] == UInt8(ascii: "{") else {
            throw .syntax(at: position)
        }
        return try open(closing: UInt8(ascii: "}"))
    }

    /// Checks that nothing but white space is left.
    fileprivate mutating func expectEnd() throws(JSONError) {
        skipSpace()
        guard position == bytes.count else { throw .syntax(at: position) }
    }
}
