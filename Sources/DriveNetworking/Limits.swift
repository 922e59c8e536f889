/// How many connections a process takes that others begin.
public struct ConnectionLimits: Sendable {
    /// Connections at a time.
    ///
    /// Where they are so many, the oldest that has not completed its handshake makes room; if there
    /// is none, who comes is sent away.
    public var connectionCount = 4096
    /// Connections whose handshake is not complete; the oldest makes room for who comes.
    public var handshakeCount = 256
    /// Files that the process may need for other things.
    public var reservedDescriptorCount = 128

    /// The usual limits.
    public init() {}
}
