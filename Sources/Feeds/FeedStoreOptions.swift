public import Cryptography
import LMDB

/// How a store is opened.
public struct FeedStoreOptions: Sendable {
    /// Whether a store that is not there is made, or is an error.
    public enum Presence: Sendable {
        /// Makes the store, and its folder, if there is none.
        case createIfAbsent
        /// Throws `absent` if there is none, and creates nothing.
        case mustExist
    }

    /// What a commit that returned survives.
    public enum Durability: Sendable {
        /// A crash of the process only; for tests.
        case processCrash
        /// A power cut, but for perhaps the last commit.
        case powerCutExceptLastCommit
        /// A power cut.
        case powerCut
    }

    /// Whether a store that is not there is made.
    public var presence: Presence
    /// Whether nothing may be written.
    public var isReadOnly: Bool
    /// What a commit that returned survives; only tests want less than a power cut.
    public var durability: Durability
    /// The secret of a store that is made; a random one if there is none.
    public var primaryKey: PrimaryKey?

    /// Makes options.
    public init(
        presence: Presence = .createIfAbsent, isReadOnly: Bool = false,
        durability: Durability = .powerCut, primaryKey: PrimaryKey? = nil
    ) {
        self.presence = presence
        self.isReadOnly = isReadOnly
        self.durability = durability
        self.primaryKey = primaryKey
    }

    /// A store that must be there.
    public static let mustExist = FeedStoreOptions(presence: .mustExist)
    /// A store that must be there and is not written to.
    public static let readOnly = FeedStoreOptions(presence: .mustExist, isReadOnly: true)
}

extension FeedStoreOptions {
    /// The same for the environment below.
    var environmentOptions: EnvironmentOptions {
        var options = EnvironmentOptions()
        options.mustExist = presence == .mustExist
        options.isReadOnly = isReadOnly
        switch durability {
        case .processCrash: options.durability = .none
        case .powerCutExceptLastCommit: options.durability = .exceptLastCommit
        case .powerCut: options.durability = .full
        }
        return options
    }
}
