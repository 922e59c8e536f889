/// What a remote did that ends the whole stream.
public enum ProtocolViolation: Error, Equatable, Sendable {
    /// A frame ended inside a field, or a field is not what its type allows.
    case malformedFrame
    /// An open names a number that is in use, zero, or beyond the next free one.
    case invalidOpen(number: UInt64)
    /// A reject names a number that does not wait for an answer.
    case invalidReject(number: UInt64)
    /// A batch stands inside a batch.
    case nestedBatch
    /// The limit of this name in ``MultiplexerLimits`` was passed.
    case limitExceeded(String)
    /// A message of a channel broke the rule of this name.
    case invalidMessage(String)
}

extension ProtocolViolation: CustomStringConvertible {
    /// One sentence for a log.
    public var description: String {
        switch self {
        case .malformedFrame: "the peer sent a malformed frame"
        case .invalidOpen(let number): "the peer opened channel \(number) out of turn"
        case .invalidReject(let number): "the peer rejected channel \(number), which is not waiting"
        case .nestedBatch: "the peer sent a batch inside a batch"
        case .limitExceeded(let limit): "the peer went beyond \(limit)"
        case .invalidMessage(let rule): "the peer sent a message that breaks \(rule)"
        }
    }
}
