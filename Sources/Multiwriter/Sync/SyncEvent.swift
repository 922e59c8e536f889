public import Cryptography

/// Something that a person who watches a replication may want to know.
public struct SyncEvent: Sendable, CustomStringConvertible {
    /// The kinds of event.
    public enum Kind: Sendable, Equatable {
        /// The handshake with a peer is complete.
        case connected
        /// Both sides talk about a feed.
        case opened
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
    /// Where the far end is, if whoever owns the stream has said so.
    public let address: String?
    /// The feed or archive that is meant.
    public let feed: FeedKey?
    /// One sentence, or nothing.
    public let message: String

    /// The message, or the name of the event.
    public var description: String { message.isEmpty ? "\(kind)" : message }
}
