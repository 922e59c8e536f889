import Cryptography
import SecretStream
import Testing

@testable import Multiwriter

@Suite struct IntakeTests {
    @Test(arguments: 1...20)
    func `two ends of a pipe agree, whatever the chunks`(seed: UInt64) throws {
        let wire = Wire(seed: seed)
        try wire.run()
        let left = try #require(wire.leftEstablished)
        let right = try #require(wire.rightEstablished)
        #expect(left.handshakeHash == right.handshakeHash)
        #expect(left.isInitiator != right.isInitiator)
        #expect(left.remoteKey == wire.rightKey.publicKey)
        #expect(right.remoteKey == wire.leftKey.publicKey)
    }

    @Test func `given roles leave the greeting out`() throws {
        let wire = Wire(seed: 5, leftRole: .initiator, rightRole: .responder)
        try wire.run()
        #expect(wire.leftEstablished?.isInitiator == true)
        #expect(wire.rightEstablished?.isInitiator == false)
    }

    @Test func `messages pass, empty ones are dropped`() throws {
        let wire = Wire(seed: 6)
        try wire.run()
        let established = try #require(wire.leftEstablished)
        guard var encryptor = established.takeEncryptor() else { return }
        var bytes: [UInt8] = []
        for message: [UInt8] in [[1, 2, 3], [], [4]] {
            try encryptor.encrypt(message, into: &bytes)
        }
        try bytes.withUnsafeBytes { try wire.right.receive($0) }
        let batch = wire.right.takeBatch()
        #expect((0..<batch.count).map { batch[$0] } == [[1, 2, 3], [4]])
    }

    @Test func `this very drive is recognised`() {
        let key = KeyPair.random(.seeded(1))
        let wire = Wire(seed: 7, leftKey: key, rightKey: key)
        #expect(throws: SyncError.ourselves) { try wire.run() }
    }

    @Test(arguments: [ReplicationRole.negotiated, .initiator, .responder])
    func `garbage is one clear sentence`(role: ReplicationRole) {
        var intake = Intake(role: role, keyPair: .random(.seeded(1)), randomness: .seeded(2))
        let garbage = Array("GET / HTTP/1.1\r\nHost: example.org\r\n\r\n".utf8)
        #expect(throws: SyncError.notMdrive) {
            try garbage.withUnsafeBytes { try intake.receive($0) }
        }
    }

    @Test func `an early end is one clear sentence`() throws {
        var intake = Intake(role: .negotiated, keyPair: .random(.seeded(1)), randomness: .seeded(2))
        #expect(intake.hangUpError?.code == .hungUp)
        let start = Array("mdri".utf8)
        try start.withUnsafeBytes { try intake.receive($0) }
        #expect(intake.hangUpError?.code == .hungUp)
    }

    @Test(arguments: 0..<300)
    func `a flipped bit is an error or nothing, never a trap`(place: Int) throws {
        let wire = Wire(seed: 8)
        wire.flip = place
        var problem: (any Error)?
        do { try wire.run() } catch { problem = error }
        if let problem { #expect(problem is SyncError) }
    }

    /// Two intakes and the bytes between them, cut into chunks by a seed.
    private final class Wire {
        var left: Intake
        var right: Intake
        let leftKey: KeyPair
        let rightKey: KeyPair
        var leftEstablished: Established?
        var rightEstablished: Established?
        /// The place of the byte, of all that the left end sends, that is damaged on its way.
        var flip: Int?
        private var sent = 0
        private var random: SplitMix

        init(
            seed: UInt64, leftRole: ReplicationRole = .negotiated,
            rightRole: ReplicationRole = .negotiated, leftKey: KeyPair? = nil,
            rightKey: KeyPair? = nil
        ) {
            self.leftKey = leftKey ?? .random(.seeded(seed &* 7 &+ 1))
            self.rightKey = rightKey ?? .random(.seeded(seed &* 7 &+ 2))
            left = Intake(
                role: leftRole, keyPair: self.leftKey, randomness: .seeded(seed &* 7 &+ 3))
            right = Intake(
                role: rightRole, keyPair: self.rightKey, randomness: .seeded(seed &* 7 &+ 4))
            random = SplitMix(seed: seed)
        }

        func run() throws {
            while true {
                var toRight = left.takeOutgoing()
                let toLeft = right.takeOutgoing()
                if toRight.isEmpty && toLeft.isEmpty { return }
                if let flip, (sent..<sent + toRight.count).contains(flip) {
                    toRight[flip - sent] ^= 0x10
                }
                sent += toRight.count
                try deliver(toRight) { try right.receive($0) }
                try deliver(toLeft) { try left.receive($0) }
                if let established = left.takeEstablished() { leftEstablished = established }
                if let established = right.takeEstablished() { rightEstablished = established }
            }
        }

        private func deliver(
            _ bytes: [UInt8], to receive: (UnsafeRawBufferPointer) throws -> Void
        ) throws {
            var start = 0
            while start < bytes.count {
                let end = min(bytes.count, start + Int.random(in: 1...60, using: &random))
                try Array(bytes[start..<end]).withUnsafeBytes { try receive($0) }
                start = end
            }
        }
    }
}

/// A small random number generator whose numbers follow from a seed.
struct SplitMix: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }
}
