import Cryptography
import Feeds
import Multiplexing
import Replication

/// One end of a connection in memory that replicates one feed.
final class Side {
    let store: FeedStore
    var session: FeedSession
    private var multiplexer = Multiplexer()
    private let channel: Channel?
    private let peer: PeerID
    private let isInitiator: Bool
    private let handshakeHash: Digest64
    private var hasWritten = false

    /// Frames that have come and are not dealt with; their memory stays until they are stored.
    private var incoming: [OutgoingFrames] = []

    /// With `takesRuns`, whole runs of blocks are asked for.
    init(_ store: FeedStore, _ feed: Feed, isInitiator: Bool, takesRuns: Bool = false) throws {
        var hasher = BLAKE2bHasher(outputByteCount: Digest64.byteCount)
        handshakeHash = hasher.finalize64()
        self.store = store
        self.isInitiator = isInitiator
        session = try store.read { try FeedSession(feed, from: $0) }
        peer = session.addPeer()
        if takesRuns { session.askForRuns(of: peer) }
        let handshake = session.makeHandshake(
            handshakeHash: handshakeHash, isInitiator: isInitiator)
        channel = multiplexer.open(session.channelName, handshake: handshake)
    }

    var isIdle: Bool { !hasWritten && incoming.isEmpty }

    /// Deals with all that has come, in one transaction, and sends what is due.
    func takeTurn(with other: Side) throws {
        let batch = incoming
        incoming.removeAll(keepingCapacity: true)
        try receive(batch[...])
        guard let channel else { return }
        try store.read { snapshot in
            try session.plan(now: .zero, from: snapshot)
            _ = session.takeEvents()
            _ = try session.flush(
                peer, into: &multiplexer, on: channel, from: snapshot, limit: 4 << 20)
            _ = session.takeEvents()
        }
        let frames = multiplexer.takeFrames()
        hasWritten = !frames.isEmpty
        if hasWritten { other.incoming.append(frames) }
    }

    /// Message bodies point into the frames, so these are held until all is stored.
    private func receive(_ batch: ArraySlice<OutgoingFrames>) throws {
        guard let frames = batch.first else { return try storeAnswers() }
        try frames.bytes.withUnsafeBytes { bytes in
            var start = 0
            for end in frames.ends {
                try receive(UnsafeRawBufferPointer(rebasing: bytes[start..<end]))
                start = end
            }
            try receive(batch.dropFirst())
        }
    }

    private func receive(_ bytes: UnsafeRawBufferPointer) throws {
        var frame = IncomingFrame(bytes)
        while let event = try multiplexer.next(in: &frame) {
            switch event {
            case .opened(_, let handshake):
                try session.open(
                    peer, handshake: handshake, handshakeHash: handshakeHash,
                    isInitiator: isInitiator)
            case .message(_, let type, let body):
                _ = try session.receive(type: type, body: body, from: peer)
            case .requested, .heldMessage, .closed: break
            }
        }
    }

    private func storeAnswers() throws {
        guard session.hasPendingAnswers else { return }
        try store.write { try session.apply(in: $0) }
        try store.read { try session.commit(from: $0) }
    }
}
