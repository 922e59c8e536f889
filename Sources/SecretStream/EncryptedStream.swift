public import Cryptography

/// One end of an encrypted stream: bytes of the transport in and out, messages in and out.
///
/// It does no I/O, reads no clock and makes no random bytes. It can be used as a whole on one
/// thread; or once it is open, its two halves can be taken out and go to threads of their own.
/// See docs/formats/secret-stream.md.
public struct EncryptedStream: ~Copyable, Sendable {
    /// Which end this is.
    public let role: Role

    /// The key of the other side, proven when the stream is open.
    public private(set) var remotePublicKey: PublicKey?

    /// The value that only the two ends of this very connection share, known when it is open.
    public private(set) var handshakeHash: Digest64?

    /// Dropped when complete, and its secrets are wiped with it.
    private var noise: NoiseHandshake?
    private let header: StreamHeader
    private let maximumMessageByteCount: Int
    private let handshakeDeadline: Duration
    private var keepAlive: KeepAlive
    private var isStarted = false
    private var isFailed = false
    private var assembler: FrameAssembler? = FrameAssembler()
    private var encryptor: FrameEncryptor?
    private var decryptor: FrameDecryptor?

    /// An end that has neither sent nor received anything.
    public init(
        role: Role, keyPair: KeyPair, randomness: HandshakeRandomness, now: Duration,
        handshakeTimeout: Duration = SecretStreamLimits.handshakeTimeout,
        keepAliveInterval: Duration = SecretStreamLimits.keepAliveInterval,
        maximumMessageByteCount: Int = SecretStreamLimits.maximumMessageByteCount
    ) {
        self.role = role
        self.maximumMessageByteCount = maximumMessageByteCount
        header = randomness.header
        noise = NoiseHandshake(role: role, keyPair: keyPair, ephemeral: randomness.ephemeral)
        handshakeDeadline = now + handshakeTimeout
        keepAlive = KeepAlive(at: now, interval: keepAliveInterval)
    }

    /// Whether the handshake is complete and messages can be sent.
    public var isOpen: Bool { handshakeHash != nil }

    /// Appends what this end says first; to be called once, before anything else.
    public mutating func start(into output: inout [UInt8]) throws(SecretStreamError) {
        precondition(!isStarted, "A stream starts once")
        isStarted = true
        if role == .initiator { try speak(into: &output) }
    }

    /// Takes a chunk of the transport, appends what is to be answered, and adds the messages in it.
    ///
    /// After an error the connection is to be closed without a word.
    public mutating func receive(
        _ chunk: UnsafeRawBufferPointer, into messages: inout MessageBatch,
        answer output: inout [UInt8]
    ) throws(SecretStreamError) {
        precondition(isStarted, "A stream starts before it receives")
        guard !isFailed else { throw .closed }
        do throws(SecretStreamError) {
            var input = chunk
            while !isOpen {
                guard try readHandshake(from: &input, answer: &output) else { return }
            }
            precondition(decryptor != nil, "The receiving half was taken")
            try decryptor?.decrypt(input, into: &messages)
        } catch {
            isFailed = true
            throw error
        }
    }

    /// Appends the frame of a message; the stream must be open.
    public mutating func send(
        _ message: UnsafeRawBufferPointer, into output: inout [UInt8], now: Duration
    ) throws(SecretStreamError) {
        guard !isFailed else { throw .closed }
        precondition(encryptor != nil, "The stream is not open or its sending half was taken")
        try encryptor?.encrypt(message, into: &output)
        keepAlive.noteWrite(at: now)
    }

    /// The moment at which `tick` has something to do if nothing else happens before.
    public var deadline: Duration? {
        if !isOpen { return handshakeDeadline }
        switch encryptor {
        case .some: return keepAlive.deadline
        case .none: return nil
        }
    }

    /// Sends an empty message after a silence, and gives up a handshake that takes too long.
    public mutating func tick(
        now: Duration, into output: inout [UInt8]
    ) throws(SecretStreamError) {
        guard !isFailed else { throw .closed }
        guard isOpen else {
            guard now >= handshakeDeadline else { return }
            isFailed = true
            throw .handshakeTimeout
        }
        guard keepAlive.isDue(at: now) else { return }
        encryptor?.encryptKeepAlive(into: &output)
        keepAlive.noteWrite(at: now)
    }

    /// Takes the sending half out, once the stream is open.
    public mutating func takeEncryptor() -> FrameEncryptor {
        guard let encryptor = encryptor.take() else {
            preconditionFailure("The stream is not open or its sending half was taken")
        }
        return encryptor
    }

    /// Takes the receiving half out, once the stream is open.
    public mutating func takeDecryptor() -> FrameDecryptor {
        guard let decryptor = decryptor.take() else {
            preconditionFailure("The stream is not open or its receiving half was taken")
        }
        return decryptor
    }
}

extension EncryptedStream {
    /// Reads one message of the handshake and answers it; false if none is complete.
    private mutating func readHandshake(
        from input: inout UnsafeRawBufferPointer, answer output: inout [UInt8]
    ) throws(SecretStreamError) -> Bool {
        // A side that is to speak has spoken, so the next message is the other's.
        guard let messageCount = noise?.messageCount else { return false }
        let expected = SecretStreamLimits.handshakeByteCounts[messageCount]
        let frame = try assembler?.next(from: &input) { (byteCount) throws(SecretStreamError) in
            guard byteCount == expected else { throw .noise(.messageLength) }
        }
        guard let frame else { return false }
        do throws(NoiseError) {
            try noise?.read(frame)
        } catch {
            throw .noise(error)
        }
        if noise?.isWriting == true { try speak(into: &output) }
        if noise?.isComplete == true { open(into: &output) }
        return true
    }

    private mutating func speak(into output: inout [UInt8]) throws(SecretStreamError) {
        do throws(NoiseError) {
            let message = try noise?.write() ?? []
            output.appendFrameLength(message.count)
            output += message
        } catch {
            throw .noise(error)
        }
    }

    /// Makes the two halves and sends the header, without waiting for the other's.
    private mutating func open(into output: inout [UInt8]) {
        guard let noise = noise.take(), let assembler = assembler.take() else { return }
        let keys = noise.split()
        let hash = noise.hash
        remotePublicKey = noise.remotePublicKey
        handshakeHash = hash
        let ownID = StreamID.make(handshakeHash: hash, isInitiator: role == .initiator)
        output.appendFrameLength(SecretStreamLimits.headerByteCount)
        output += ownID.bytes
        output += header.bytes
        encryptor = FrameEncryptor(key: keys.send, header: header)
        decryptor = FrameDecryptor(
            key: keys.receive,
            expectedStreamID: StreamID.make(
                handshakeHash: hash, isInitiator: role != .initiator),
            maximumMessageByteCount: maximumMessageByteCount, assembler: assembler)
    }
}
