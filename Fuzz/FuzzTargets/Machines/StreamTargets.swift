@testable import Cryptography
@testable import Multiwriter
@testable import SecretStream

extension FuzzTarget {
    static let streams: [FuzzTarget] = [
        FuzzTarget("handshake", seeds: [.made { try sessions() }], runHandshake),
        FuzzTarget("frames", seeds: [.made { framePrograms }], runFrames),
        FuzzTarget(
            "preamble",
            seeds: [.made { [Preamble(number: [UInt8](repeating: 9, count: 16)).greeting] }],
            runPreamble),
        FuzzTarget("intake", seeds: [.made { try intakes() }], runIntake),
    ]

    // MARK: Handshake

    private static let victim = KeyPair(seed: [UInt8](repeating: 1, count: 32))
    private static let honest = KeyPair(seed: [UInt8](repeating: 3, count: 32))
    private static let words: [[UInt8]] = [[1, 2, 3], [4], [UInt8](repeating: 5, count: 70)]

    private static func makeEnd(_ role: Role, _ keyPair: KeyPair, _ seed: UInt64) -> EncryptedStream
    {
        EncryptedStream(
            role: role, keyPair: keyPair, randomness: HandshakeRandomness(from: .seeded(seed)),
            now: .zero, maximumMessageByteCount: 1 << 16)
    }

    /// All that an honest end says, to a victim of either role.
    private static func sessions() throws -> [[UInt8]] {
        try [Role.initiator, .responder].map { role in
            var end = makeEnd(role, victim, 1)
            var other = makeEnd(role.other, honest, 2)
            var (toVictim, toOther): ([UInt8], [UInt8]) = ([], [])
            var said: [UInt8] = []
            try end.start(into: &toOther)
            try other.start(into: &toVictim)
            for _ in 0..<4 {
                try toOther.withUnsafeBytes { bytes in
                    var batch = MessageBatch()
                    try other.receive(bytes, into: &batch, answer: &toVictim)
                }
                toOther = []
                said += toVictim
                try toVictim.withUnsafeBytes { bytes in
                    var batch = MessageBatch()
                    try end.receive(bytes, into: &batch, answer: &toOther)
                }
                toVictim = []
            }
            for word in words {
                try word.withUnsafeBytes { try other.send($0, into: &said, now: .zero) }
            }
            return [role == .initiator ? 0 : 1, 40] + said
        }
    }

    /// Whatever comes, an end is open only to the holder of a key, and delivers only its words.
    private static func runHandshake(_ input: UnsafeRawBufferPointer) throws {
        var source = ByteSource(input)
        var end = makeEnd(source.byte() & 1 == 0 ? .initiator : .responder, victim, 1)
        let step = 1 + Int(source.byte())
        var output: [UInt8] = []
        try end.start(into: &output)
        let bytes = source.rest()
        var batch = MessageBatch()
        var start = 0
        defer { expectHonest(batch) }
        while start < bytes.count {
            let chunk = UnsafeRawBufferPointer(
                rebasing: bytes[start..<min(bytes.count, start + step)])
            start += step
            try end.receive(chunk, into: &batch, answer: &output)
            require(output.count < 1024, "a long answer")
            guard end.isOpen else { continue }
            require(end.remotePublicKey == honest.publicKey, "a key that nobody proved")
        }
    }

    private static func expectHonest(_ batch: MessageBatch) {
        require(batch.count <= words.count, "messages that nobody sent")
        for place in 0..<batch.count { require(batch[place] == words[place], "another message") }
    }

    // MARK: Frames

    private static var framePrograms: [[UInt8]] {
        (0..<60).map { seed in
            (0..<(10 + seed)).map {
                UInt8(truncatingIfNeeded: ($0 &+ 1) &* (seed &* 37 &+ 11) >> 2)
            }
        }
    }

    /// Frames of an honest sender are damaged on the way; what arrives is a beginning of it.
    private static func runFrames(_ input: UnsafeRawBufferPointer) throws {
        var source = ByteSource(input)
        var pair = FramePair()
        var bytes = pair.header
        var sent: [[UInt8]] = []
        var last = 0..<0
        for number in 0..<(1 + source.number(below: 12)) {
            let size = source.number(below: 4) == 0 ? Int(source.word()) % 3000 : Int(source.byte())
            let message = [UInt8](repeating: UInt8(number), count: size)
            let start = bytes.count
            try pair.encryptor.encrypt(message, into: &bytes)
            if source.number(below: 16) == 1 { bytes += bytes[last] }
            last = start..<bytes.count
            if !message.isEmpty { sent.append(message) }
        }
        for _ in 0..<source.number(below: 4) where !bytes.isEmpty {
            let place = Int(source.word()) % bytes.count
            switch source.number(below: 4) {
            case 0: bytes[place] ^= 1 << (source.byte() & 7)
            case 1: bytes.remove(at: place)
            case 2: bytes.insert(source.byte(), at: place)
            default: bytes.removeSubrange(place..<min(bytes.count, place + Int(source.byte())))
            }
        }
        bytes += source.piece()
        var batch = MessageBatch()
        defer {
            require(batch.count <= sent.count, "messages that nobody sent")
            for place in 0..<batch.count { require(batch[place] == sent[place], "another message") }
        }
        var start = 0
        while start < bytes.count {
            let end = min(bytes.count, start + 1 + Int(source.isAtEnd ? 255 : source.word()))
            try bytes[start..<end].withUnsafeBytes { try pair.decryptor.decrypt($0, into: &batch) }
            start = end
        }
    }

