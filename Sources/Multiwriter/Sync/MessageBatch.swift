/// Messages that came together, end to end in one buffer.
struct MessageBatch: Sendable {
    private(set) var bytes: [UInt8] = []
    private(set) var ends: [Int] = []

    var isEmpty: Bool { ends.isEmpty }
    var count: Int { ends.count }

    /// Takes all bytes that were appended since the last end as one message.
    mutating func endMessage() {
        ends.append(bytes.count)
    }

    /// Gives the buffer to whoever appends one message to it.
    mutating func append<E: Error>(
        _ body: (inout [UInt8]) throws(E) -> Void
    ) throws(E) {
        try body(&bytes)
        // An empty message is a keep-alive.
        if bytes.count > ends.last ?? 0 { endMessage() }
    }

    /// Calls the body with each message, in order.
    func forEach(_ body: (UnsafeRawBufferPointer) -> Void) {
        bytes.withUnsafeBytes { buffer in
            var start = 0
            for end in ends {
                body(UnsafeRawBufferPointer(rebasing: buffer[start..<end]))
                start = end
            }
        }
    }
}
