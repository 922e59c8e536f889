import CompactEncoding
import Foundation
import TestSupport

/// A type as the vectors name it, with the readers and writers that it stands for.
indirect enum VectorType {
    case named(String)
    case array(VectorType)

    init(_ name: String) {
        if name.hasPrefix("array("), name.hasSuffix(")") {
            self = .array(VectorType(String(name.dropFirst(6).dropLast())))
        } else {
            self = .named(name)
        }
    }

    struct Unknown: Error { let name: String }
}

extension VectorType {
    private typealias Write = @Sendable (inout CompactEncoder, Vector) throws -> Void

    private static let writers: [String: Write] = [
        "uint": { $0.writeUInt($1.int) },
        "int": { $0.writeInt(try signed($1)) },
        "uint8": { $0.writeUInt8(UInt8($1.int)) },
        "uint16": { $0.writeUInt16(UInt16($1.int)) },
        "uint24": { $0.writeUInt24(UInt32($1.int)) },
        "uint32": { $0.writeUInt32(UInt32($1.int)) },
        "uint40": { $0.writeUInt40($1.int) },
        "uint48": { $0.writeUInt48($1.int) },
        "uint56": { $0.writeUInt56($1.int) },
        "uint64": { $0.writeUInt64($1.int) },
        "biguint64": { $0.writeUInt64($1.int) },
        "int8": { $0.writeInt8(Int8(try signed($1))) },
        "int16": { $0.writeInt16(Int16(try signed($1))) },
        "int24": { $0.writeInt24(Int32(try signed($1))) },
        "int32": { $0.writeInt32(Int32(try signed($1))) },
        "int40": { $0.writeInt40(try signed($1)) },
        "int48": { $0.writeInt48(try signed($1)) },
        "int56": { $0.writeInt56(try signed($1)) },
        "int64": { $0.writeInt64(try signed($1)) },
        "bigint64": { $0.writeInt64(try signed($1)) },
        "float64": { $0.writeFloat64(try float($1)) },
        "bool": { $0.writeBool($1.bool == true) },
        "buffer": { $0.writeBuffer($1.hex) },
        "optionalBuffer": { $0.writeOptionalBuffer($1.bytes) },
        "string": { $0.writeString($1.text) },
        "json": { $0.writeString($1.text) },
        "raw": { $0.writeRest($1.hex) },
        "fixed32": { $0.writeFixed($1.hex, byteCount: 32) },
        "fixed64": { $0.writeFixed($1.hex, byteCount: 64) },
        "uint32array": { $0.writeUInt32Array($1.items.map { UInt32($0.int) }) },
        "any": { try CompactValue(tagged: $1).encode(to: &$0) },
    ]

    func write(_ value: Vector, to encoder: inout CompactEncoder) throws {
        switch self {
        case .named(let name):
            guard let write = Self.writers[name] else { throw Unknown(name: name) }
            try write(&encoder, value)
        case .array(let type):
            encoder.writeArrayCount(value.items.count)
            for item in value.items { try type.write(item, to: &encoder) }
        }
    }

    func encoded(_ value: Vector) throws -> [UInt8] {
        var counter = CompactEncoder()
        try write(value, to: &counter)
        var bytes = [UInt8](repeating: 0xaa, count: counter.byteCount)
        try bytes.withUnsafeMutableBytes { buffer in
            var encoder = CompactEncoder(buffer)
            try write(value, to: &encoder)
        }
        return bytes
    }
}

extension VectorType {
    private typealias Read = @Sendable (inout CompactDecoder) throws -> Vector

