public import Cryptography

/// What went wrong in an archive: a code to switch on, a sentence to act on, and the cause.
public struct ArchiveError: Error, Sendable {
    /// The kinds of failure that a caller can tell apart.
    public struct Code: Hashable, Sendable {
        private let name: String

        private init(_ name: String) { self.name = name }

        /// A block that is needed is not held here; `block` says which.
        public static let blockNotAvailable = Code("blockNotAvailable")
        /// The index breaks the rules that every writer keeps, or cannot be decoded.
        public static let malformedIndex = Code("malformedIndex")
        /// The value of an entry is not what an entry's value is.
        public static let malformedEntry = Code("malformedEntry")
        /// A blob id points outside the content feed, or the content does not fit it.
        public static let malformedBlob = Code("malformedBlob")
        /// The version is beyond the end of the index.
        public static let unknownVersion = Code("unknownVersion")
        /// A path cannot be resolved or names no file.
        public static let invalidPath = Code("invalidPath")
        /// Symbolic links lead to one another for too long.
        public static let recursiveSymlink = Code("recursiveSymlink")
        /// The content feed's key cannot be known yet, or the feed was not opened.
        public static let contentUnknown = Code("contentUnknown")
        /// The archive belongs to someone else.
        public static let notWritable = Code("notWritable")
        /// Another writer changed a feed between two steps that belong together.
        public static let interrupted = Code("interrupted")
    }

    /// A block of a feed.
    public struct Block: Hashable, Sendable {
        /// The key of the feed.
        public let feed: FeedKey
        /// The number of the block.
        public let index: UInt64
    }

    /// What kind of failure this is.
    public let code: Code
    /// One sentence that says what failed and with which thing.
    public let message: String
    /// The block that is missing or malformed.
    public let block: Block?
    /// The error of a lower layer.
    public let cause: (any Error)?

    init(_ code: Code, _ message: String, block: Block? = nil, cause: (any Error)? = nil) {
        self.code = code
        self.message = message
        self.block = block
        self.cause = cause
    }

    static func missing(_ index: UInt64, of feed: FeedKey) -> ArchiveError {
        ArchiveError(
            .blockNotAvailable, "Block \(index) of feed \(feed.id) is not held here.",
            block: Block(feed: feed, index: index))
    }

    static func malformedIndex(
        _ index: UInt64, of feed: FeedKey, _ what: String, cause: (any Error)? = nil
    ) -> ArchiveError {
        ArchiveError(
            .malformedIndex, "Block \(index) of index \(feed.id) is malformed: \(what).",
            block: Block(feed: feed, index: index), cause: cause)
    }
}

extension ArchiveError: Equatable {
    /// Compares codes and blocks, not sentences.
    public static func == (left: ArchiveError, right: ArchiveError) -> Bool {
        left.code == right.code && left.block == right.block
    }
}

extension ArchiveError: CustomStringConvertible {
    /// The sentence.
    public var description: String { message }
}
