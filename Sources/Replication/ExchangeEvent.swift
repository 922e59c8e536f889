/// Something that the owner of an exchange may want to know.
public enum ExchangeEvent: Sendable {
    /// The feed has grown by what a peer proved.
    case upgraded(length: UInt64, from: PeerID)
    /// A block came and was stored.
    case received(block: UInt64, byteCount: Int, from: PeerID)
    /// A whole run of blocks came and was stored.
    case receivedRun(blocks: Range<UInt64>, byteCount: Int, from: PeerID)
    /// A whole run of blocks was sent.
    case servedRun(blocks: Range<UInt64>, byteCount: Int, to: PeerID)
    /// A block was sent.
    case served(block: UInt64, byteCount: Int, to: PeerID)
    /// The feed follows another fork; blocks from `ancestors` on were dropped.
    case forked(fork: UInt64, ancestors: UInt64, length: UInt64)
    /// A peer sent what does not hold; it is not asked any more.
    case invalidData(from: PeerID, reason: String)
    /// The writer has signed two histories; the feed is frozen.
    case conflict(length: UInt64, from: PeerID)
    /// A message of a registered extension.
    case extensionMessage(name: String, body: [UInt8], from: PeerID)
    /// The place of a byte that was asked for is known.
    case found(seek: UInt64, block: UInt64, offset: UInt64)
    /// A channel closes because nobody here or there has anything to fetch.
    case idle(PeerID)
}
