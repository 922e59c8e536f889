import Deflate
import Testing

@Suite struct InflaterTests {
    private let text = Array(String(repeating: "a run of blocks ", count: 500).utf8)

    @Test func `a stream that is cut or goes on is refused`() throws {
        let packed = try #require(deflated([text], capacity: text.count))
        for count in 0..<packed.count {
            #expect(inflated(Array(packed[..<count]), byteCount: text.count) == nil)
        }
        #expect(inflated(packed + [0], byteCount: text.count) == nil)
        #expect(inflated(packed, byteCount: text.count) == text)
    }

    @Test func `content that is longer or shorter than said is refused`() throws {
        let packed = try #require(deflated([text], capacity: text.count))
        for byteCount in [0, 1, text.count - 1, text.count + 1, 2 * text.count] {
            #expect(inflated(packed, byteCount: byteCount) == nil)
        }
    }

    @Test func `a bomb stops where the output ends`() throws {
        let zeros = [UInt8](repeating: 0, count: 8 << 20)
        let bomb = try #require(deflated([zeros], capacity: 1 << 16))
        var output = [UInt8](repeating: 7, count: 2_000)
        let isWhole = output.withUnsafeMutableBytes { output in
            bomb.withUnsafeBytes { bytes in
                Inflater.inflate(
                    bytes, into: UnsafeMutableRawBufferPointer(rebasing: output.prefix(1_000)))
            }
        }
        #expect(!isWhole)
        #expect(output[1_000...].allSatisfy { $0 == 7 })
    }

    @Test func `any bytes are refused or taken, and never more than told`() {
        for seed in 0..<2_000 as Range<UInt64> {
            var state = seed &* 0x9E37_79B9_7F4A_7C15 | 1
            let bytes = (0..<Int(seed % 64)).map { _ -> UInt8 in
                state ^= state << 13
                state ^= state >> 7
                state ^= state << 17
                return UInt8(truncatingIfNeeded: state)
            }
            _ = inflated(bytes, byteCount: Int(seed % 97))
        }
    }
}
