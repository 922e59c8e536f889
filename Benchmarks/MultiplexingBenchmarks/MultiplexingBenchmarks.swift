import Benchmark
import BenchmarkSupport
import BenchmarkWork
import Multiplexing

let benchmarks: @Sendable () -> Void = {
    let suite = ModuleBenchmarks(of: "Multiplexing")
    var random = RandomBytes()
    let sizes: [(name: String, byteCount: Int, scaling: ModuleBenchmarks.Scaling)] = [
        ("64 B", 64, .kilo), ("1 KiB", 1024, .kilo), ("64 KiB", 65536, .one),
    ]
    for (name, byteCount, scaling) in sizes {
        let body = random.next(count: byteCount)
        suite.add("send a message of \(name), corked", scaling: scaling, setUp: { try Pair() }) {
            benchmark, pair in
            pair.send(body, times: benchmark.scaledIterations.count)
        }
        suite.add(
            "receive a message of \(name), corked", scaling: scaling,
            setUp: { () -> (Pair, [OutgoingFrames]) in
                let pair = try Pair()
                return (pair, pair.frames(of: body, times: scaling.rawValue))
            }
        ) { _, state in
            try state.0.receive(state.1)
        }
    }
    suite.add("open a channel on both sides and close it", setUp: { try Pair() }) { _, pair in
        try pair.openAndClose()
    }
}

private enum Failure: Error { case noChannel }

/// Two ends with one channel that is open on both.
private final class Pair {
    private var left = Multiplexer()
    private var right = Multiplexer()
    private let channel: Channel
    private var recycled = OutgoingFrames()
    private var count = 0

    init() throws {
        guard let channel = left.open(ChannelName("bench")) else { throw Failure.noChannel }
        self.channel = channel
        _ = right.open(ChannelName("bench"))
        try exchange()
    }

    private func exchange() throws {
        try left.takeFrames().forEach { try Self.read($0, by: &right) }
        try right.takeFrames().forEach { try Self.read($0, by: &left) }
    }

    private static func read(
        _ bytes: UnsafeRawBufferPointer, by multiplexer: inout Multiplexer
    ) throws {
        var frame = IncomingFrame(bytes)
        var byteCount = 0
        while let event = try multiplexer.next(in: &frame) {
            switch event {
            case .message(_, _, let body): byteCount += body.count
            case .requested(let name): _ = multiplexer.open(name)
            case .opened, .heldMessage, .closed: break
            }
        }
        blackHole(byteCount)
    }

    func send(_ body: [UInt8], times: Int) {
        body.withUnsafeBytes { body in
            left.cork()
            for _ in 0..<times {
                left.send(3, on: channel, body: body)
                guard left.outgoingByteCount > 256 * 1024 else { continue }
                takeFrames()
            }
            left.uncork()
            takeFrames()
        }
    }

    /// Takes the frames, and gives back the memory of the last ones.
    private func takeFrames() {
        let sent = recycled
        recycled = OutgoingFrames()
        recycled = left.takeFrames(recycling: consume sent)
    }

    func frames(of body: [UInt8], times: Int) -> [OutgoingFrames] {
        var all: [OutgoingFrames] = []
        left.cork()
        for _ in 0..<times {
            left.send(3, on: channel, body: body)
            if left.outgoingByteCount > 256 * 1024 { all.append(left.takeFrames()) }
        }
        left.uncork()
        all.append(left.takeFrames())
        return all
    }

    func receive(_ frames: [OutgoingFrames]) throws {
        for some in frames { try some.forEach { try Self.read($0, by: &right) } }
    }

    func openAndClose() throws {
        count += 1
        guard let channel = left.open(ChannelName("other", id: [UInt8(count & 255)])) else {
            throw Failure.noChannel
        }
        try exchange()
        left.close(channel)
        try exchange()
    }
}
