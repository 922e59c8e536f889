/// What a frame brought, one thing at a time; see ``Multiplexer/next(in:)``.
public enum Event {
    /// The remote opened a channel that nobody here has opened.
    ///
    /// Answer before the next event is taken, with
    /// ``Multiplexer/open(_:aliases:isUnique:handshake:)`` or ``Multiplexer/hold(_:)``; anything
    /// else rejects it.
    case requested(ChannelName)
    /// Both sides have opened the channel; messages may follow.
    case opened(Channel, handshake: [UInt8])
    /// A message; its bytes lie in the frame and live as long as the frame does.
    case message(Channel, type: UInt64, body: UnsafeRawBufferPointer)
    /// A message that had come before the channel was opened here.
    case heldMessage(Channel, type: UInt64, body: [UInt8])
    /// The channel is no more.
    case closed(Channel, ClosingReason)
}

/// How a channel ended without our doing.
public enum ClosingReason: Sendable, Equatable {
    /// The remote closed it.
    case closed
    /// The remote has no such channel.
    case rejected
}
