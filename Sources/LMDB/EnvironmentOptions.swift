/// How an environment is opened.
public struct EnvironmentOptions: Sendable, Equatable {
    /// What a commit that returned survives.
    public enum Durability: Int, Sendable, Comparable {
        /// A crash of the process only; for tests.
        case none
        /// A power cut, but for perhaps the last commit.
        case exceptLastCommit
        /// A power cut.
        case full

        /// Tells whether the left one survives less.
        public static func < (left: Durability, right: Durability) -> Bool {
            left.rawValue < right.rawValue
        }
    }

    /// Refuses to write, and creates nothing.
    public var isReadOnly = false

    /// Throws if there is no environment, and creates nothing.
    public var mustExist = false

    /// What a commit that returned survives.
    public var durability = Durability.full

    /// The largest number of tables.
    public var maximumDatabaseCount = 32

    /// The largest number of readers at one time, all processes together.
    public var maximumReaderCount = 510

    /// The address space to start with; it grows as needed.
    public var initialMapByteCount = Limits.initialMapByteCount

    /// Creates the options that suit most: writable, created if absent, fully durable.
    public init() {}
}
