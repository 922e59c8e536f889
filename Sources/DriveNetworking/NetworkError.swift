/// Why a connection could not be made or kept.
///
/// Equality is by code; the description is one sentence for a person.
public struct NetworkError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What happened.
    public struct Code: Hashable, Sendable {
        let name: String

        /// An address is not of the form `HOST:PORT`.
        public static let malformedAddress = Code(name: "malformedAddress")
        /// The address could not be listened on.
        public static let cannotListen = Code(name: "cannotListen")
        /// The address could not be reached.
        public static let cannotConnect = Code(name: "cannotConnect")
        /// The standard streams cannot carry a replication.
        public static let unusableStream = Code(name: "unusableStream")
    }

    /// What happened.
    public let code: Code
    /// One sentence about it.
    public let message: String
    /// The error below, if there was one.
    public let cause: (any Error)?

    /// Makes an error.
    public init(_ code: Code, _ message: String, cause: (any Error)? = nil) {
        self.code = code
        self.message = message
        self.cause = cause
    }

    /// The message, and what is known of the cause.
    public var description: String {
        guard let cause else { return message }
        return "\(message) (\(cause))"
    }

    /// True if the codes are equal.
    public static func == (left: NetworkError, right: NetworkError) -> Bool {
        left.code == right.code
    }
}
