import Benchmark
import BenchmarkSupport
import BenchmarkWork
import CompactEncoding
import Cryptography

let benchmarks: @Sendable () -> Void = {
    let suite = ModuleBenchmarks(of: "CompactEncoding")
    var random = RandomBytes()
    for (name, byteCount) in [("64 B", 64), ("64 KiB", 65536)] {
        let message = DataMessage(nodeCount: 10, value: random.next(count: byteCount))
        let encoded = message.encoded
        suite.add("encode a data message, 10 nodes and \(name)", scaling: .kilo) { benchmark in
            for _ in benchmark.scaledIterations { blackHole(message.encoded) }
        }
        suite.add("decode a data message, 10 nodes and \(name)", scaling: .kilo) { benchmark in
            for _ in benchmark.scaledIterations { blackHole(try DataMessage(decoding: encoded)) }
        }
    }
    addNumbers(to: suite)
}

private func addNumbers(to suite: ModuleBenchmarks) {
    let numbers: [UInt64] = [1, 200, 70_000, 5_000_000_000]
    let bytes = [UInt8](unsafeUninitializedCapacity: 32_000) { buffer, count in
        var encoder = CompactEncoder(UnsafeMutableRawBufferPointer(buffer))
        for number in 0..<1000 { encoder.writeUInt(numbers[number % 4]) }
        count = encoder.byteCount
    }
    suite.add("read a number", scaling: .kilo) { benchmark in
        try bytes.withUnsafeBytes { bytes in
            var decoder = CompactDecoder(bytes)
            var sum: UInt64 = 0
            for _ in benchmark.scaledIterations { sum &+= try decoder.readUInt() }
            blackHole(sum)
        }
    }
    suite.add("read a small message of four fields", scaling: .kilo) { benchmark in
        let message: [UInt8] = [1, 0xfd, 0x10, 0x27, 3, 1, 2, 3, 4]
        try message.withUnsafeBytes { bytes in
            var sum: UInt64 = 0
            for _ in benchmark.scaledIterations {
                var decoder = CompactDecoder(bytes)
                sum &+= try decoder.readUInt()
                sum &+= try decoder.readUInt()
                sum &+= UInt64(try decoder.readBuffer().count)
                sum &+= try decoder.readUInt()
            }
            blackHole(sum)
        }
    }
}

/// An answer to a request for a block, laid out as on the wire.
struct DataMessage: CompactEncodable, CompactDecodable {
    struct Node {
        var index: UInt64
        var size: UInt64
        var hash: Digest
    }

    var request: UInt64 = 70_000
    var fork: UInt64 = 0
    var index: UInt64 = 100_000
    var value: [UInt8]
    var nodes: [Node]

    init(nodeCount: Int, value: [UInt8]) {
        self.value = value
        nodes = (0..<nodeCount).map {
            Node(index: UInt64(200_000 + $0), size: 65536, hash: .hash(ofUTF8: "\($0)"))
        }
    }

    func encode(to encoder: inout CompactEncoder) {
        encoder.writeUInt(UInt64(1))
        encoder.writeUInt(request)
        encoder.writeUInt(fork)
        encoder.writeUInt(index)
        encoder.writeBuffer(value)
        encoder.writeArray(nodes) { encoder, node in
            encoder.writeUInt(node.index)
            encoder.writeUInt(node.size)
            node.hash.withUnsafeBytes { encoder.writeFixed($0) }
        }
    }

    init(from decoder: inout CompactDecoder) throws(CompactDecodingError) {
        _ = try decoder.readUInt()
        request = try decoder.readUInt()
        fork = try decoder.readUInt()
        index = try decoder.readUInt()
        value = try decoder.readBytes()
        nodes = try decoder.readArray(minimumItemByteCount: 34) {
            (decoder) throws(CompactDecodingError) in
            let index = try decoder.readUInt()
            let size = try decoder.readUInt()
            guard let hash = Digest(try decoder.readFixed(byteCount: Digest.byteCount)) else {
                throw .outOfBounds
            }
            return Node(index: index, size: size, hash: hash)
        }
    }
}
