import Cryptography
import SecretStream
import Synchronization

/// The receiving side of a connection: greeting, handshake, then decryption.
///
/// Bytes go in; bytes to answer with, the news that the connection is established, and messages
/// come out. It runs where the bytes arrive; what it has established goes to the lane.
struct Intake: ~Copyable, Sendable {
    private enum Phase { case greeting, handshake, open, failed }

    private let keyPair: KeyPair
    private let randomness: HandshakeRandomness
    private var phase: Phase
    private var preamble: Preamble?
    private var stream: EncryptedStream?
    private var decryptor: FrameDecryptor?
    private var outgoing: [UInt8] = []
    private var established: Established?
    private var batch = MessageBatch()
    private var counter = FrameCounter()
    private var frameCount = 0

    init(role: ReplicationRole, keyPair: KeyPair, randomness: Randomness) {
        self.keyPair = keyPair
        self.randomness = HandshakeRandomness(from: randomness)
        switch role {
        case .negotiated:
            let preamble = Preamble(number: randomness.bytes(count: Preamble.numberByteCount))
            outgoing = preamble.greeting
            self.preamble = preamble
            phase = .greeting
        case .initiator, .responder:
            phase = .handshake
            try? begin(role == .initiator ? .initiator : .responder)
        }
    }

    /// Bytes to be sent, in front of everything that the lane sends.
    mutating func takeOutgoing() -> [UInt8] {
        defer { outgoing = [] }
        return outgoing
    }

    /// What was agreed, once.
    mutating func takeEstablished() -> Established? { established.take() }

    /// The messages that have come.
    mutating func takeBatch() -> MessageBatch {
        defer { batch = MessageBatch() }
        return batch
    }

    /// How many frames have become complete, those without content included.
    mutating func takeFrameCount() -> Int {
        defer { frameCount = 0 }
        return frameCount
    }

    /// How much memory is held for a frame, and whether it is not complete.
    mutating func takeStock() -> (heldByteCount: Int, isPartial: Bool) {
        decryptor?.takeStock() ?? (0, false)
    }

    /// Gives the memory back that is held for the next frame.
    mutating func release() { decryptor?.release() }

    /// What it means when the far end leaves; `nil` once the connection is established.
    var hangUpError: SyncError? {
        switch phase {
        case .greeting: preamble?.hangUpError ?? .hungUp
        case .handshake: .hungUp
        case .open, .failed: nil
        }
    }

    /// Takes a chunk; after an error nothing more is to be handed in.
    mutating func receive(_ bytes: UnsafeRawBufferPointer) throws(SyncError) {
        var rest = bytes
        do throws(SyncError) {
            if phase == .greeting, try !greet(&rest) { return }
            frameCount += counter.take(rest)
            if phase == .handshake {
                try shakeHands(rest)
            } else if phase == .open {
                try decrypt(rest)
            }
        } catch {
            phase = .failed
            throw error
        }
    }

    private mutating func greet(_ bytes: inout UnsafeRawBufferPointer) throws(SyncError) -> Bool {
        guard let outcome = try preamble?.receive(bytes) else { return false }
        preamble = nil
        phase = .handshake
        bytes = UnsafeRawBufferPointer(rebasing: bytes[outcome.consumedByteCount...])
        try begin(outcome.isInitiator ? .initiator : .responder)
        return true
    }

    private mutating func begin(_ role: Role) throws(SyncError) {
        var stream = EncryptedStream(
            role: role, keyPair: keyPair, randomness: randomness, now: .zero)
        do throws(SecretStreamError) {
            try stream.start(into: &outgoing)
        } catch {
            throw SyncError(.handshakeFailed, "The handshake failed.", cause: error)
        }
        self.stream = consume stream
    }

    private mutating func shakeHands(_ bytes: UnsafeRawBufferPointer) throws(SyncError) {
        guard var stream = stream.take() else { return }
        var problem: SecretStreamError?
        do throws(SecretStreamError) {
            try stream.receive(bytes, into: &batch, answer: &outgoing)
        } catch {
            problem = error
        }
        guard stream.isOpen, let hash = stream.handshakeHash, let key = stream.remotePublicKey
        else {
            self.stream = consume stream
            if let problem { throw Self.handshakeError(problem) }
            return
        }
        if key == keyPair.publicKey { throw .ourselves }
        established = Established(
            remoteKey: key, handshakeHash: hash, isInitiator: stream.role == .initiator,
            encryptor: stream.takeEncryptor())
        decryptor = stream.takeDecryptor()
        phase = .open
        if let problem { throw .violation("encrypted stream", cause: problem) }
    }

    private mutating func decrypt(_ bytes: UnsafeRawBufferPointer) throws(SyncError) {
        do throws(SecretStreamError) {
            try decryptor?.decrypt(bytes, into: &batch)
        } catch {
            throw .violation("encrypted stream", cause: error)
        }
    }

    private static func handshakeError(_ error: SecretStreamError) -> SyncError {
        if error == .noise(.messageLength) { return .notMdrive }
        return SyncError(.handshakeFailed, "The encrypted handshake failed.", cause: error)
    }
}

/// What a handshake has agreed on, and the sending half of the stream for the lane.
final class Established: Sendable {
    let remoteKey: PublicKey
    let handshakeHash: Digest64
    let isInitiator: Bool
    private let encryptor: Mutex<FrameEncryptor?>

    init(
        remoteKey: PublicKey, handshakeHash: Digest64, isInitiator: Bool,
        encryptor: consuming sending FrameEncryptor
    ) {
        self.remoteKey = remoteKey
        self.handshakeHash = handshakeHash
        self.isInitiator = isInitiator
        self.encryptor = Mutex(encryptor)
    }

    /// The sending half, once.
    func takeEncryptor() -> FrameEncryptor? { encryptor.withLock { $0.take() } }
}
