public import Cryptography

/// Where the replications of a drive stand.
public struct SyncStatus: Sendable {
    /// One connection.
    public struct Peer: Sendable {
        /// The number of the connection in this process.
        public let connection: Int
        /// The far end's key, once it is known.
        public let key: PublicKey?
        /// Where the far end is, if whoever owns the stream has said so.
        public let address: String?
        /// How long the connection has been there.
        public let age: Duration
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
        /// Why it did not take them.
        public let refusal: String?
        /// Links of this drive that the far end says it did not take.
        public let remoteRefusedLinkCount: UInt64
        /// Why, in the far end's words.
        public let remoteRefusal: String?
        /// Why nothing moves, if nothing moves: one sentence.
        public let waitingFor: String?
    }

    /// One feed of which something is missing here.
    public struct Lack: Sendable {
        /// The archive.
        public let link: FeedKey
        /// The feed of the archive.
        public let part: BlockEvent.Part
        /// Blocks that are wanted and not here; 0 if nothing at all is known of the feed.
        public let blockCount: UInt64
        /// The connections over which something of it can come; empty if nobody has it.
        public let connections: [Int]
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
    /// The first feeds of which something is missing, a thousand at most.
    public internal(set) var lacks: [Lack] = []
    /// Archives that are not brought up to date any more, with the reason, a sentence each.
    public internal(set) var problems: [String] = []
}
