/// The messages that one or several chunks brought, one behind the other in a single buffer.
///
/// A batch is meant to be reused: emptied, it keeps its memory. It can go to another thread as a
/// whole; decrypting writes into it directly, so a message is copied nowhere on the way.
public struct MessageBatch: Sendable {
    private var bytes: [UInt8] = []
    private var ends: [Int] = []

    /// An empty batch.
    public init() {}

    /// How many messages there are.
    public var count: Int { ends.count }

    /// Whether there are no messages.
    public var isEmpty: Bool { ends.isEmpty }

    /// How many bytes all messages have together.
    public var byteCount: Int { ends.last ?? 0 }

    /// Lends one message after the other.
    @inlinable
    public func forEach<Failure: Error>(
        _ body: (UnsafeRawBufferPointer) throws(Failure) -> Void
    ) throws(Failure) {
        for index in 0..<count { try withMessage(at: index, body) }
    }

    /// Lends one message for the time of the call.
    public func withMessage<Result, Failure: Error>(
        at index: Int, _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        let range = range(at: index)
        return try bytes.withUnsafeBufferPointer { (bytes) throws(Failure) -> Result in
            try body(UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(bytes)[range]))
        }
    }

    /// Where a message lies among all their bytes.
    public func range(at index: Int) -> Range<Int> {
        (index == 0 ? 0 : ends[index - 1])..<ends[index]
    }

    /// A copy of one message.
    public subscript(index: Int) -> [UInt8] { Array(bytes[range(at: index)]) }

    /// Empties the batch and keeps its memory, unless a large message made it large.
    public mutating func removeAll() {
        ends.removeAll(keepingCapacity: true)
        if bytes.count > SecretStreamLimits.maximumKeptByteCount { bytes = [] }
    }

    /// Adds a message that a function writes; it is left out again if that fails.
    mutating func append<Failure: Error>(
        byteCount: Int, _ write: (UnsafeMutableRawBufferPointer) throws(Failure) -> Void
    ) throws(Failure) {
        if bytes.isEmpty, byteCount >= Self.unfilledByteCount {
            try fill(byteCount: byteCount, write)
            return
        }
        let start = self.byteCount
        let end = start + byteCount
        if bytes.count < end {
            // What was filled once stays filled, so a reused batch is not filled again.
            let target = max(end, min(2 * bytes.count, SecretStreamLimits.maximumKeptByteCount))
            bytes += [UInt8](repeating: 0, count: target - bytes.count)
        }
        try bytes.withUnsafeMutableBufferPointer { (bytes) throws(Failure) in
            let all = UnsafeMutableRawBufferPointer(bytes)
            try write(UnsafeMutableRawBufferPointer(rebasing: all[start..<end]))
        }
        ends.append(end)
    }

    /// Makes room for a large first message without filling it with zeros before.
    private mutating func fill<Failure: Error>(
        byteCount: Int, _ write: (UnsafeMutableRawBufferPointer) throws(Failure) -> Void
    ) throws(Failure) {
        var failure: Failure?
        let filled = [UInt8](unsafeUninitializedCapacity: byteCount) { buffer, count in
            do throws(Failure) {
                try write(
                    UnsafeMutableRawBufferPointer(
                        start: buffer.baseAddress, count: byteCount))
                count = byteCount
            } catch {
                failure = error
            }
        }
        if let failure { throw failure }
        bytes = filled
        ends.append(byteCount)
    }

    /// Bytes of a message from which it gets memory of its own.
    private static let unfilledByteCount = 16 * 1024
}
