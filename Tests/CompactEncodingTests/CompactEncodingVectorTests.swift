import CompactEncoding
import TestSupport
import Testing

/// All tables of compact-encoding.json.
@Suite struct CompactEncodingVectorTests {
    private let vectors: Vector

    init() throws { vectors = try Vectors.load("compact-encoding.json") }

    @Test func `values are written as others write them, and read back`() throws {
        for item in vectors.encode.items {
            let type = VectorType(item.type.text)
            let bytes = item["hex"].hex
            #expect(try type.encoded(item.value) == bytes, "\(item)")
            let expected = item.members.keys.contains("decodesTo") ? item.decodesTo : item.value
            try bytes.withCompactDecoder { (decoder) throws in
                #expect(try type.read(from: &decoder) == type.normalized(expected), "\(item)")
                #expect(decoder.isAtEnd)
            }
        }
    }

    @Test func `forms that no writer makes are read`() throws {
        for item in vectors.decode.items {
            let type = VectorType(item.type.text)
            try item["hex"].hex.withCompactDecoder { (decoder) throws in
                #expect(try type.read(from: &decoder) == type.normalized(item.value), "\(item)")
                #expect(UInt64(decoder.consumedByteCount) == item.consumed.int)
            }
        }
    }

    @Test func `bytes that are no value are refused`() throws {
        for item in vectors.decodeErrors.items {
            let type = VectorType(item.type.text)
            #expect(throws: (any Error).self, "\(item)") {
                try item["hex"].hex.withCompactDecoder { try type.read(from: &$0) }
            }
        }
    }

    @Test func `values that have no encoding cannot be written`() async throws {
        for item in vectors.encodeErrors.items {
            switch item.type.text {
            case "uint":
                // What is no UInt64 cannot even be asked for.
                guard let value = item.value.uint64 else { continue }
                await #expect(processExitsWith: .failure) { [value = value as UInt64] in
                    var encoder = CompactEncoder()
                    encoder.writeUInt(value)
                }
            case "int":
                guard let value = item.value.int64 else { continue }
                await #expect(processExitsWith: .failure) { [value = value as Int64] in
                    var encoder = CompactEncoder()
                    encoder.writeInt(value)
                }
            case "fixed32", "fixed64":
                let count = try #require(Int(item.value.text.prefix { $0.isNumber }))
                let byteCount = item.type.text == "fixed32" ? 32 : 64
                await #expect(processExitsWith: .failure) {
                    [count = count as Int, byteCount = byteCount as Int] in
                    var encoder = CompactEncoder()
                    encoder.writeFixed([UInt8](repeating: 0, count: count), byteCount: byteCount)
                }
            case let name:
                // Of the other integers only what their parameter cannot hold has no encoding.
                let isUnsigned = name.hasPrefix("uint")
                try #require(isUnsigned ? item.value.uint64 == nil : item.value.int64 == nil)
            }
        }
    }

    @Test func `an absent buffer looks like an empty one`() throws {
        let item = vectors.nullBuffer
        guard !item.isNull else { return }
        var counter = CompactEncoder()
        counter.writeOptionalBuffer(nil)
        #expect(try VectorType("optionalBuffer").encoded(.null) == item["encodeNull_2x"].hex)
        try item["encodeNull_2x"].hex.withCompactDecoder { (decoder) throws in
            #expect(try decoder.readOptionalBuffer() == nil)
            #expect(item["decode00_2x"].isNull)
        }
        try item["encodeNull_2x"].hex.withCompactDecoder { (decoder) throws in
            #expect(try decoder.readBytes() == item["decode00_3x"].hex)
        }
        // A buffer that must be there cannot be given as absent: the parameter is not optional.
        #expect(item["encodeNull_3x"].text == "error")
    }

    @Test func `damaged values never trap`() throws {
        for item in vectors.encode.items where item["hex"].hex.count <= 200 {
            let type = VectorType(item.type.text)
            let bytes = item["hex"].hex
            for position in bytes.indices {
                for value: UInt8 in [0, 1, 0x7f, 0x80, 0xfc, 0xfd, 0xfe, 0xff] {
                    var damaged = bytes
                    damaged[position] = value
                    _ = try? damaged.withCompactDecoder { try type.read(from: &$0) }
                }
                _ = try? Array(bytes[..<position]).withCompactDecoder { try type.read(from: &$0) }
            }
        }
    }
}
