@testable import CompactEncoding

extension FuzzTarget {
    static let codecs: [FuzzTarget] = [
        FuzzTarget(
            "compact-primitives",
            seeds: [0, 2, 12, 14, 18, 29].map {
                .bytes("compact-encoding", "hex", prefix: [1, 0, $0])
            }, runPrimitives),
        FuzzTarget(
            "compact-any",
            seeds: [.bytes("compact-encoding", "hex"), .made { CompactValue.examples }],
            runAny),
    ]

    /// Reads values of the types that the input names, one after the other.
    private static func runPrimitives(_ input: UnsafeRawBufferPointer) throws {
        var source = ByteSource(input)
        let types = source.piece()
        let bytes = source.rest()
        var decoder = CompactDecoder(bytes)
        for type in types {
            let before = decoder.consumedByteCount
            try readPrimitive(type, &decoder)
            require(
                decoder.consumedByteCount >= before
                    && decoder.consumedByteCount + decoder.remainingByteCount == bytes.count,
                "a decoder left its bytes")
        }
    }

    private static func readPrimitive(
        _ type: UInt8, _ decoder: inout CompactDecoder
    ) throws(CompactDecodingError) {
        switch type % 31 {
        case 0:
            let value = try decoder.readUInt()
            require(value <= CompactLimits.maximumUInt, "a uint above its limit")
        case 1: _ = try decoder.readInt()
        case 2: _ = try decoder.readWideUInt()
        case 3: _ = try decoder.readUInt8()
        case 4: _ = try decoder.readUInt16()
        case 5:
            let value = try decoder.readUInt24()
            require(value < 1 << 24, "a number above three bytes")
        case 6: _ = try decoder.readUInt32()
        case 7:
            let value = try decoder.readUInt40()
            require(value < 1 << 40, "a number above five bytes")
        case 8:
            let value = try decoder.readUInt48()
            require(value < 1 << 48, "a number above six bytes")
        case 9:
            let value = try decoder.readUInt56()
            require(value < 1 << 56, "a number above seven bytes")
        case 10: _ = try decoder.readUInt64()
        case 11: _ = try decoder.readBuffer()
        case 12: _ = try decoder.readBytes()
        case 13: _ = try decoder.readOptionalBuffer()
        case 14: _ = try decoder.readString()
        case 15: _ = try decoder.readBool()
        case 16: _ = try decoder.readFloat64()
        case 17: _ = try decoder.readArrayCount(minimumItemByteCount: Int(type))
        case 18: _ = try decoder.readUInt32Array()
        case 19: _ = try decoder.readInt8()
        case 20: _ = try decoder.readInt16()
        case 21: _ = try decoder.readInt24()
        case 22: _ = try decoder.readInt32()
        case 23: _ = try decoder.readInt40()
        case 24: _ = try decoder.readInt48()
        case 25: _ = try decoder.readInt56()
        case 26: _ = try decoder.readInt64()
        case 27: _ = try decoder.readFixed(byteCount: 32)
        case 28: try decoder.skip(byteCount: Int(type))
        case 29: _ = try decoder.readArray(of: CompactValue.self)
        default: _ = decoder.readRest()
        }
    }

    /// What was read is written, and read again as the same.
    private static func runAny(_ input: UnsafeRawBufferPointer) throws {
        let value = try CompactValue(decoding: input)
        let bytes = value.encoded
        let again = try? CompactValue(decoding: bytes)
        // Compared as bytes: a number may be none.
        require(again?.encoded == bytes, "a value that is not read back")
    }
}

extension CompactValue {
    fileprivate static var examples: [[UInt8]] {
        let parts: [CompactValue] = [
            .null, .bool(true), .string("text"), .buffer([1, 2]), .uint(1 << 40), .int(-5),
            .float64(.nan), .date(-1), .array([.uint(1), .null]),
            .object([Member(key: "a", value: .array([.string("")]))]),
        ]
        return parts.map(\.encoded) + [CompactValue.array(parts).encoded]
    }
}
