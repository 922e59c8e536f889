/// The rule of the handshake that the other side broke.
public enum NoiseError: Error, Equatable {
    /// A message has another size than its place in the handshake demands.
    case messageLength
    /// A public key is no point that a secret can be shared with.
    case keyAgreement
    /// A message was not made with the keys that it claims.
    case authentication
    /// A message came when it was not its turn.
    case order
}

extension NoiseError: CustomStringConvertible {
    /// One sentence for a person.
    public var description: String {
        switch self {
        case .messageLength: "A message of the handshake has the wrong size."
        case .keyAgreement: "A public key in the handshake is not usable."
        case .authentication: "A message of the handshake is not authentic."
        case .order: "A message of the handshake came out of turn."
        }
    }
}
