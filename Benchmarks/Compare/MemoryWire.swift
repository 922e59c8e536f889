import BenchmarkWork
import Dispatch
import Multiwriter
import Synchronization

/// Brings two drives up to date with one another in this process, and counts what each end hands
/// to the stream: the bytes that a socket would carry, encryption and handshake included.
final class MemoryWire: Sendable {
    private let source: Drive
    private let target: Drive
    private let passed = Atomic<Int>(0)
    private let closed = DispatchSemaphore(value: 0)

    init(from source: String, to target: String) throws {
        self.source = try Drive.open(at: source)
        self.target = try Drive.open(at: target)
    }

    /// Syncs once and closes both drives; returns the bytes of both directions.
    ///
    /// Without `usesRuns` the source does not say that it answers runs, as no other program does,
    /// and the messages of Hypercore carry everything.
    @discardableResult func sync(usesRuns: Bool = true) throws -> Double {
        defer {
            source.close()
            target.close()
        }
        var options = ReplicationOptions(isOnce: true)
        let near = target.replicate(role: .initiator, options: options)
        options.usesRuns = usesRuns
        let far = source.replicate(role: .responder, options: options)
        carry(from: near, to: far)
        carry(from: far, to: near)
        for _ in 0..<2 where closed.wait(timeout: .now() + 120) == .timedOut {
            throw Child.Failure(description: "two drives in one process did not finish")
        }
        guard try nameCount(of: source) == nameCount(of: target) else {
            throw Child.Failure(description: "two drives in one process do not agree")
        }
        return Double(passed.load(ordering: .relaxed))
    }

    private func nameCount(of drive: Drive) throws -> Int {
        var count = 0
        try drive.forEachPath { _ in count += 1 }
        return count
    }

    private func carry(from source: ReplicationStream, to target: ReplicationStream) {
        let wire = DispatchQueue(label: "wire")
        source.start { [self] output in
            wire.async { [self] in
                switch output {
                case .write(let bytes):
                    passed.add(bytes.count, ordering: .relaxed)
                    bytes.withUnsafeBytes { target.receive($0) }
                    source.didWrite(byteCount: bytes.count)
                case .close:
                    target.end()
                    closed.signal()
                case .pauseReading, .resumeReading: break
                }
            }
        }
    }
}
