import Cryptography
import SecretStream
import TestSupport
import Testing

/// All tables of secret-stream.json.
@Suite struct SecretStreamVectorTests {
    private let vectors: Vector

    init() throws { vectors = try Vectors.load("secret-stream.json") }

    @Test func `keys are agreed on the curve of the signatures`() throws {
        for item in vectors.dh.items {
            let (a, b) = (KeyPair(seed: item.seedA.hex), KeyPair(seed: item.seedB.hex))
            #expect(a.publicKey.bytes == item.publicA.hex)
            #expect(b.publicKey.bytes == item.publicB.hex)
            let first = try #require(a.sharedSecret(with: b.publicKey))
            let second = try #require(b.sharedSecret(with: a.publicKey))
            #expect(first.withUnsafeBytes { Array($0) } == item.shared.hex)
            #expect(second.withUnsafeBytes { Array($0) } == item.shared.hex)
        }
    }

    @Test func `keys are derived with HMAC over BLAKE2b`() {
        for item in vectors.hkdf.items {
            let chainingKey = item.chainingKey.hex.withUnsafeBytes { SecretBytes(copying: $0) }
            let (first, second) = item.input.hex.withUnsafeBytes {
                KeyDerivation.derive(chainingKey: chainingKey, input: $0)
            }
            #expect(first.withUnsafeBytes { Array($0) } == item.out1.hex)
            #expect(second.withUnsafeBytes { Array($0) } == item.out2.hex)
        }
    }

    @Test func `every step of the symmetric state is as recorded`() throws {
        for session in vectors.sessions.items {
            var state = SymmetricState()
            #expect(SymmetricState.protocolName == session["init"].protocolName.text)
            #expect(state.chainingKey.withUnsafeBytes { Array($0) } == session["init"].ck.hex)
            state.mixHash(UnsafeRawBufferPointer(start: nil, count: 0))
            #expect(state.hash.bytes == session["init"]["h_after_prologue"].hex)
            for step in session.traceInitiator.items {
                try perform(step, on: &state)
            }
        }
    }

    private func perform(_ step: Vector, on state: inout SymmetricState) throws {
        switch step.op.text {
        case "mixHash":
            step.data.hex.withUnsafeBytes { state.mixHash($0) }
        case "mixKey":
            state.mixKey(step.dh.hex.withUnsafeBytes { SecretBytes(copying: $0) })
            #expect(state.chainingKey.withUnsafeBytes { Array($0) } == step.ck.hex)
            let key = try #require(state.key)
            #expect(key.withUnsafeBytes { Array($0) } == step.k.hex)
        case "encryptAndHash":
            expectCipher(of: state, toBe: step)
            #expect(step["in"].hex.withUnsafeBytes { state.encryptAndHash($0) } == step.out.hex)
        case "decryptAndHash":
            expectCipher(of: state, toBe: step)
            let output = try step["in"].hex.withUnsafeBytes { try state.decryptAndHash($0) }
            #expect(output == step.out.hex)
        case "split":
            let (first, second) = state.split()
            #expect(first.withUnsafeBytes { Array($0) } == step.k1.hex)
            #expect(second.withUnsafeBytes { Array($0) } == step.k2.hex)
        case let op:
            Issue.record("unknown step \(op)")
        }
        if !step.h.isNull { #expect(state.hash.bytes == step.h.hex) }
    }

    private func expectCipher(of state: SymmetricState, toBe step: Vector) {
        #expect((state.key != nil) == step.encrypted.bool)
        if let counter = step.nonce.uint64 { #expect(state.counter == counter) }
    }

    @Test func `handshakes end with the recorded keys`() throws {
        for session in vectors.sessions.items {
            let seeds = try seeds(of: session)
            let keys = try seeds.keys()
            #expect(keys.hash.bytes == session.handshakeHash.hex)
            #expect(keys.messages == session.handshake.items.map(\.noise.hex))
            #expect(keys.initiator.send.withUnsafeBytes { Array($0) } == session.initiatorTx.hex)
            #expect(keys.initiator.receive.withUnsafeBytes { Array($0) } == session.initiatorRx.hex)
            #expect(keys.responder.send.withUnsafeBytes { Array($0) } == session.responderTx.hex)
            #expect(keys.responder.receive.withUnsafeBytes { Array($0) } == session.responderRx.hex)
        }
    }

    @Test func `whole sessions are as recorded`() throws {
        for session in vectors.sessions.items {
            var world = try World.started(seeds: try seeds(of: session))
            try expectHandshake(session, in: &world)
            for message in session.messages.items { try expect(message, in: &world) }
        }
    }

    private func expectHandshake(_ session: Vector, in world: inout World) throws {
        let frames = session.handshake.items.map(\.frame.hex)
        #expect(
            session.handshake.items.map(\.from.text) == ["initiator", "responder", "initiator"])
        let headers = session.headers.items
        func header(_ name: String) throws -> Vector {
            try #require(headers.first { $0.from.string == name })
        }
        let initiatorHeader = try header("initiator").frame.hex
        let responderHeader = try header("responder").frame.hex
        for header in headers {
            #expect(
                [56, 0, 0] + header.streamId.hex + header.secretstreamHeader.hex == header.frame.hex
            )
        }

        #expect(world.fromInitiator == frames[0])
        #expect(try world.responder.take(world.fromInitiator, answer: &world.fromResponder) == [])
        #expect(world.fromResponder == frames[1])
        var sent = world.fromInitiator
        world.fromInitiator = []
        #expect(try world.initiator.take(world.fromResponder, answer: &world.fromInitiator) == [])
        #expect(world.fromInitiator == frames[2] + initiatorHeader)
        sent += world.fromInitiator
        #expect(sent == session.firstRawBytesInitiator.hex)
        sent = world.fromResponder
        world.fromResponder = []
        #expect(try world.responder.take(world.fromInitiator, answer: &world.fromResponder) == [])
        #expect(world.fromResponder == responderHeader)
        sent += world.fromResponder
        #expect(sent == session.firstRawBytesResponder.hex)
        world.fromInitiator = []
        #expect(try world.initiator.take(world.fromResponder, answer: &world.fromInitiator) == [])
        #expect(world.fromInitiator.isEmpty)

        #expect(world.initiator.handshakeHash?.bytes == session.handshakeHash.hex)
        #expect(world.responder.handshakeHash?.bytes == session.handshakeHash.hex)
        #expect(world.initiator.remotePublicKey?.bytes == session.responder.staticPublicKey.hex)
        #expect(world.responder.remotePublicKey?.bytes == session.initiator.staticPublicKey.hex)
    }

