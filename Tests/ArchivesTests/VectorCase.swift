import Archives
import Cryptography
import Foundation
import TestSupport
import Testing

/// The vectors of this module are read with its own JSON, which keeps the order of members.
enum VectorFile {
    static func load(_ name: String) throws -> JSONValue {
        let url = Vectors.folder.appendingPathComponent(name)
        guard FileManager.default.fileExists(atPath: url.path) else { return .null }
        return try JSONValue(parsing: [UInt8](Data(contentsOf: url)), maximumByteCount: .max)
    }
}

extension JSONValue {
    var items: [JSONValue] { array ?? [] }

    /// A member that may be absent or null.
    func optional(_ name: String) -> JSONValue? {
        guard let value = self[name], !value.isNull else { return nil }
        return value
    }

    /// The bytes that a field stands for: hexadecimal, or a number of generated ones.
    var bytes: [UInt8] {
        if let text = string {
            guard let bytes = [UInt8](hexadecimal: text) else {
                preconditionFailure("not hexadecimal: \(text)")
            }
            return bytes
        }
        guard let count = self["fill"]?.int64, let seed = self["seed"]?.int64 else {
            preconditionFailure("not bytes: \(self)")
        }
        return Self.filling(Int(count), seed: UInt32(truncatingIfNeeded: seed))
    }

    var text: String {
        guard let string else { preconditionFailure("not a text: \(self)") }
        return string
    }

    var number: UInt64 {
        guard let uint64 else { preconditionFailure("not a number: \(self)") }
        return uint64
    }

    private static func filling(_ count: Int, seed: UInt32) -> [UInt8] {
        var state = seed == 0 ? 1 : seed
        return [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
            var position = 0
            while position < count {
                state ^= state << 13
                state ^= state >> 17
                state ^= state << 5
                for shift in stride(from: UInt32(0), to: 32, by: 8) where position < count {
                    buffer[position] = UInt8(truncatingIfNeeded: state >> shift)
                    position += 1
                }
            }
            initialized = count
        }
    }

    /// Fails for a field that a test does not know, so that none goes unchecked.
    func expectFields(
        _ known: Set<String>, _ comment: Comment, sourceLocation: SourceLocation = #_sourceLocation
    ) {
        for member in object?.members ?? [] {
            #expect(
                known.contains(member.name), "\(comment): unknown field \(member.name)",
                sourceLocation: sourceLocation)
        }
    }
}

extension JSONValue {
    /// Compares content with the length, the hash and the bytes that a vector gives for it.
    func expect(
        _ content: [UInt8], _ comment: Comment, sourceLocation: SourceLocation = #_sourceLocation
    ) {
        if let count = self["byteLength"] {
            #expect(
                UInt64(content.count) == count.number, comment, sourceLocation: sourceLocation)
        }
        if let bytes = self["bytes"] {
            #expect(content == bytes.bytes, comment, sourceLocation: sourceLocation)
        }
        if let hash = self["hash"] {
            #expect(
                Digest.hash(of: content).hexadecimal == hash.text, comment,
                sourceLocation: sourceLocation)
        }
    }
}

extension BlobRange {
    /// The options of JavaScript: a length wins over an end, and an end belongs to the range.
    init(_ options: JSONValue) {
        options.expectFields(["start", "length", "end", "follow"], "range")
        let start = options["start"]?.number ?? 0
        if let length = options["length"]?.number {
            self.init(from: start, length: length)
        } else if let end = options["end"]?.number {
            self.init(from: start, through: end)
        } else {
            self.init(from: start)
        }
    }
}

extension Blob {
    init(vector: JSONValue) {
        vector.expectFields(
            ["blockOffset", "blockLength", "byteOffset", "byteLength", "blockMap"], "blob")
        self.init(
            blockOffset: vector["blockOffset"]?.number ?? 0,
            blockLength: vector["blockLength"]?.number ?? 0,
            byteOffset: vector["byteOffset"]?.number ?? 0,
            byteLength: vector["byteLength"]?.number ?? 0,
            isBlockMap: vector["blockMap"]?.bool ?? false)
    }
}
