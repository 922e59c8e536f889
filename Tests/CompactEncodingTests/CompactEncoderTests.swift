import CompactEncoding
import Testing

@Suite struct CompactEncoderTests {
    private struct Message: CompactEncodable, CompactDecodable, Equatable {
        var number: UInt64
        var name: String
        var items: [Int64]

        init(number: UInt64, name: String, items: [Int64]) {
            self.number = number
            self.name = name
            self.items = items
        }

        init(from decoder: inout CompactDecoder) throws(CompactDecodingError) {
            number = try decoder.readUInt()
            name = try decoder.readString()
            items = try decoder.readArray { (decoder) throws(CompactDecodingError) in
                try decoder.readInt()
            }
        }

        func encode(to encoder: inout CompactEncoder) {
            encoder.writeUInt(number)
            encoder.writeString(name)
            encoder.writeArray(items) { $0.writeInt($1) }
        }
    }

    private struct TwoFaced: CompactEncodable {
        final class Count { var value = 0 }
        let count = Count()

        func encode(to encoder: inout CompactEncoder) {
            count.value += 1
            encoder.writeBuffer([UInt8](repeating: 0, count: count.value))
        }
    }

    @Test func `counts what it writes`() throws {
        let message = Message(number: 70_000, name: "blåbær", items: [1, -1, 1 << 40, -(1 << 40)])
        let bytes = message.encoded
        #expect(bytes.count == message.encodedByteCount)
        #expect(try Message(decoding: bytes) == message)
        #expect(try bytes.withUnsafeBytes { try Message(decoding: $0) } == message)
        #expect(try Message(decoding: bytes + [1, 2, 3]) == message)
        for count in bytes.indices {
            #expect(throws: CompactDecodingError.outOfBounds) {
                try Message(decoding: Array(bytes[..<count]))
            }
        }
    }

    @Test func `appends to what is there`() {
        let message = Message(number: 1, name: "", items: [])
        var bytes: [UInt8] = [9, 9]
        message.append(to: &bytes)
        #expect(bytes == [9, 9] + message.encoded)
    }

    @Test func `writes nothing into nothing`() {
        var encoder = CompactEncoder(UnsafeMutableRawBufferPointer(start: nil, count: 0))
        encoder.writeRest([])
        #expect(encoder.byteCount == 0)
        #expect(CompactValue.array([]).encoded == [7, 0])
    }

    @Test(arguments: [Int64.min, -1, 0, 1, .max])
    func `fixed signed numbers come back whole`(value: Int64) throws {
        var bytes = [UInt8](repeating: 0, count: 8 + 1 + 2 + 4)
        bytes.withUnsafeMutableBytes { buffer in
            var encoder = CompactEncoder(buffer)
            encoder.writeInt64(value)
            encoder.writeInt8(Int8(truncatingIfNeeded: value))
            encoder.writeInt16(Int16(truncatingIfNeeded: value))
            encoder.writeInt32(Int32(truncatingIfNeeded: value))
        }
        try bytes.withCompactDecoder { (decoder) throws in
            #expect(try decoder.readInt64() == value)
            #expect(try decoder.readInt8() == Int8(truncatingIfNeeded: value))
            #expect(try decoder.readInt16() == Int16(truncatingIfNeeded: value))
            #expect(try decoder.readInt32() == Int32(truncatingIfNeeded: value))
        }
    }

    @Test func `never writes past the memory that it was given`() async {
        await #expect(processExitsWith: .failure) {
            var bytes: [UInt8] = [0]
            bytes.withUnsafeMutableBytes { buffer in
                var encoder = CompactEncoder(buffer)
                encoder.writeUInt16(1)
            }
        }
        await #expect(processExitsWith: .failure) {
            var encoder = CompactEncoder(UnsafeMutableRawBufferPointer(start: nil, count: 0))
            encoder.writeBool(true)
        }
        await #expect(processExitsWith: .failure) { _ = TwoFaced().encoded }
    }

    @Test func `a number that does not fit is a mistake`() async {
        await #expect(processExitsWith: .failure) {
            var encoder = CompactEncoder()
            encoder.writeUInt24(1 << 24)
        }
        await #expect(processExitsWith: .failure) {
            var encoder = CompactEncoder()
            encoder.writeUInt(-1)
        }
        await #expect(processExitsWith: .failure) {
            var encoder = CompactEncoder()
            encoder.writeArrayCount(CompactLimits.maximumArrayCount + 1)
        }
    }
}