    private func expect(_ message: Vector, in world: inout World) throws {
        let plaintext = content(of: message)
        let frame: [UInt8]
        let received: [[UInt8]]
        var answer: [UInt8] = []
        if message.from.text == "initiator" {
            frame = try world.initiator.frame(of: plaintext)
            received = try world.responder.take(frame, answer: &answer)
        } else {
            frame = try world.responder.frame(of: plaintext)
            received = try world.initiator.take(frame, answer: &answer)
        }
        if let bytes = message.frame.bytes { #expect(frame == bytes) }
        if !message.frameHash.isNull {
            #expect(Digest.hash(of: frame).bytes == message.frameHash.hex)
        }
        if let count = message.frameLength.uint64 { #expect(UInt64(frame.count) == count) }
        if let start = message.frameFirst64.bytes { #expect(Array(frame.prefix(64)) == start) }
        #expect(received == (plaintext.isEmpty ? [] : [plaintext]))
        #expect(answer.isEmpty)
    }

    private func content(of message: Vector) -> [UInt8] {
        let repeated = message.plaintextRepeat
        guard repeated.isNull else {
            return [UInt8](repeating: UInt8(repeated.byte.int), count: Int(repeated.count.int))
        }
        return message.plaintext.hex
    }

    private func seeds(of session: Vector) throws -> Seeds {
        let seeds = Seeds(
            initiatorStatic: KeyPair(seed: session.initiator.staticSeed.hex),
            initiatorEphemeral: KeyPair(seed: session.initiator.ephemeralSeed.hex),
            responderStatic: KeyPair(seed: session.responder.staticSeed.hex),
            responderEphemeral: KeyPair(seed: session.responder.ephemeralSeed.hex))
        let initiator = session.initiator
        let responder = session.responder
        #expect(seeds.initiatorStatic.publicKey.bytes == initiator.staticPublicKey.hex)
        #expect(seeds.initiatorEphemeral.publicKey.bytes == initiator.ephemeralPublicKey.hex)
        #expect(seeds.responderStatic.publicKey.bytes == responder.staticPublicKey.hex)
        #expect(seeds.responderEphemeral.publicKey.bytes == responder.ephemeralPublicKey.hex)
        return seeds
    }

    @Test func `what must be refused is refused`() throws {
        for item in vectors.negative.items {
            let seeds = Seeds(
                initiatorStatic: KeyPair(seed: item.seeds.initiatorStatic.hex),
                initiatorEphemeral: KeyPair(seed: item.seeds.initiatorEphemeral.hex),
                responderStatic: KeyPair(seed: item.seeds.responderStatic.hex),
                responderEphemeral: KeyPair(seed: item.seeds.responderEphemeral.hex))
            let isInitiator = item.victim.text == "initiator"
            let randomness = try seeds.randomness()
            var victim = EncryptedStream(
                role: isInitiator ? .initiator : .responder,
                keyPair: isInitiator ? seeds.initiatorStatic : seeds.responderStatic,
                randomness: isInitiator ? randomness.initiator : randomness.responder, now: .zero)
            var failure: SecretStreamError?
            do throws(SecretStreamError) {
                var output: [UInt8] = []
                try victim.start(into: &output)
                for chunk in item.bytesToVictim.items {
                    _ = try victim.take(chunk.hex, answer: &output)
                }
            } catch {
                failure = error
            }
            #expect((failure != nil) == item.mustFail.bool, "\(item.note.text): \(failure as Any)")
        }
    }
}
