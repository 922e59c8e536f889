/// Why a replication ended other than by being closed.
///
/// Equality is by code; the description is one sentence for a person.
public struct SyncError: Error, Sendable {
    /// What happened.
    public struct Code: Hashable, Sendable {
        let name: String

        /// The far end speaks something else.
        public static let notMdrive = Code(name: "notMdrive")
        /// The far end is a Hypercore peer that does not know the preamble.
        public static let needsRole = Code(name: "needsRole")
        /// The far end is this very drive, or what was sent came back.
        public static let ourselves = Code(name: "ourselves")
        /// The far end went away before anything was agreed.
        public static let hungUp = Code(name: "hungUp")
        /// The far end sent nothing, or too little, for too long.
        public static let silence = Code(name: "silence")
        /// The encrypted handshake failed.
        public static let handshakeFailed = Code(name: "handshakeFailed")
        /// The far end broke a rule of the protocol.
        public static let violation = Code(name: "violation")
        /// The far end has left and said why.
        public static let dismissed = Code(name: "dismissed")
        /// There are too many connections for one more.
        public static let crowded = Code(name: "crowded")
        /// The stream below failed.
        public static let transport = Code(name: "transport")
        /// The drive could not be read or written.
        public static let storage = Code(name: "storage")
        /// The far end left before both sides had everything.
        public static let incomplete = Code(name: "incomplete")
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
}

extension SyncError: Equatable, CustomStringConvertible {
    /// The message, and what is known of the cause.
    public var description: String {
        guard let cause else { return message }
        return "\(message) (\(cause))"
    }

    /// True if the codes are equal.
    public static func == (left: SyncError, right: SyncError) -> Bool { left.code == right.code }
}

extension SyncError.Code: CustomStringConvertible {
    /// The name of the code.
    public var description: String { name }
}

extension SyncError {
    static let ourselves = SyncError(
        .ourselves, "The far end is this very drive: connect two different drives.")
    static let echo = SyncError(
        .ourselves, "What was sent came straight back: connect the stream to another drive.")
    static let needsInitiator = SyncError(
        .needsRole,
        "The far end is a Hypercore peer without mdrive's greeting: use --responder here.")
    static let notMdrive = SyncError(
        .notMdrive, "The far end does not speak mdrive's protocol.")
    static let hungUp = SyncError(
        .hungUp, "The far end hung up before the handshake was complete.")

    static func silence(_ duration: Duration) -> SyncError {
        SyncError(.silence, "The far end sent nothing useful for \(duration.components.seconds) s.")
    }

    static func noAnswers(_ duration: Duration) -> SyncError {
        SyncError(
            .silence,
            "The far end answered nothing of what it was asked for in "
                + "\(duration.components.seconds) s.")
    }

    static func dismissed(_ sentence: String) -> SyncError {
        SyncError(.dismissed, "The far end has left, and says: \(sentence)")
    }

    /// What the far end is told before it is left because of this.
    var farewell: String? {
        switch code {
        case .violation: "You broke a rule of the protocol: \(message.dropFirst(Self.rule.count))"
        case .silence: "You sent or answered nothing useful for too long."
        case .crowded: message
        case .storage: "My drive cannot be read or written."
        default: nil
        }
    }

    private static let rule = "The far end broke a rule of the protocol: "

    static func violation(_ rule: String, cause: (any Error)? = nil) -> SyncError {
        SyncError(.violation, Self.rule + "\(rule).", cause: cause)
    }
}
