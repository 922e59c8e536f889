import CompactEncoding
import Cryptography
import Deflate
import Feeds
import Merkle
import Testing

@testable import Replication

@Suite struct RunMessageTests {
    private let limits = ReplicationLimits()

    private func decode(_ bytes: [UInt8], type: UInt64 = 11) throws -> WireMessage? {
        try bytes.withUnsafeBytes {
            try WireMessage.decode(type: type, body: $0, limits: limits)
        }
    }

    /// Decodes a run and lends its blocks, joined by their lengths; `nil` if it is malformed.
    private func blocks(_ body: [UInt8]) throws -> [[UInt8]]? {
        try body.withUnsafeBytes { body in
            guard
                case .run(let run) = try WireMessage.decode(type: 11, body: body, limits: limits)
            else { return nil }
            var scratch: [UInt8] = []
            return run.withRun(unpackingInto: &scratch) { run in
                guard let run else { return nil }
                var start = 0
                return run.lengths.map { length in
                    defer { start += Int(length) }
                    return Array(run.bytes[start..<start + Int(length)])
                }
            }
        }
    }

    private func deflated(_ bytes: [UInt8]) -> [UInt8] {
        var output = [UInt8](repeating: 0, count: bytes.count + 1_024)
        let count = output.withUnsafeMutableBytes { output in
            var deflater = Deflater(into: output)
            _ = bytes.withUnsafeBytes { deflater.add($0) }
            return deflater.finish() ?? 0
        }
        return Array(output.prefix(count))
    }

    @Test func `a request is these bytes`() throws {
        let run = RunRequest(fork: 2, index: TreeIndex(7), nodes: 3, maximumByteCount: 65_536)
        let message = WireMessage.runRequest(id: 5, run)
        let bytes: [UInt8] = [0, 5, 2, 7, 3, 0xfe, 0, 0, 1, 0]
        #expect(message.encoded == bytes)
        guard case .runRequest(5, run) = try decode(bytes, type: 10) else {
            Issue.record("It was read as something else.")
            return
        }
    }

    @Test func `a plain run is these bytes`() throws {
        let node = Node(index: TreeIndex(5), size: 9, hash: .zero)
        let content: [UInt8] = [2, 1, 65, 66, 67]
        let head: [UInt8] = [0, 5, 2, 1, 1, 5, 9] + [UInt8](repeating: 0, count: 32)
        content.withUnsafeBytes { bytes in
            let message = WireMessage.run(
                RunMessage(
                    request: 5, fork: 2, index: TreeIndex(1), siblings: [node],
                    content: .plain(bytes)))
            #expect(message.encoded == head + content)
        }
        #expect(try blocks(head + content) == [[65, 66], [67]])
    }

    @Test func `a compressed run states its length`() throws {
        let content = [200, 100] + [UInt8](repeating: 9, count: 300)
        let packed = deflated(content)
        let head: [UInt8] = [1, 5, 2, 1, 0]
        let expected = [[UInt8](repeating: 9, count: 200), [UInt8](repeating: 9, count: 100)]
        #expect(try blocks(head + [0xfd, 46, 1] + packed) == expected)
        // Another length than the stream has, trailing bytes, a cut.
        #expect(try blocks(head + [0xfd, 45, 1] + packed) == nil)
        #expect(try blocks(head + [0xfd, 47, 1] + packed) == nil)
        #expect(try blocks(head + [0xfd, 46, 1] + packed + [0]) == nil)
        #expect(try blocks(head + [0xfd, 46, 1] + packed.dropLast()) == nil)
    }

    @Test func `a bomb is refused before memory is taken`() throws {
        let limit = limits.maximumRunByteCount + 5 * Int(limits.maximumRunBlockCount)
        var head: [UInt8] = [1, 5, 2, 1, 0]
        CompactUInt(limit + 1).append(to: &head)
        #expect(throws: CompactDecodingError.arrayTooLarge) { try decode(head) }
        // As many blocks as a run may not have, and a node that no tree has.
        #expect(throws: CompactDecodingError.arrayTooLarge) {
            try decode([0, 5, 2, 0xfd, 0xff, 0x1f, 0])
        }
        #expect(throws: CompactDecodingError.arrayTooLarge) {
            try decode([0, 5, 2, 0xff] + [UInt8](repeating: 0xff, count: 6) + [0x1f, 0, 0])
        }
    }

    @Test func `lengths that do not fit are refused`() throws {
        let head: [UInt8] = [0, 5, 2, 1, 0]
        #expect(try blocks(head + [1, 1, 65, 66]) == [[65], [66]])
        #expect(try blocks(head + [0, 0]) == [[], []])
        #expect(try blocks(head + [1, 1, 65]) == nil)
        #expect(try blocks(head + [1, 1, 65, 66, 67]) == nil)
        #expect(try blocks(head + [1]) == nil)
        #expect(try blocks(head) == nil)
        #expect(try blocks(head + [0xff, 255, 255, 255, 255, 255, 255, 31, 0, 1, 65]) == nil)
    }

    @Test func `any bytes are read or refused`() {
        for seed in 0..<3_000 as Range<UInt64> {
            var generator = SeededGenerator(seed: seed)
            let body = (0..<Int.random(in: 0...80, using: &generator)).map { _ in
                UInt8.random(in: 0...255, using: &generator) & (seed & 1 == 0 ? 7 : 255)
            }
            _ = try? blocks(body)
            _ = try? decode(body, type: 10)
        }
    }
}

/// A number as it stands in a message.
private struct CompactUInt: CompactEncodable {
    let value: UInt64

    init(_ value: Int) { self.value = UInt64(value) }

    func encode(to encoder: inout CompactEncoder) { encoder.writeUInt(value) }
}
