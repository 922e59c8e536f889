import Benchmark
import BenchmarkSupport
import BenchmarkWork
import Cryptography
import SecretStream

let benchmarks: @Sendable () -> Void = {
    let suite = ModuleBenchmarks(of: "SecretStream")
    var random = RandomBytes()
    let sizes: [(name: String, byteCount: Int, scaling: ModuleBenchmarks.Scaling)] = [
        ("64 B", 64, .kilo), ("1 KiB", 1024, .kilo), ("64 KiB", 65536, .one),
    ]
    for (name, byteCount, scaling) in sizes {
        let message = random.next(count: byteCount)
        suite.add("encrypt a message of \(name)", scaling: scaling, setUp: { try Line() }) {
            benchmark, line in
            try line.encrypt(message, times: benchmark.scaledIterations.count)
        }
        suite.add("decrypt a message of \(name)", scaling: scaling, setUp: { try Line() }) {
            benchmark, line in
            let chunks = try line.chunks(of: message, times: benchmark.scaledIterations.count)
            benchmark.startMeasurement()
            try line.decrypt(chunks)
            benchmark.stopMeasurement()
        }
    }
    suite.add("handshake, both ends") { _ in blackHole(try Line()) }
}

/// An open stream of which one end sends and the other receives.
private final class Line {
    private var encryptor: FrameEncryptor
    private var decryptor: FrameDecryptor
    private var output: [UInt8] = []
    private var batch = MessageBatch()

    init() throws {
        var left = EncryptedStream(
            role: .initiator, keyPair: .random(), randomness: HandshakeRandomness(), now: .zero)
        var right = EncryptedStream(
            role: .responder, keyPair: .random(), randomness: HandshakeRandomness(), now: .zero)
        var (toRight, toLeft): ([UInt8], [UInt8]) = ([], [])
        var batch = MessageBatch()
        try left.start(into: &toRight)
        try right.start(into: &toLeft)
        while !toRight.isEmpty || !toLeft.isEmpty {
            let (forth, back) = (toRight, toLeft)
            (toRight, toLeft) = ([], [])
            try forth.withUnsafeBytes { try right.receive($0, into: &batch, answer: &toLeft) }
            try back.withUnsafeBytes { try left.receive($0, into: &batch, answer: &toRight) }
        }
        encryptor = left.takeEncryptor()
        decryptor = right.takeDecryptor()
    }

    /// Encrypts messages; the output is emptied when a socket would have taken it.
    func encrypt(_ message: [UInt8], times: Int) throws {
        try message.withUnsafeBytes { message in
            for _ in 0..<times {
                if output.count > 256 * 1024 { output.removeAll(keepingCapacity: true) }
                try encryptor.encrypt(message, into: &output)
            }
        }
    }

    /// The frames of messages, in chunks as they come from a socket.
    func chunks(of message: [UInt8], times: Int) throws -> [[UInt8]] {
        var chunks: [[UInt8]] = []
        var chunk: [UInt8] = []
        for _ in 0..<times {
            try encryptor.encrypt(message, into: &chunk)
            if chunk.count > 192 * 1024 {
                chunks.append(chunk)
                chunk = []
            }
        }
        chunks.append(chunk)
        return chunks
    }

    func decrypt(_ chunks: [[UInt8]]) throws {
        for chunk in chunks {
            try chunk.withUnsafeBytes { try decryptor.decrypt($0, into: &batch) }
            blackHole(batch.byteCount)
            batch.removeAll()
        }
    }
}