    // MARK: Greeting

    private static func runPreamble(_ input: UnsafeRawBufferPointer) throws {
        let own = [UInt8](repeating: 7, count: 16)
        var whole = Preamble(number: own)
        let outcome: Preamble.Outcome?
        do { outcome = try whole.receive(input) } catch { outcome = nil }
        if let outcome {
            require(outcome.consumedByteCount <= input.count, "more than came")
            require(outcome.consumedByteCount >= 24, "less than a greeting")
        }
        // Byte by byte it is the same.
        var slow = Preamble(number: own)
        for place in input.indices {
            let byte = UnsafeRawBufferPointer(rebasing: input[place..<place + 1])
            let found: Preamble.Outcome?
            do { found = try slow.receive(byte) } catch {
                require(outcome == nil, "a greeting that is taken only as a whole")
                return
            }
            guard let found else { continue }
            require(
                found.isInitiator == outcome?.isInitiator
                    && place + 1 == outcome?.consumedByteCount,
                "a greeting that depends on its pieces")
            return
        }
        require(outcome == nil, "a greeting that is taken only as a whole")
    }

    // MARK: All of it

    private static func makeIntake(_ role: ReplicationRole, _ key: KeyPair, _ seed: UInt64)
        -> Intake
    {
        Intake(role: role, keyPair: key, randomness: .seeded(seed))
    }

    private static let roles: [ReplicationRole] = [.negotiated, .initiator, .responder]
    private static let otherRoles: [ReplicationRole] = [.negotiated, .responder, .initiator]

    private static func intakes() throws -> [[UInt8]] {
        try roles.indices.map { number in
            var end = makeIntake(roles[number], victim, 5)
            var other = makeIntake(otherRoles[number], honest, 6)
            var said: [UInt8] = []
            var established: Established?
            for _ in 0..<5 {
                let toOther = end.takeOutgoing()
                let toVictim = other.takeOutgoing()
                said += toVictim
                try toOther.withUnsafeBytes { try other.receive($0) }
                try toVictim.withUnsafeBytes { try end.receive($0) }
                if let news = other.takeEstablished() { established = news }
            }
            if var encryptor = established?.takeEncryptor() {
                for word in words { try encryptor.encrypt(word, into: &said) }
            }
            return [UInt8(number), 50] + said
        }
    }

    private static func runIntake(_ input: UnsafeRawBufferPointer) throws {
        var source = ByteSource(input)
        var intake = makeIntake(roles[source.number(below: 3)], victim, 5)
        let step = 1 + Int(source.byte())
        let bytes = source.rest()
        var start = 0
        var frameCount = 0
        var isEstablished = false
        defer { expectHonest(intake.takeBatch()) }
        while start < bytes.count {
            let end = min(bytes.count, start + step)
            defer {
                start = end
                frameCount += intake.takeFrameCount()
                require(frameCount <= bytes.count / 3, "more frames than fit")
            }
            _ = intake.hangUpError
            try intake.receive(UnsafeRawBufferPointer(rebasing: bytes[start..<end]))
            if let established = intake.takeEstablished() {
                require(!isEstablished, "established twice")
                require(established.remoteKey == honest.publicKey, "a key that nobody proved")
                isEstablished = true
            }
        }
    }
}

/// The two halves of an open stream in one direction, without a handshake.
struct FramePair: ~Copyable {
    var encryptor: FrameEncryptor
    var decryptor: FrameDecryptor
    /// What the sender says before its first frame.
    let header: [UInt8]

    init(seed: UInt64 = 9) {
        let randomness = Randomness.seeded(seed)
        let key = randomness.bytes(count: 32).withUnsafeBytes { SecretBytes(copying: $0) }
        let id = Digest.hash(of: randomness.bytes(count: 8))
        let streamHeader = StreamHeader.random(randomness)
        let start = id.bytes + streamHeader.bytes
        header = [UInt8(start.count), 0, 0] + start
        encryptor = FrameEncryptor(key: key, header: streamHeader)
        decryptor = FrameDecryptor(
            key: key, expectedStreamID: id,
            maximumMessageByteCount: SecretStreamLimits.maximumMessageByteCount,
            assembler: FrameAssembler())
    }

    /// The sending half alone.
    consuming func takeEncryptor() -> FrameEncryptor { encryptor }
}
