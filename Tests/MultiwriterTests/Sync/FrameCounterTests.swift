import Testing

@testable import Multiwriter

@Suite struct FrameCounterTests {
    @Test(arguments: [1, 2, 3, 5, 100])
    func `counts whole frames, whatever the chunks`(chunk: Int) {
        let frames: [[UInt8]] = [[0, 0, 0], [2, 0, 0, 9, 9], [1, 0, 0, 7], [0, 1, 0]]
        let bytes = frames.flatMap { $0 } + [UInt8](repeating: 1, count: 256)
        var counter = FrameCounter()
        var count = 0
        for start in stride(from: 0, to: bytes.count, by: chunk) {
            let part = Array(bytes[start..<min(start + chunk, bytes.count)])
            count += part.withUnsafeBytes { counter.take($0) }
        }
        #expect(count == 4)
        #expect(([3, 0, 0, 1, 1] as [UInt8]).withUnsafeBytes { counter.take($0) } == 0)
    }
}
