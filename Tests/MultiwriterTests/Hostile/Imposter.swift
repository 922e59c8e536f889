import CompactEncoding
import Cryptography
import Feeds
import Merkle
import Multiplexing
import Replication
import SecretStream
import Testing

@testable import Multiwriter

/// A peer that speaks the protocol as far as it likes, on a wire to one drive of a world.
final class Imposter {
    let world: SyncWorld
    let wire: SyncWorld.Wire
    var multiplexer = Multiplexer()
    /// What came in frames since this was looked at last.
    private(set) var frames: [[UInt8]] = []
    /// What arrived before the handshake was complete, and after.
    private(set) var receivedByteCount = 0
    private var stream: EncryptedStream
    private var encryptor: FrameEncryptor?
    private let keyPair: KeyPair
    private(set) var handshakeHash: Digest64?
    private var batch = MessageBatch()

    /// Connects with a drive, which waits for a handshake.
    init(
        _ world: SyncWorld, to index: Int = 0, keyPair: KeyPair? = nil,
        limits: SyncLimits = SyncLimits(), isOnce: Bool = false
    ) throws {
        self.world = world
        let keyPair = keyPair ?? KeyPair.random(.seeded(world.random.next()))
        self.keyPair = keyPair
        stream = EncryptedStream(
            role: .initiator, keyPair: keyPair,
            randomness: HandshakeRandomness(from: .seeded(world.random.next())), now: .zero)
        let node = world.nodes[index]
        let victim = world.makeEnd(node, .responder)
        let outside = SyncWorld.End(
            node: node, number: -1,
            intake: Intake(role: .initiator, keyPair: keyPair, randomness: .system))
        wire = SyncWorld.Wire(victim, outside)
        world.wires.append(wire)
        outside.outside = { [unowned self] in self.receive($0) }
        world.begin(victim, on: wire, ReplicationOptions(isOnce: isOnce, limits: limits))
    }

    /// Why the drive has ended the connection; `nil` as long as it has not.
    var ending: SyncError? {
        guard case .failure(let error) = wire.left.ending else { return nil }
        return error
    }

    /// The sentence about it.
    var reason: String { ending?.message ?? "" }

    var isDropped: Bool { wire.left.ending != nil }

    // MARK: Speaking

    /// Puts bytes on the wire as they are.
    func send(raw bytes: [UInt8]) { world.send(bytes, from: wire.right, on: wire) }

    /// The first message of the handshake.
    func start() throws {
        var output: [UInt8] = []
        try stream.start(into: &output)
        send(raw: output)
    }

    /// Completes the handshake.
    func shakeHands() throws {
        try start()
        try world.run()
        let isOpen = shake()
        try #require(isOpen)
    }

    /// Takes over what was agreed; false if the handshake is not complete.
    func shake() -> Bool {
        guard stream.isOpen, handshakeHash == nil else { return false }
        handshakeHash = stream.handshakeHash
        encryptor = stream.takeEncryptor()
        return true
    }

    /// A frame of the far end's key, as it would go over the wire.
    func encrypted(_ frame: [UInt8]) -> [UInt8] {
        var output: [UInt8] = []
        try? encryptor?.encrypt(frame, into: &output)
        return output
    }

    /// Says something that is well encrypted.
    func send(frame: [UInt8]) { send(raw: encrypted(frame)) }

    /// Sends all that was given to the multiplexer.
    func flush() {
        multiplexer.takeFrames().forEach { send(frame: Array($0)) }
    }

    /// Opens the channel of a feed, with the proof that its key is known.
    @discardableResult
    func open(_ key: FeedKey, capability: Digest? = nil) throws -> Channel {
        let hash = try #require(handshakeHash)
        let proof =
            capability
            ?? Capability.make(feedKey: key, handshakeHash: hash, isInitiator: true)
        let channel = multiplexer.open(
            ChannelName(FeedSession.protocolName, id: key.discoveryKey.bytes),
            handshake: ChannelHandshake(capability: proof).encoded)
        return try #require(channel)
    }

    /// Opens the coordinator's channel.
    func openCoordinator() throws -> Channel {
        let channel = multiplexer.open(
            ChannelName(CoordinatorMessage.protocolName),
            handshake: CoordinatorHandshake().encoded)
        return try #require(channel)
    }

    func say(_ message: WireMessage, on channel: Channel) {
        multiplexer.send(message.kind.rawValue, on: channel, body: message.encoded)
    }

    func tell(_ links: [FeedKey], on channel: Channel) {
        let message = CoordinatorMessage.links(links, hasMore: false)
        multiplexer.send(message.type, on: channel, body: message.encoded)
    }

    // MARK: Hearing

    private func receive(_ bytes: [UInt8]) {
        receivedByteCount += bytes.count
        var answer: [UInt8] = []
        bytes.withUnsafeBytes { try? stream.receive($0, into: &batch, answer: &answer) }
        if !answer.isEmpty { send(raw: answer) }
        for index in 0..<batch.count { frames.append(batch[index]) }
        batch.removeAll()
    }

    /// Lets the multiplexer hear what has come, so that it knows which channels are open.
    func listen() {
        for frame in frames {
            frame.withUnsafeBytes { bytes in
                var incoming = IncomingFrame(bytes)
                while let _ = try? multiplexer.next(in: &incoming) {}
            }
        }
        frames = []
    }
}
