/// What both sides call a channel: a protocol, and an id that may be empty.
public struct ChannelName: Hashable, Sendable {
    /// The protocol that is spoken on the channel.
    public let protocolName: String
    /// What tells channels of one protocol apart; absent and empty are the same.
    public let id: [UInt8]

    /// Names a channel of a protocol.
    public init(_ protocolName: String, id: [UInt8] = []) {
        self.protocolName = protocolName
        self.id = id
    }

    func renamed(_ protocolName: String) -> ChannelName {
        ChannelName(protocolName, id: id)
    }
}

/// One channel of one multiplexer, from its opening to its closing.
///
/// The number on the wire is used again for later channels; a `Channel` never is.
public struct Channel: Hashable, Sendable {
    /// Its number on the wire, for logs; another channel may get it later.
    public let number: UInt32
    let generation: UInt32
}