    private static let readers: [String: Read] = [
        "uint": { .integer(try $0.readWideUInt()) },
        "int": { vector(try $0.readInt()) },
        "uint8": { .integer(UInt64(try $0.readUInt8())) },
        "uint16": { .integer(UInt64(try $0.readUInt16())) },
        "uint24": { .integer(UInt64(try $0.readUInt24())) },
        "uint32": { .integer(UInt64(try $0.readUInt32())) },
        "uint40": { .integer(try $0.readUInt40()) },
        "uint48": { .integer(try $0.readUInt48()) },
        "uint56": { .integer(try $0.readUInt56()) },
        "uint64": { .integer(try $0.readUInt64()) },
        "biguint64": { .integer(try $0.readUInt64()) },
        "int8": { vector(Int64(try $0.readInt8())) },
        "int16": { vector(Int64(try $0.readInt16())) },
        "int24": { vector(Int64(try $0.readInt24())) },
        "int32": { vector(Int64(try $0.readInt32())) },
        "int40": { vector(try $0.readInt40()) },
        "int48": { vector(try $0.readInt48()) },
        "int56": { vector(try $0.readInt56()) },
        "int64": { vector(try $0.readInt64()) },
        "bigint64": { vector(try $0.readInt64()) },
        "float64": { .string("\(try $0.readFloat64())") },
        "bool": { .bool(try $0.readBool()) },
        "buffer": { .string(try $0.readBytes().hexadecimal) },
        "optionalBuffer": { try $0.readOptionalBuffer().map { .string($0.hexadecimal) } ?? .null },
        "string": { .string(try $0.readString()) },
        "json": { decoder in
            let text = try decoder.readString()
            _ = try JSONDecoder().decode(Vector.self, from: Data(text.utf8))
            return .string(text)
        },
        "raw": { .string($0.readRest().hexadecimal) },
        "fixed32": { .string(try $0.readFixed(byteCount: 32).hexadecimal) },
        "fixed64": { .string(try $0.readFixed(byteCount: 64).hexadecimal) },
        "uint32array": { .array(try $0.readUInt32Array().map { .integer(UInt64($0)) }) },
        "any": { try CompactValue(from: &$0).tagged },
    ]

    private var minimumByteCount: Int {
        switch self {
        case .named("fixed32"): 32
        case .named("fixed64"): 64
        default: 1
        }
    }

    func read(from decoder: inout CompactDecoder) throws -> Vector {
        switch self {
        case .named(let name):
            guard let read = Self.readers[name] else { throw Unknown(name: name) }
            return try read(&decoder)
        case .array(let type):
            let count = try decoder.readArrayCount(minimumItemByteCount: type.minimumByteCount)
            return .array(try (0..<count).map { _ in try type.read(from: &decoder) })
        }
    }

    /// A value as the vectors write it, in the form that reading gives.
    func normalized(_ value: Vector) throws -> Vector {
        switch self {
        case .array(let type):
            return .array(try value.items.map { try type.normalized($0) })
        case .named("float64"):
            return .string("\(try Self.float(value))")
        case .named("any"):
            return try CompactValue(tagged: value).tagged
        case .named("uint32array"):
            return .array(value.items.map { .integer($0.int) })
        case .named(let name) where name.hasPrefix("int") || name == "bigint64":
            return Self.vector(try Self.signed(value))
        case .named(let name) where name.hasPrefix("uint") || name == "biguint64":
            return .integer(value.int)
        default:
            return value
        }
    }

    static func vector(_ value: Int64) -> Vector {
        value < 0 ? .negative(value) : .integer(UInt64(value))
    }

    static func signed(_ value: Vector) throws -> Int64 {
        guard let number = value.int64 else { throw Unknown(name: "\(value)") }
        return number
    }

    static func float(_ value: Vector) throws -> Double {
        guard let number = value.double ?? value.string.flatMap({ Double($0) }) else {
            throw Unknown(name: "\(value)")
        }
        return number
    }
}

extension CompactValue {
    /// The value that the vectors write as a type `t` and a value `v`.
    init(tagged vector: Vector) throws {
        let value = vector.v
        switch vector.t.text {
        case "null": self = .null
        case "bool": self = .bool(value.bool == true)
        case "string": self = .string(value.text)
        case "buffer": self = .buffer(value.hex)
        case "uint": self = .uint(value.int)
        case "int": self = .int(try VectorType.signed(value))
        case "float64": self = .float64(try VectorType.float(value))
        case "array": self = .array(try value.items.map { try CompactValue(tagged: $0) })
        case "object":
            self = .object(
                try value.items.map {
                    Member(key: $0[0].text, value: try CompactValue(tagged: $0[1]))
                })
        case "date": self = .date(try VectorType.signed(value))
        default: throw VectorType.Unknown(name: vector.t.text)
        }
    }

    /// The same value in the form of the vectors.
    var tagged: Vector {
        func tag(_ name: String, _ value: Vector) -> Vector {
            .object(["t": .string(name), "v": value])
        }
        switch self {
        case .null: return .object(["t": .string("null")])
        case .bool(let value): return tag("bool", .bool(value))
        case .string(let value): return tag("string", .string(value))
        case .buffer(let value): return tag("buffer", .string(value.hexadecimal))
        case .uint(let value): return tag("uint", .integer(value))
        case .int(let value): return tag("int", VectorType.vector(value))
        case .float64(let value): return tag("float64", .string("\(value)"))
        case .array(let items): return tag("array", .array(items.map(\.tagged)))
        case .object(let members):
            return tag(
                "object", .array(members.map { .array([.string($0.key), $0.value.tagged]) }))
        case .date(let value): return tag("date", VectorType.vector(value))
        }
    }
}
