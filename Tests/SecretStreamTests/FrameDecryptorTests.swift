import Cryptography
import SecretStream
import Testing

@Suite struct FrameDecryptorTests {
    private func open() throws -> World {
        var world = try World.started()
        _ = try world.carry()
        return world
    }

    private func expect(_ decryptor: borrowing FrameDecryptor, hasHeader: Bool) {
        let isKnown = decryptor.hasHeader
        #expect(isKnown == hasHeader)
    }

    @Test func `the halves go on where the stream was`() throws {
        var world = try open()
        let before = try world.initiator.frame(of: [1])
        var encryptor = world.initiator.takeEncryptor()
        var decryptor = world.responder.takeDecryptor()
        var output = before
        try encryptor.encrypt([2], into: &output)
        try encryptor.encrypt(into: &output) { $0 += [3, 3] }
        expect(decryptor, hasHeader: true)
        #expect(try decryptor.take(output) == [[1], [2], [3, 3]])
    }

    @Test func `the halves work on threads of their own`() async throws {
        var world = try open()
        let encryptor = world.initiator.takeEncryptor()
        let decryptor = world.responder.takeDecryptor()
        let frames = await sent(100, by: encryptor)
        #expect(try await received(frames, by: decryptor) == 100)
    }

    @concurrent private func sent(
        _ count: Int, by encryptor: consuming FrameEncryptor
    ) async -> [UInt8] {
        var encryptor = encryptor
        var output: [UInt8] = []
        for index in 0..<count { try? encryptor.encrypt([UInt8(index)], into: &output) }
        return output
    }

    @concurrent private func received(
        _ frames: [UInt8], by decryptor: consuming FrameDecryptor
    ) async throws -> Int {
        var decryptor = decryptor
        return try decryptor.take(frames).count
    }

    @Test func `the receiving half can be taken before the header came`() throws {
        var world = try World.started()
        _ = try world.responder.take(world.fromInitiator, answer: &world.fromResponder)
        world.fromInitiator = []
        _ = try world.initiator.take(world.fromResponder, answer: &world.fromInitiator)
        world.fromResponder = []
        var decryptor = world.initiator.takeDecryptor()
        expect(decryptor, hasHeader: false)
        _ = try world.responder.take(world.fromInitiator, answer: &world.fromResponder)
        world.fromResponder += try world.responder.frame(of: [5])
        for byte in world.fromResponder.dropLast() { #expect(try decryptor.take([byte]) == []) }
        expect(decryptor, hasHeader: true)
        #expect(try decryptor.take(Array(world.fromResponder.suffix(1))) == [[5]])
    }

    @Test func `replayed, reordered and left out frames are refused`() throws {
        for order in [[0, 0], [1], [0, 2], [0, 1, 1]] {
            var world = try open()
            let frames = try [[1], [2], [3]].map { try world.initiator.frame(of: $0) }
            var decryptor = world.responder.takeDecryptor()
            for index in order.dropLast() { _ = try decryptor.take(frames[index]) }
            #expect(throws: SecretStreamError.authentication) {
                try decryptor.take(frames[order[order.count - 1]])
            }
            #expect(throws: SecretStreamError.closed) { try decryptor.take(frames[0]) }
        }
    }

    @Test func `what came before a bad frame is delivered`() throws {
        var world = try open()
        var bytes = try world.initiator.frame(of: [1]) + world.initiator.frame(of: [2])
        bytes[bytes.count - 1] ^= 1
        var decryptor = world.responder.takeDecryptor()
        var batch = MessageBatch()
        #expect(throws: SecretStreamError.authentication) {
            try bytes.withUnsafeBytes { try decryptor.decrypt($0, into: &batch) }
        }
        #expect(batch.all == [[1]])
    }

    @Test(arguments: 0...16)
    func `frames too short for a message are refused at their length`(count: UInt8) throws {
        var world = try open()
        var decryptor = world.responder.takeDecryptor()
        #expect(throws: SecretStreamError.frameTooShort) { try decryptor.take([count, 0, 0]) }
    }

    @Test func `the largest message goes through`() throws {
        var world = try open()
        let maximum = SecretStreamLimits.maximumMessageByteCount
        #expect(maximum == 16_777_198)
        let largest = [UInt8](repeating: 9, count: maximum)
        let frame = try world.initiator.frame(of: largest)
        #expect(frame.prefix(3) == [0xff, 0xff, 0xff])
        var decryptor = world.responder.takeDecryptor()
        #expect(try decryptor.take(Array(frame[..<100])).isEmpty)
        #expect(try decryptor.take(Array(frame[100...])) == [largest])
        #expect(try decryptor.take(try world.initiator.frame(of: [1])) == [[1]])
    }

    @Test func `a receiver may take less than the largest message`() throws {
        let seeds = Seeds()
        let randomness = try seeds.randomness()
        var world = try World.started()
        world.responder = EncryptedStream(
            role: .responder, keyPair: seeds.responderStatic, randomness: randomness.responder,
            now: .zero, maximumMessageByteCount: 10)
        try world.responder.start(into: &world.fromResponder)
        _ = try world.carry()
        world.fromInitiator = try world.initiator.frame(of: [UInt8](repeating: 1, count: 10))
        #expect(try world.carry().toResponder.count == 1)
        let frame = try world.initiator.frame(of: [UInt8](repeating: 1, count: 11))
        #expect(throws: SecretStreamError.messageTooLarge) {
            try world.responder.take(Array(frame[..<3]), answer: &world.fromResponder)
        }
    }

    @Test func `a message that is too large leaves the output as it was`() throws {
        var world = try open()
        var encryptor = world.initiator.takeEncryptor()
        var output: [UInt8] = [1, 2, 3]
        #expect(throws: SecretStreamError.messageTooLarge) {
            try encryptor.encrypt(into: &output) { output in
                output += [UInt8](repeating: 0, count: 16_777_199)
            }
        }
        #expect(output == [1, 2, 3])
        output = []
        try encryptor.encrypt([4], into: &output)
        #expect(try world.responder.take(output, answer: &world.fromResponder) == [[4]])
    }
}
