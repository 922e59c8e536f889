import Deflate
import Testing

/// Compresses within so many bytes; `nil` if it does not fit.
func deflated(_ parts: [[UInt8]], capacity: Int) -> [UInt8]? {
    var output = [UInt8](repeating: 0, count: capacity)
    let byteCount = output.withUnsafeMutableBytes { output -> Int? in
        var deflater = Deflater(into: output)
        for part in parts {
            guard part.withUnsafeBytes({ deflater.add($0) }) else { return nil }
        }
        return deflater.finish()
    }
    return byteCount.map { Array(output.prefix($0)) }
}

/// Decompresses to exactly so many bytes.
func inflated(_ bytes: [UInt8], byteCount: Int) -> [UInt8]? {
    var output = [UInt8](repeating: 0, count: byteCount)
    let isWhole = output.withUnsafeMutableBytes { output in
        bytes.withUnsafeBytes { Inflater.inflate($0, into: output) }
    }
    return isWhole ? output : nil
}

@Suite struct DeflaterTests {
    @Test(arguments: [0, 1, 2, 100, 32_767, 32_768, 200_000])
    func `what was compressed in parts comes back whole`(byteCount: Int) throws {
        var generator = SystemRandomNumberGenerator()
        let text = (0..<byteCount).map { UInt8(truncatingIfNeeded: $0 / 7 ^ $0 / 100) }
        let cut = byteCount == 0 ? 0 : Int.random(in: 0...byteCount, using: &generator)
        let parts = [Array(text[..<cut]), [], Array(text[cut...])]
        let packed = try #require(deflated(parts, capacity: byteCount + 1_024))
        #expect(inflated(packed, byteCount: byteCount) == text)
    }

    @Test func `what does not become smaller is not compressed`() {
        let noise = (0..<10_000).map { _ in UInt8.random(in: 0...255) }
        #expect(deflated([noise], capacity: 9_000) == nil)
        #expect(deflated([noise, noise], capacity: 9_000) == nil)
    }

    @Test func `nothing is compressed into nothing`() {
        #expect(deflated([], capacity: 0) == nil)
        #expect(deflated([[1]], capacity: 1) == nil)
    }
}
