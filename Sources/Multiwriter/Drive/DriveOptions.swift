public import Cryptography
public import Feeds

/// How a drive is opened.
public struct DriveOptions: Sendable {
    /// Whether a drive that is not there is made.
    public enum Presence: Sendable, Hashable {
        /// Makes the drive, and its folder, if there is none.
        case createIfAbsent
        /// Throws `absent` if there is none, and creates nothing.
        case mustExist
    }

    /// Whether a drive that is not there is made.
    public var presence = Presence.createIfAbsent
    /// Whether nothing may be written.
    public var isReadOnly = false
    /// Whether only the index of archives is fetched, and content when it is asked for, as long
    /// as the drive is open; `setSparseNow` makes it last.
    public var isSparse = false
    /// Whether the indexes of others are not fetched as a whole either, but what lookups need of
    /// them, as long as the drive is open.
    public var isIndexSparse = false
    /// How many archives the drive follows at most, its own included.
    public var maximumArchiveCount = DriveLimits.maximumArchiveCount
    /// The secret of a drive that is made; a random one if there is none.
    public var primaryKey: PrimaryKey?
    /// What a commit that returned survives; only tests want less than a power cut.
    public var durability = FeedStoreOptions.Durability.powerCut

    /// Makes the options of a drive that is made if it is absent.
    public init(
        presence: Presence = .createIfAbsent, isReadOnly: Bool = false, isSparse: Bool = false
    ) {
        self.presence = presence
        self.isReadOnly = isReadOnly
        self.isSparse = isSparse
    }

    /// A drive that must be there.
    public static let mustExist = DriveOptions(presence: .mustExist)
    /// A drive that must be there and is not written to.
    public static let readOnly = DriveOptions(presence: .mustExist, isReadOnly: true)
}
