import CompactEncoding

/// Frames that are ready to be sent, end to end in one buffer.
public struct OutgoingFrames: Sendable {
    /// The bytes of all frames.
    public private(set) var bytes: [UInt8] = []
    /// Where each frame ends in ``bytes``; it begins where the one before ends.
    public private(set) var ends: [Int] = []

    /// A place for frames that has none yet.
    public init() {}

    /// Whether there is nothing to send.
    public var isEmpty: Bool { ends.isEmpty }

    /// How many frames there are.
    public var count: Int { ends.count }

    /// Calls the body with the bytes of every frame in order.
    public func forEach<E: Error>(
        _ body: (UnsafeRawBufferPointer) throws(E) -> Void
    ) throws(E) {
        var start = 0
        for end in ends {
            let range = start..<end
            start = end
            try bytes.withUnsafeBytesTyped { (buffer) throws(E) in
                try body(UnsafeRawBufferPointer(rebasing: buffer[range]))
            }
        }
    }

    /// Forgets all frames and keeps the memory for the next ones.
    public mutating func removeAll() {
        bytes.removeAll(keepingCapacity: true)
        ends.removeAll(keepingCapacity: true)
    }

    var openByteCount: Int { bytes.count - (ends.last ?? 0) }

    mutating func append(_ byte: UInt8) { bytes.append(byte) }

    mutating func append(uint value: UInt64) {
        switch value {
        case 0...0xFC:
            bytes.append(UInt8(truncatingIfNeeded: value))
        case ...0xFFFF:
            bytes.append(0xFD)
            append(littleEndian: value, byteCount: 2)
        case ...0xFFFF_FFFF:
            bytes.append(0xFE)
            append(littleEndian: value, byteCount: 4)
        default:
            bytes.append(0xFF)
            append(littleEndian: value, byteCount: 8)
        }
    }

    private mutating func append(littleEndian value: UInt64, byteCount: Int) {
        for place in 0..<byteCount {
            bytes.append(UInt8(truncatingIfNeeded: value >> UInt64(8 * place)))
        }
    }

    mutating func append(_ body: UnsafeRawBufferPointer) { bytes.append(contentsOf: body) }

    /// Makes room for exactly that many bytes and lets them be written in place.
    mutating func append(byteCount: Int, _ write: (inout CompactEncoder) -> Void) {
        let start = bytes.count
        bytes.append(contentsOf: repeatElement(0, count: byteCount))
        bytes.withUnsafeMutableBytes { buffer in
            let room = UnsafeMutableRawBufferPointer(rebasing: buffer[start...])
            var encoder = CompactEncoder(room)
            write(&encoder)
            precondition(
                encoder.byteCount == byteCount, "a message must fill what it asked for")
        }
    }

    mutating func endFrame() { ends.append(bytes.count) }
}

extension [UInt8] {
    /// `withUnsafeBytes` that keeps the type of what is thrown.
    func withUnsafeBytesTyped<E: Error>(
        _ body: (UnsafeRawBufferPointer) throws(E) -> Void
    ) throws(E) {
        let outcome: Result<Void, E> = withUnsafeBytes { buffer in
            do throws(E) {
                return .success(try body(buffer))
            } catch {
                return .failure(error)
            }
        }
        try outcome.get()
    }
}

/// How many bytes a compact unsigned integer takes.
func compactByteCount(_ value: UInt64) -> Int {
    switch value {
    case 0...0xFC: 1
    case ...0xFFFF: 3
    case ...0xFFFF_FFFF: 5
    default: 9
    }
}
