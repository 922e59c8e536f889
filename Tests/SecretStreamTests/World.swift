import Cryptography
import SecretStream
import Testing

/// Two ends whose bytes a test carries to and fro.
struct World: ~Copyable {
    var initiator: EncryptedStream
    var responder: EncryptedStream
    /// What each end wrote and the other has not read.
    var fromInitiator: [UInt8] = []
    var fromResponder: [UInt8] = []

    /// Two ends of which the initiator has said its first message.
    static func started(seeds: Seeds? = nil) throws -> World {
        let randomness = try seeds?.randomness() ?? Seeds.standardRandomness.get()
        var world = World(seeds: seeds ?? .standard, randomness: randomness)
        try world.initiator.start(into: &world.fromInitiator)
        try world.responder.start(into: &world.fromResponder)
        return world
    }

    private init(seeds: Seeds, randomness: Seeds.Randomness) {
        initiator = EncryptedStream(
            role: .initiator, keyPair: seeds.initiatorStatic, randomness: randomness.initiator,
            now: .zero)
        responder = EncryptedStream(
            role: .responder, keyPair: seeds.responderStatic, randomness: randomness.responder,
            now: .zero)
    }

    /// Carries everything until both ends have nothing more to say.
    mutating func carry() throws -> (toInitiator: [[UInt8]], toResponder: [[UInt8]]) {
        var (toInitiator, toResponder): ([[UInt8]], [[UInt8]]) = ([], [])
        while !fromInitiator.isEmpty || !fromResponder.isEmpty {
            toResponder += try responder.take(fromInitiator, answer: &fromResponder)
            fromInitiator = []
            toInitiator += try initiator.take(fromResponder, answer: &fromInitiator)
            fromResponder = []
        }
        return (toInitiator, toResponder)
    }
}

/// The four keys of a session.
struct Seeds: Sendable {
    var initiatorStatic = KeyPair(seed: [UInt8](repeating: 1, count: 32))
    var initiatorEphemeral = KeyPair(seed: [UInt8](repeating: 2, count: 32))
    var responderStatic = KeyPair(seed: [UInt8](repeating: 3, count: 32))
    var responderEphemeral = KeyPair(seed: [UInt8](repeating: 4, count: 32))

    static let standard = Seeds()
    static let standardRandomness = Result { try standard.randomness() }

    struct Keys {
        let initiator: (send: SecretBytes, receive: SecretBytes)
        let responder: (send: SecretBytes, receive: SecretBytes)
        let hash: Digest64
        let messages: [[UInt8]]
    }

    /// The keys that a handshake with these seeds ends with.
    func keys() throws -> Keys {
        var initiator = NoiseHandshake(
            role: .initiator, keyPair: initiatorStatic, ephemeral: initiatorEphemeral)
        var responder = NoiseHandshake(
            role: .responder, keyPair: responderStatic, ephemeral: responderEphemeral)
        let first = try initiator.write()
        try first.withUnsafeBytes { try responder.read($0) }
        let second = try responder.write()
        try second.withUnsafeBytes { try initiator.read($0) }
        let third = try initiator.write()
        try third.withUnsafeBytes { try responder.read($0) }
        #expect(initiator.hash == responder.hash)
        #expect(initiator.remotePublicKey == responderStatic.publicKey)
        #expect(responder.remotePublicKey == initiatorStatic.publicKey)
        return Keys(
            initiator: initiator.split(), responder: responder.split(), hash: initiator.hash,
            messages: [first, second, third])
    }

    /// The randomness of the vectors: a header is the hash of the key that it is used with.
    func randomness() throws -> Randomness {
        let keys = try keys()
        return Randomness(
            initiator: HandshakeRandomness(
                ephemeral: initiatorEphemeral, header: try header(for: keys.initiator.send)),
            responder: HandshakeRandomness(
                ephemeral: responderEphemeral, header: try header(for: keys.responder.send)))
    }

    struct Randomness: Sendable {
        let initiator: HandshakeRandomness
        let responder: HandshakeRandomness
    }

    private func header(for key: SecretBytes) throws -> StreamHeader {
        var hasher = BLAKE2bHasher(outputByteCount: StreamHeader.byteCount)
        hasher.update(utf8: "header")
        key.withUnsafeBytes { hasher.update($0) }
        return try #require(StreamHeader(hasher.finalizeBytes()))
    }
}

extension EncryptedStream {
    /// Receives a chunk and gives the messages in it.
    mutating func take(
        _ chunk: [UInt8], answer output: inout [UInt8]
    ) throws(SecretStreamError) -> [[UInt8]] {
        var batch = MessageBatch()
        try chunk.withUnsafeBufferPointer { (chunk) throws(SecretStreamError) in
            try receive(UnsafeRawBufferPointer(chunk), into: &batch, answer: &output)
        }
        return batch.all
    }

    /// Sends a message and gives its frame.
    mutating func frame(
        of message: [UInt8], now: Duration = .zero
    ) throws(SecretStreamError) -> [UInt8] {
        var output: [UInt8] = []
        try message.withUnsafeBufferPointer { (message) throws(SecretStreamError) in
            try send(UnsafeRawBufferPointer(message), into: &output, now: now)
        }
        return output
    }
}

extension FrameDecryptor {
    mutating func take(_ chunk: [UInt8]) throws(SecretStreamError) -> [[UInt8]] {
        var batch = MessageBatch()
        try chunk.withUnsafeBufferPointer { (chunk) throws(SecretStreamError) in
            try decrypt(UnsafeRawBufferPointer(chunk), into: &batch)
        }
        return batch.all
    }
}

extension MessageBatch {
    var all: [[UInt8]] {
        var messages: [[UInt8]] = []
        forEach { messages.append(Array($0)) }
        return messages
    }
}
