import Cryptography
import Feeds
import Multiplexing
import Replication

/// One end of a connection that replicates one feed.
final class Side {
    let store: FeedStore
    var session: FeedSession
    var multiplexer = Multiplexer()
    private let channel: Channel?
    private let peer: PeerID
    private let isInitiator: Bool
    private let handshakeHash: Digest64

    init(_ store: FeedStore, _ feed: Feed, isInitiator: Bool, handshakeHash: Digest64) throws {
        self.store = store
        self.handshakeHash = handshakeHash
        self.isInitiator = isInitiator
        session = try store.read { try FeedSession(feed, from: $0) }
        peer = session.addPeer()
        let handshake = session.makeHandshake(
            handshakeHash: handshakeHash, isInitiator: isInitiator)
        channel = multiplexer.open(session.channelName, handshake: handshake)
    }

    /// Deals with a frame of the far end.
    func receive(_ bytes: UnsafeRawBufferPointer) throws {
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
        guard session.hasPendingAnswers else { return }
        try store.write { try session.apply(in: $0) }
        try store.read { try session.commit(from: $0) }
    }

    /// The frames that are due.
    func takeFrames() throws -> OutgoingFrames {
        guard let channel else { return OutgoingFrames() }
        try store.read { snapshot in
            try session.plan(now: .zero, from: snapshot)
            _ = try session.flush(
                peer, into: &multiplexer, on: channel, from: snapshot, limit: 1 << 20)
        }
        return multiplexer.takeFrames()
    }
}
