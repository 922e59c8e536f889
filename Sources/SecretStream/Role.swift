/// Which end of a connection this is.
public enum Role: Sendable, Hashable {
    /// The end that speaks first.
    case initiator
    /// The end that answers.
    case responder

    /// The other end.
    public var other: Role { self == .initiator ? .responder : .initiator }
}
