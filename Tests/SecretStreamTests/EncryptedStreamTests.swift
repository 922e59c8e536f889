import Cryptography
import SecretStream
import Testing

@Suite struct EncryptedStreamTests {
    @Test func `two ends open, know each other and talk`() throws {
        var world = try World.started()
        #expect(!world.initiator.isOpen && !world.responder.isOpen)
        #expect(try world.carry() == ([], []))
        #expect(world.initiator.isOpen && world.responder.isOpen)
        #expect(world.initiator.handshakeHash == world.responder.handshakeHash)
        #expect(world.initiator.remotePublicKey == Seeds.standard.responderStatic.publicKey)
        #expect(world.responder.remotePublicKey == Seeds.standard.initiatorStatic.publicKey)

        world.fromInitiator += try world.initiator.frame(of: [1])
        world.fromInitiator += try world.initiator.frame(of: [2, 2])
        world.fromResponder += try world.responder.frame(of: [3])
        #expect(try world.carry() == ([[3]], [[1], [2, 2]]))
    }

    @Test(arguments: [1, 2, 3, 7, 64, 1000])
    func `chunk borders mean nothing`(chunkByteCount: Int) throws {
        var world = try World.started()
        let messages = (0..<20).map { [UInt8](repeating: UInt8($0), count: 1 + $0 * $0) }
        var received: [[UInt8]] = []
        var isSent = false
        for _ in 0..<8 {
            let toResponder = world.fromInitiator
            world.fromInitiator = []
            for chunk in chunks(of: toResponder, chunkByteCount) {
                received += try world.responder.take(chunk, answer: &world.fromResponder)
            }
            let toInitiator = world.fromResponder
            world.fromResponder = []
            for chunk in chunks(of: toInitiator, chunkByteCount) {
                _ = try world.initiator.take(chunk, answer: &world.fromInitiator)
            }
            // Data goes right behind the third message, before the header of the other side.
            guard world.initiator.isOpen, !isSent else { continue }
            isSent = true
            for message in messages {
                world.fromInitiator += try world.initiator.frame(of: message)
            }
        }
        #expect(received == messages)
    }

    private func chunks(of bytes: [UInt8], _ byteCount: Int) -> [[UInt8]] {
        stride(from: 0, to: bytes.count, by: byteCount).map {
            Array(bytes[$0..<min($0 + byteCount, bytes.count)])
        }
    }

    @Test func `messages that come with the handshake are delivered with it`() throws {
        var world = try World.started()
        _ = try world.responder.take(world.fromInitiator, answer: &world.fromResponder)
        world.fromInitiator = []
        _ = try world.initiator.take(world.fromResponder, answer: &world.fromInitiator)
        world.fromResponder = []
        world.fromInitiator += try world.initiator.frame(of: [7, 7])
        #expect(
            try world.responder.take(world.fromInitiator, answer: &world.fromResponder) == [[7, 7]])
        #expect(world.fromResponder.count == 59, "the header and nothing else")
    }

    @Test func `every damaged byte is noticed or nothing comes of it`() throws {
        let recorded = try conversation()
        for position in recorded.toResponder.indices {
            for change: UInt8 in [1, 0x80, 0xff] {
                var damaged = recorded.toResponder
                damaged[position] ^= change
                try expectRefusal(of: damaged, as: .responder)
            }
        }
        for position in recorded.toInitiator.indices {
            var damaged = recorded.toInitiator
            damaged[position] ^= 1
            try expectRefusal(of: damaged, as: .initiator)
        }
    }

    @Test func `a stream that ends anywhere gives only whole messages`() throws {
        let recorded = try conversation()
        for count in 0...recorded.toResponder.count {
            var world = try World.started()
            let part = Array(recorded.toResponder[..<count])
            let messages = try world.responder.take(part, answer: &world.fromResponder)
            #expect([[UInt8]]([[1, 2, 3], [4, 5]]).starts(with: messages))
        }
    }

    @Test(arguments: 0..<UInt64(50))
    func `random bytes are refused`(seed: UInt64) throws {
        let source = Randomness.seeded(seed)
        let bytes = source.bytes(count: Int(seed) * 11)
        for role in [Role.initiator, .responder] {
            try expectRefusal(of: bytes, as: role)
            // The right length, so that what is behind it is read.
            let length: UInt8 = role == .initiator ? 96 : 32
            try expectRefusal(of: [length, 0, 0] + bytes, as: role)
        }
    }

    private func conversation() throws -> (toInitiator: [UInt8], toResponder: [UInt8]) {
        var world = try World.started()
        var toResponder = world.fromInitiator
        _ = try world.responder.take(world.fromInitiator, answer: &world.fromResponder)
        world.fromInitiator = []
        var toInitiator = world.fromResponder
        _ = try world.initiator.take(world.fromResponder, answer: &world.fromInitiator)
        world.fromResponder = []
        world.fromInitiator += try world.initiator.frame(of: [1, 2, 3])
        world.fromInitiator += try world.initiator.frame(of: [4, 5])
        toResponder += world.fromInitiator
        _ = try world.responder.take(world.fromInitiator, answer: &world.fromResponder)
        world.fromResponder += try world.responder.frame(of: [6])
        toInitiator += world.fromResponder
        return (toInitiator, toResponder)
    }

    /// A wrong length may leave the stream waiting; a wrong message must never come out of it.
    private func expectRefusal(of bytes: [UInt8], as role: Role) throws {
        var world = try World.started()
        var batch = MessageBatch()
        do throws(SecretStreamError) {
            try receive(bytes, as: role, in: &world, into: &batch)
        } catch {
            #expect(error != .closed)
            #expect(throws: SecretStreamError.closed) {
                try receive(bytes, as: role, in: &world, into: &batch)
            }
        }
        // The last message is damaged at least, unless an earlier one is.
        let whole: [[UInt8]] = role == .initiator ? [] : [[1, 2, 3]]
        #expect(whole.starts(with: batch.all))
    }

    private func receive(
        _ bytes: [UInt8], as role: Role, in world: inout World, into batch: inout MessageBatch
    ) throws(SecretStreamError) {
        try bytes.withUnsafeBufferPointer { (bytes) throws(SecretStreamError) in
            var output: [UInt8] = []
            let chunk = UnsafeRawBufferPointer(bytes)
            switch role {
            case .initiator:
                try world.initiator.receive(chunk, into: &batch, answer: &output)
            case .responder:
                try world.responder.receive(chunk, into: &batch, answer: &output)
            }
        }
    }
}
