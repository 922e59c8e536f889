/// What went wrong in a store: a code to switch on, a sentence to act on, and the cause.
public struct FeedStoreError: Error, Sendable {
    /// The kinds of failure that a caller can tell apart.
    public struct Code: Hashable, Sendable {
        private let name: String

        private init(_ name: String) { self.name = name }

        /// There is no store at the path, and none was to be made.
        public static let absent = Code("absent")
        /// The path is taken by something that is not a folder.
        public static let notADirectory = Code("notADirectory")
        /// The folder or its files may not be read or written by this user.
        public static let notPermitted = Code("notPermitted")
        /// The store was opened for reading alone.
        public static let readOnly = Code("readOnly")
        /// The store was written by a later version of the program.
        public static let newerFormat = Code("newerFormat")
        /// The files are not a store, or hold something that no version writes.
        public static let damaged = Code("damaged")
        /// The disk is full, or the database cannot grow.
        public static let full = Code("full")
        /// The database failed for another reason; see the cause.
        public static let database = Code("database")
        /// The store has no such feed.
        public static let unknownFeed = Code("unknownFeed")
        /// The feed cannot be signed with this key pair.
        public static let notWritable = Code("notWritable")
        /// The feed's writer signed two histories; nothing is appended to it any more.
        public static let frozen = Code("frozen")
        /// A manifest does not hash to the feed's key.
        public static let wrongManifest = Code("wrongManifest")
        /// A block, a byte or a length lies outside the feed.
        public static let outOfRange = Code("outOfRange")
        /// What was asked needs tree nodes that are not stored here.
        public static let incomplete = Code("incomplete")
        /// A block or a batch is larger than a store takes.
        public static let tooLarge = Code("tooLarge")
    }

    /// The kind of failure.
    public let code: Code
    /// One sentence for a person.
    public let message: String
    /// What failed below, if the failure came from there.
    public let cause: (any Error)?

    /// Makes an error.
    public init(_ code: Code, _ message: String, cause: (any Error)? = nil) {
        self.code = code
        self.message = message
        self.cause = cause
    }
}

extension FeedStoreError: Equatable {
    /// Errors are equal when their codes are.
    public static func == (left: Self, right: Self) -> Bool { left.code == right.code }
}

extension FeedStoreError.Code: CustomStringConvertible {
    /// The name of the code.
    public var description: String { name }
}

extension FeedStoreError: CustomStringConvertible {
    /// The message, followed by the cause's own words.
    public var description: String {
        guard let cause else { return message }
        return "\(message) (\(cause))"
    }
}
