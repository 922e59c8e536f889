import CompactEncoding
import Deflate
import Feeds
import Merkle

extension RunMessage {
    /// Lends the run with its blocks in place; `nil` if the content is not what it should be.
    ///
    /// A compressed one is unpacked into `scratch`, which never becomes larger than the limit that
    /// the message was decoded with.
    func withRun<Result>(
        unpackingInto scratch: inout [UInt8], _ body: (BlockRun?) throws -> Result
    ) rethrows -> Result {
        switch content {
        case .plain(let bytes):
            return try body(run(of: bytes))
        case .deflated(let bytes, let byteCount):
            if scratch.count < byteCount { scratch = [UInt8](repeating: 0, count: byteCount) }
            return try scratch.withUnsafeMutableBytes { scratch in
                let output = UnsafeMutableRawBufferPointer(rebasing: scratch.prefix(byteCount))
                guard Inflater.inflate(bytes, into: output) else { return try body(nil) }
                return try body(run(of: UnsafeRawBufferPointer(output)))
            }
        }
    }

    private func run(of content: UnsafeRawBufferPointer) -> BlockRun? {
        guard let (lengths, bytes) = Self.split(content, blockCount: Int(index.blockCount)) else {
            return nil
        }
        return BlockRun(
            fork: fork, index: index, siblings: siblings, lengths: lengths, bytes: bytes)
    }

    /// Reads the lengths; `nil` if they do not sum to what follows them.
    private static func split(
        _ content: UnsafeRawBufferPointer, blockCount: Int
    ) -> (lengths: [UInt32], bytes: UnsafeRawBufferPointer)? {
        // Every length takes a byte, so the count is bounded by what has come.
        guard blockCount <= content.count else { return nil }
        var decoder = CompactDecoder(content)
        var lengths: [UInt32] = []
        lengths.reserveCapacity(blockCount)
        var sum = 0
        for _ in 0..<blockCount {
            guard let length = try? decoder.readUInt(), length <= UInt64(content.count) else {
                return nil
            }
            lengths.append(UInt32(length))
            sum += Int(length)
            guard sum <= content.count else { return nil }
        }
        guard sum == decoder.remainingByteCount else { return nil }
        return (lengths, decoder.readRest())
    }
}

/// Decides whether runs are compressed, by trying it on a part of some of them.
///
/// Where a part did not become smaller, the next runs are sent as they are: one, then two, then
/// four, for content of one feed is mostly of one kind.
struct RunCompression {
    private var skipCount = 0
    private var nextSkipCount = 1

    /// The bytes that are tried first.
    private static let sampleByteCount = 4_096
    private static let maximumSkipCount = 64

    /// Whether the next run is to be tried.
    mutating func isDue() -> Bool {
        guard skipCount > 0 else { return true }
        skipCount -= 1
        return false
    }

    /// The lengths and blocks as a DEFLATE stream in `output`, `nil` if that does not pay.
    mutating func deflate(
        _ lengths: UnsafeRawBufferPointer, _ blocks: [UnsafeRawBufferPointer], byteCount: Int,
        into output: inout [UInt8]
    ) -> Int? {
        let largest = byteCount / 8 * 7
        if output.count < largest { output = [UInt8](repeating: 0, count: largest) }
        let result = output.withUnsafeMutableBytes { output -> Int? in
            guard byteCount <= 2 * Self.sampleByteCount || samplePays(blocks, output) else {
                return nil
            }
            var deflater = Deflater(
                into: UnsafeMutableRawBufferPointer(rebasing: output.prefix(largest)))
            guard deflater.add(lengths) else { return nil }
            for block in blocks {
                guard deflater.add(block) else { return nil }
            }
            return deflater.finish()
        }
        if result == nil {
            skipCount = nextSkipCount
            nextSkipCount = min(2 * nextSkipCount, Self.maximumSkipCount)
        } else {
            nextSkipCount = 1
        }
        return result
    }

    /// Whether the first blocks become smaller, the lengths left aside.
    private func samplePays(
        _ blocks: [UnsafeRawBufferPointer], _ output: UnsafeMutableRawBufferPointer
    ) -> Bool {
        var left = Self.sampleByteCount
        var deflater = Deflater(
            into: UnsafeMutableRawBufferPointer(
                rebasing: output.prefix(Self.sampleByteCount / 8 * 7)))
        for block in blocks where left > 0 {
            let part = UnsafeRawBufferPointer(rebasing: block.prefix(left))
            left -= part.count
            guard deflater.add(part) else { return false }
        }
        return deflater.finish() != nil
    }
}
