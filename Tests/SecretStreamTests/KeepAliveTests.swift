import Cryptography
import SecretStream
import Testing

@Suite struct KeepAliveTests {
    @Test func `an empty message is sent after a silence and dropped by the receiver`() throws {
        var world = try World.started()
        _ = try world.carry()
        var output: [UInt8] = []
        #expect(world.initiator.deadline == .seconds(5))
        try world.initiator.tick(now: .seconds(4), into: &output)
        #expect(output.isEmpty)
        try world.initiator.tick(now: .seconds(5), into: &output)
        #expect(output.count == 20)
        #expect(output.prefix(3) == [0x11, 0, 0])
        #expect(world.initiator.deadline == .seconds(10))
        #expect(try world.responder.take(output, answer: &world.fromResponder) == [])
        #expect(world.fromResponder.isEmpty)
    }

    @Test func `a write puts the empty message off`() throws {
        var world = try World.started()
        _ = try world.carry()
        _ = try world.initiator.frame(of: [1], now: .seconds(3))
        #expect(world.initiator.deadline == .seconds(8))
        var output: [UInt8] = []
        try world.initiator.tick(now: .seconds(7), into: &output)
        #expect(output.isEmpty)
    }

    @Test func `a handshake that takes too long is given up`() throws {
        var world = try World.started()
        var output: [UInt8] = []
        #expect(world.responder.deadline == .seconds(30))
        try world.responder.tick(now: .seconds(29), into: &output)
        #expect(throws: SecretStreamError.handshakeTimeout) {
            try world.responder.tick(now: .seconds(30), into: &output)
        }
        #expect(output.isEmpty)
        #expect(throws: SecretStreamError.closed) {
            try world.responder.take(world.fromInitiator, answer: &output)
        }
        #expect(throws: SecretStreamError.closed) {
            try world.responder.tick(now: .seconds(31), into: &output)
        }
    }

    @Test func `an open stream whose sending half is elsewhere has nothing to do`() throws {
        var world = try World.started()
        _ = try world.carry()
        _ = world.initiator.takeEncryptor()
        var output: [UInt8] = []
        #expect(world.initiator.deadline == nil)
        try world.initiator.tick(now: .seconds(100), into: &output)
        #expect(output.isEmpty)
    }

    @Test func `time that runs backwards does no harm`() {
        var keepAlive = KeepAlive(at: .seconds(10))
        keepAlive.noteWrite(at: .seconds(2))
        #expect(keepAlive.deadline == .seconds(15))
        #expect(!keepAlive.isDue(at: .seconds(14)))
        #expect(keepAlive.isDue(at: .seconds(15)))
    }
}
