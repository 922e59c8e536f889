import Cryptography

/// The sending half of an open stream; it can live on another thread than the receiving half.
public struct FrameEncryptor: ~Copyable, Sendable {
    private var sealer: StreamSealer

    init(key: SecretBytes, header: StreamHeader) {
        sealer = StreamSealer(key: key, header: header)
    }

    /// Appends the frame of a message to the bytes that go out.
    ///
    /// - Throws: `messageTooLarge`; nothing was appended then and the stream goes on.
    public mutating func encrypt(
        _ message: UnsafeRawBufferPointer, into output: inout [UInt8]
    ) throws(SecretStreamError) {
        try encrypt(into: &output) { $0.append(contentsOf: message) }
    }

    /// Appends the frame of a message to the bytes that go out.
    ///
    /// - Throws: `messageTooLarge`; nothing was appended then and the stream goes on.
    public mutating func encrypt(
        _ message: [UInt8], into output: inout [UInt8]
    ) throws(SecretStreamError) {
        try encrypt(into: &output) { $0.append(contentsOf: message) }
    }

    /// Appends the frame of a message that a function appends; it is encrypted where it stands.
    ///
    /// - Throws: `messageTooLarge`; nothing was appended then and the stream goes on.
    public mutating func encrypt(
        into output: inout [UInt8], _ append: (inout [UInt8]) -> Void
    ) throws(SecretStreamError) {
        let start = output.count
        let bodyStart = start + FrameAssembler.lengthByteCount
        output.appendFrameLength(0)
        output.append(0)
        append(&output)
        let messageByteCount = output.count - bodyStart - StreamSealer.prefixByteCount
        precondition(messageByteCount >= 0, "Bytes that were there before may not be removed")
        guard messageByteCount <= SecretStreamLimits.maximumMessageByteCount else {
            output.removeSubrange(start...)
            throw .messageTooLarge
        }
        output.append(contentsOf: repeatElement(0, count: StreamSealer.suffixByteCount))
        let bodyByteCount = output.count - bodyStart
        output.withUnsafeMutableBytes { output in
            output[start] = UInt8(truncatingIfNeeded: bodyByteCount)
            output[start + 1] = UInt8(truncatingIfNeeded: bodyByteCount >> 8)
            output[start + 2] = UInt8(truncatingIfNeeded: bodyByteCount >> 16)
            sealer.seal(inPlace: UnsafeMutableRawBufferPointer(rebasing: output[bodyStart...]))
        }
    }

    /// Writes the frame of a message to where exactly that has room; the message is read once.
    ///
    /// - Throws: `messageTooLarge`; nothing was written then and the stream goes on.
    public mutating func encrypt(
        _ message: UnsafeRawBufferPointer, into room: UnsafeMutableRawBufferPointer
    ) throws(SecretStreamError) {
        precondition(
            room.count == message.count + SecretStreamLimits.frameOverheadByteCount,
            "A frame has the size of its message and what is added to it")
        guard message.count <= SecretStreamLimits.maximumMessageByteCount else {
            throw .messageTooLarge
        }
        let bodyStart = FrameAssembler.lengthByteCount
        let bodyByteCount = room.count - bodyStart
        for place in 0..<bodyStart {
            room[place] = UInt8(truncatingIfNeeded: bodyByteCount >> (8 * place))
        }
        sealer.seal(message, into: UnsafeMutableRawBufferPointer(rebasing: room[bodyStart...]))
    }

    /// Appends the frame of an empty message, which the other side drops.
    public mutating func encryptKeepAlive(into output: inout [UInt8]) {
        // An empty message is never too large.
        try? encrypt(into: &output) { _ in }
    }
}
