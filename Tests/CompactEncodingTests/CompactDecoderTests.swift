import CompactEncoding
import Testing

@Suite struct CompactDecoderTests {
    private typealias Failure = CompactDecodingError

    @Test func `reads parts of the buffer where they lie`() throws {
        let bytes: [UInt8] = [2, 10, 11, 3, 97, 98, 99, 7, 7, 9]
        try bytes.withUnsafeBytes { (buffer) throws in
            var decoder = CompactDecoder(buffer)
            let part = try decoder.readBuffer()
            #expect(Array(part) == [10, 11])
            #expect(part.baseAddress == buffer.baseAddress.map { $0 + 1 })
            #expect(try decoder.readString() == "abc")
            #expect(Array(try decoder.readFixed(byteCount: 2)) == [7, 7])
            #expect(decoder.remainingByteCount == 1)
            #expect(decoder.consumedByteCount == 9)
            #expect(Array(decoder.readRest()) == [9])
            #expect(decoder.isAtEnd)
            #expect(decoder.readRest().isEmpty)
            #expect(throws: Failure.outOfBounds) { try decoder.readUInt8() }
        }
    }

    @Test func `reads nothing from nothing`() {
        var decoder = CompactDecoder(UnsafeRawBufferPointer(start: nil, count: 0))
        #expect(decoder.readRest().isEmpty)
        #expect((try? decoder.readFixed(byteCount: 0))?.isEmpty == true)
        #expect(throws: Failure.outOfBounds) { try decoder.readUInt() }
        #expect(throws: Failure.outOfBounds) { try decoder.readFixed(byteCount: 1) }
        #expect(throws: Failure.outOfBounds) { try decoder.readFixed(byteCount: -1) }
        #expect(throws: Failure.outOfBounds) { try decoder.skip(byteCount: 1) }
    }

    @Test func `refuses integers that others read wrong`() throws {
        let largest: [UInt8] = [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x1f, 0]
        let above: [UInt8] = [0xff, 0, 0, 0, 0, 0, 0, 0x20, 0]
        #expect(try largest.withCompactDecoder { try $0.readUInt() } == CompactLimits.maximumUInt)
        #expect(throws: Failure.integerTooLarge) {
            try above.withCompactDecoder { try $0.readUInt() }
        }
        #expect(throws: Failure.integerTooLarge) {
            try above.withCompactDecoder { try $0.readInt() }
        }
        #expect(try above.withCompactDecoder { try $0.readWideUInt() } == 1 << 53)
        let all = [UInt8](repeating: 0xff, count: 9)
        #expect(try all.withCompactDecoder { try $0.readWideUInt() } == .max)
        #expect(throws: Failure.outOfBounds) { try all.withCompactDecoder { try $0.readBytes() } }
        #expect(throws: Failure.arrayTooLarge) {
            try all.withCompactDecoder { try $0.readArrayCount() }
        }
        #expect(throws: Failure.outOfBounds) {
            try all.withCompactDecoder { try $0.readUInt32Array() }
        }
    }

    @Test func `refuses arrays that cannot be there before allocating`() throws {
        let bytes: [UInt8] = [3, 0, 0, 0, 0, 0, 0]
        #expect(
            try bytes.withCompactDecoder { try $0.readArrayCount(minimumItemByteCount: 2) } == 3)
        #expect(throws: Failure.outOfBounds) {
            try bytes.withCompactDecoder { try $0.readArrayCount(minimumItemByteCount: 3) }
        }
        #expect(throws: Failure.outOfBounds) {
            try bytes.withCompactDecoder { try $0.readArrayCount(minimumItemByteCount: .max) }
        }
        let items = try bytes.withCompactDecoder { decoder in
            try decoder.readArray(of: CompactValue.self)
        }
        #expect(items == [.null, .null, .null])
    }

    @Test func `values nested too deep are refused`() {
        let depth = CompactLimits.maximumNestingDepth
        let deep = repeated([7, 1], depth - 1) + [0]
        #expect(throws: Never.self) { try CompactValue(decoding: deep) }
        #expect(throws: Failure.nestedTooDeep) { try CompactValue(decoding: [7, 1] + deep) }
        let bomb = repeated([8, 1, 0], 100_000)
        #expect(throws: Failure.nestedTooDeep) { try CompactValue(decoding: bomb) }
    }

    private func repeated(_ bytes: [UInt8], _ count: Int) -> [UInt8] {
        (0..<count).flatMap { _ in bytes }
    }

    @Test(arguments: 0..<UInt64(64))
    func `random bytes never trap`(seed: UInt64) {
        var generator = Generator(state: seed)
        for _ in 0..<200 {
            let bytes = (0..<Int.random(in: 0...40, using: &generator)).map { _ in
                // Small bytes make deep structures likely, large ones make large lengths.
                Bool.random(using: &generator)
                    ? UInt8.random(in: 0...12, using: &generator)
                    : UInt8.random(in: 0...255, using: &generator)
            }
            _ = try? CompactValue(decoding: bytes)
            bytes.withUnsafeBytes { buffer in
                var decoder = CompactDecoder(buffer)
                while !decoder.isAtEnd {
                    let before = decoder.consumedByteCount
                    readAnything(from: &decoder, using: &generator)
                    #expect(decoder.consumedByteCount >= before)
                    #expect(decoder.consumedByteCount <= bytes.count)
                    if decoder.consumedByteCount == before { break }
                }
            }
        }
    }

    private func readAnything(from decoder: inout CompactDecoder, using generator: inout Generator)
    {
        switch Int.random(in: 0..<14, using: &generator) {
        case 0: _ = try? decoder.readUInt()
        case 1: _ = try? decoder.readInt()
        case 2: _ = try? decoder.readBytes()
        case 3: _ = try? decoder.readString()
        case 4: _ = try? decoder.readUInt24()
        case 5: _ = try? decoder.readInt64()
        case 6: _ = try? decoder.readUInt32Array()
        case 7: _ = try? decoder.readArray(of: CompactValue.self)
        case 8: _ = try? decoder.readFixed(byteCount: 32)
        case 9: _ = try? decoder.readInt40()
        case 10: _ = try? decoder.readFloat64()
        case 11: _ = try? decoder.readBool()
        case 12: _ = try? decoder.readInt8()
        default: _ = try? decoder.readWideUInt()
        }
    }

    /// SplitMix64.
    private struct Generator: RandomNumberGenerator {
        var state: UInt64

        mutating func next() -> UInt64 {
            state &+= 0x9e37_79b9_7f4a_7c15
            var mixed = state
            mixed = (mixed ^ mixed >> 30) &* 0xbf58_476d_1ce4_e5b9
            mixed = (mixed ^ mixed >> 27) &* 0x94d0_49bb_1331_11eb
            return mixed ^ mixed >> 31
        }
    }
}
