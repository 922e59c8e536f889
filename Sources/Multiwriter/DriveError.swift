/// Why a drive could not do what was asked.
///
/// Equality is by code; the description is one sentence for a person.
public struct DriveError: Error, Sendable {
    /// What kind of failure it was.
    public struct Code: Hashable, Sendable, CustomStringConvertible {
        /// The name of the code.
        public let description: String

        /// There is no drive at this place, and none was to be made.
        public static let absent = Code(description: "absent")
        /// What stands at this place is something else.
        public static let notADrive = Code(description: "notADrive")
        /// The drive was made by a newer version.
        public static let newerFormat = Code(description: "newerFormat")
        /// What is stored contradicts itself.
        public static let damaged = Code(description: "damaged")
        /// No archive with this link is known here.
        public static let unknownLink = Code(description: "unknownLink")
        /// The archive or the view has nothing of this name.
        public static let unknownName = Code(description: "unknownName")
        /// No path can be made of this name.
        public static let badName = Code(description: "badName")
        /// The entry asked for cannot be stored as it was given.
        public static let badEntry = Code(description: "badEntry")
        /// What was given is neither a row nor a name with a link.
        public static let badReference = Code(description: "badReference")
        /// This is no key of an archive.
        public static let badLink = Code(description: "badLink")
        /// The drive follows as many archives as it may.
        public static let tooManyArchives = Code(description: "tooManyArchives")
        /// The block that is needed has not arrived here.
        public static let notHere = Code(description: "notHere")
        /// What was waited for did not come in time.
        public static let timedOut = Code(description: "timedOut")
        /// The drive was closed.
        public static let closed = Code(description: "closed")
        /// The caller withdrew.
        public static let cancelled = Code(description: "cancelled")
        /// There is no room left on the disk; nothing was lost.
        public static let diskFull = Code(description: "diskFull")
        /// The storage below failed.
        public static let storage = Code(description: "storage")
        /// The drive was opened for reading alone.
        public static let notWritable = Code(description: "notWritable")
        /// Something else stands in this place, and stays.
        public static let alreadyThere = Code(description: "alreadyThere")
        /// A file stands in this place with other contents, and stays.
        public static let differs = Code(description: "differs")
        /// A file or folder outside the drive could not be read or written.
        public static let fileSystem = Code(description: "fileSystem")
    }

    /// What kind of failure it was.
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

extension DriveError: Equatable, CustomStringConvertible {
    /// The message, and what is known of the cause.
    public var description: String {
        guard let cause else { return message }
        return "\(message): \(cause)"
    }

    /// True if the codes are equal.
    public static func == (left: DriveError, right: DriveError) -> Bool { left.code == right.code }
}
