public import Cryptography

/// Something that a person who watches a replication may want to know.
public struct SyncEvent: Sendable, CustomStringConvertible {
    /// The kinds of event.
    public enum Kind: Sendable, Equatable {
        /// The handshake with a peer is complete.
        case connected
        /// A connection is over; the text says why, if it was not an ordinary end.
        case ended
        /// An archive was learnt from a peer.
        case learned
        /// Links of a peer were not taken.
        case refused
        /// The far end did not take links of ours.
        case refusedByPeer
        /// A feed cannot be brought up to date from a peer; others go on.
        case problem
        /// Everything that a peer has is here, and the other way round.
        case settled
    }

    /// What happened.
    public let kind: Kind
    /// The connection it happened on.
    public let connection: Int
    /// The far end's key, once it is known.
    public let peer: PublicKey?
    /// The feed or archive that is meant.
    public let feed: FeedKey?
    /// One sentence, or nothing.
    public let message: String

    /// The message, or the name of the event.
    public var description: String { message.isEmpty ? "\(kind)" : message }
}

/// Where the replications of a drive stand.
public struct SyncStatus: Sendable {
    /// One connection.
    public struct Peer: Sendable {
        /// The number of the connection in this process.
        public let connection: Int
        /// The far end's key, once it is known.
        public let key: PublicKey?
        /// Whether the far end is a drive like this one, not a plain feed peer.
        public let isDrive: Bool
        /// Bytes that came.
        public let receivedByteCount: UInt64
        /// Bytes that were handed out for sending.
        public let sentByteCount: UInt64
        /// Bytes that the transport has not taken yet.
        public let outgoingByteCount: Int
        /// Feeds that are open with this peer.
        public let feedCount: Int
        /// Whether everything that the far end has and we want is here.
        public let isSettled: Bool
        /// Links of the far end that this drive did not take.
        public let refusedLinkCount: Int
        /// Why nothing moves, if nothing moves: one sentence.
        public let waitingFor: String?
    }

    /// All connections, oldest first.
    public internal(set) var peers: [Peer] = []
    /// Bytes that came on all connections, those that are over included.
    public internal(set) var receivedByteCount: UInt64 = 0
    /// Bytes that were sent on all connections, those that are over included.
    public internal(set) var sentByteCount: UInt64 = 0
    /// Blocks that were received and stored.
    public internal(set) var receivedBlockCount: UInt64 = 0
    /// Blocks that were served.
    public internal(set) var servedBlockCount: UInt64 = 0
    /// Blocks that are wanted and not here yet.
    public internal(set) var missingBlockCount: UInt64 = 0
    /// Archives that are not brought up to date any more, with the reason, a sentence each.
    public internal(set) var problems: [String] = []
}
