import Cryptography
import SecretStream
import Testing

@Suite struct NoiseHandshakeTests {
    private let seeds = Seeds()

    private func ends() -> (initiator: NoiseHandshake, responder: NoiseHandshake) {
        (
            NoiseHandshake(
                role: .initiator, keyPair: seeds.initiatorStatic,
                ephemeral: seeds.initiatorEphemeral),
            NoiseHandshake(
                role: .responder, keyPair: seeds.responderStatic,
                ephemeral: seeds.responderEphemeral)
        )
    }

    private func read(
        _ message: [UInt8], with handshake: inout NoiseHandshake
    ) throws(NoiseError) {
        try message.withUnsafeBufferPointer { (message) throws(NoiseError) in
            try handshake.read(UnsafeRawBufferPointer(message))
        }
    }

    @Test func `messages out of turn are refused`() throws {
        var (initiator, responder) = ends()
        #expect(initiator.isWriting && !responder.isWriting)
        #expect(throws: NoiseError.order) { try responder.write() }
        let first = try initiator.write()
        #expect(throws: NoiseError.order) { try initiator.write() }
        try read(first, with: &responder)
        #expect(throws: NoiseError.order) { try read(first, with: &responder) }
    }

    @Test func `messages of another size are refused`() throws {
        var (initiator, responder) = ends()
        let first = try initiator.write()
        for count in [0, 31, 33, 96] {
            let message = Array((first + [UInt8](repeating: 0, count: 64)).prefix(count))
            #expect(throws: NoiseError.messageLength) { try read(message, with: &responder) }
        }
        try read(first, with: &responder)
        let second = try responder.write()
        #expect(throws: NoiseError.messageLength) {
            try read(second.dropLast(), with: &initiator)
        }
    }

    @Test func `ephemeral keys that share nothing are refused`() throws {
        for byte: UInt8 in [0, 1, 255] {
            var (_, responder) = ends()
            var message = [UInt8](repeating: byte == 255 ? 255 : 0, count: 32)
            message[0] = byte
            try read(message, with: &responder)
            #expect(throws: NoiseError.keyAgreement) { try responder.write() }
        }
    }

    @Test func `a reflected message opens nothing`() throws {
        var (initiator, _) = ends()
        let first = try initiator.write()
        let reflected = first + [UInt8](repeating: 0, count: 64)
        #expect(throws: NoiseError.authentication) { try read(reflected, with: &initiator) }
    }
}
