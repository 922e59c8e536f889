/// The rule of the encrypted stream that was broken; the connection is to be closed.
public enum SecretStreamError: Error, Equatable {
    /// The handshake failed.
    case noise(NoiseError)
    /// The handshake was not complete in time.
    case handshakeTimeout
    /// The header of the other direction has the wrong size.
    case headerLength
    /// The header names another stream than this one.
    case wrongStreamID
    /// A frame is too short for any message.
    case frameTooShort
    /// A message is larger than a frame, or larger than this side takes.
    case messageTooLarge
    /// A message was damaged, left out, repeated or made by somebody else.
    case authentication
    /// The stream had failed before.
    case closed
}

extension SecretStreamError: CustomStringConvertible {
    /// One sentence for a person.
    public var description: String {
        switch self {
        case .noise(let error): error.description
        case .handshakeTimeout: "The handshake took too long."
        case .headerLength: "The header of the stream has the wrong size."
        case .wrongStreamID: "The header names another stream."
        case .frameTooShort: "A frame is too short for a message."
        case .messageTooLarge: "A message is too large."
        case .authentication: "A message is not authentic."
        case .closed: "The stream has failed before."
        }
    }
}
