import Cryptography

/// The receiving half of an open stream; it can live on another thread than the sending half.
public struct FrameDecryptor: ~Copyable, Sendable {
    private let key: SecretBytes
    private let expectedStreamID: Digest
    private let maximumMessageByteCount: Int
    private var opener: StreamOpener?
    private var assembler: FrameAssembler
    private var isFailed = false

    init(
        key: SecretBytes, expectedStreamID: Digest, maximumMessageByteCount: Int,
        assembler: consuming FrameAssembler
    ) {
        self.key = key
        self.expectedStreamID = expectedStreamID
        self.maximumMessageByteCount = maximumMessageByteCount
        self.assembler = assembler
        opener = nil
    }

    /// Whether the header of the other side has come.
    public var hasHeader: Bool { opener != nil }

    /// How much memory is held for a frame, and whether the frame is not complete.
    public mutating func takeStock() -> (heldByteCount: Int, isPartial: Bool) {
        (assembler.heldByteCount, assembler.isPartial)
    }

    /// Gives the memory back that is held for the next frame.
    public mutating func release() { assembler.release() }

    /// Decrypts a chunk and adds the messages in it to a batch; empty messages are dropped.
    ///
    /// What came before the first bad frame is in the batch. After an error nothing is read.
    public mutating func decrypt(
        _ chunk: UnsafeRawBufferPointer, into batch: inout MessageBatch
    ) throws(SecretStreamError) {
        guard !isFailed else { throw .closed }
        do throws(SecretStreamError) {
            var input = chunk
            while try decryptNext(from: &input, into: &batch) {}
        } catch {
            isFailed = true
            throw error
        }
    }

    private mutating func decryptNext(
        from input: inout UnsafeRawBufferPointer, into batch: inout MessageBatch
    ) throws(SecretStreamError) -> Bool {
        guard opener != nil else { return try readHeader(from: &input) }
        let maximum = maximumMessageByteCount
        let frame = try assembler.next(from: &input) { (byteCount) throws(SecretStreamError) in
            guard byteCount >= StreamSealer.overheadByteCount else { throw .frameTooShort }
            guard byteCount - StreamSealer.overheadByteCount <= maximum else {
                throw .messageTooLarge
            }
        }
        guard let frame else { return false }
        let messageByteCount = frame.count - StreamSealer.overheadByteCount
        if messageByteCount == 0 {
            try open(frame, into: UnsafeMutableRawBufferPointer(start: nil, count: 0))
        } else {
            try batch.append(byteCount: messageByteCount) { (output) throws(SecretStreamError) in
                try open(frame, into: output)
            }
        }
        return true
    }

    private mutating func open(
        _ frame: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer
    ) throws(SecretStreamError) {
        guard opener?.open(frame, into: output) == true else { throw .authentication }
    }

    private mutating func readHeader(
        from input: inout UnsafeRawBufferPointer
    ) throws(SecretStreamError) -> Bool {
        let frame = try assembler.next(from: &input) { (byteCount) throws(SecretStreamError) in
            guard byteCount == SecretStreamLimits.headerByteCount else { throw .headerLength }
        }
        guard let frame else { return false }
        let id = Digest(UnsafeRawBufferPointer(rebasing: frame[..<Digest.byteCount]))
        guard id?.isEqualInConstantTime(to: expectedStreamID) == true,
            let header = StreamHeader(UnsafeRawBufferPointer(rebasing: frame[Digest.byteCount...]))
        else { throw .wrongStreamID }
        opener = StreamOpener(key: key, header: header)
        return true
    }
}
