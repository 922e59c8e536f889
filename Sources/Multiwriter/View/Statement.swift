package import Archives
package import Cryptography

/// What one writer says of one path, as far as it matters for who is right.
package struct Statement: Sendable {
    /// What makes two statements one, although neither writer saw the other's.
    package enum Sameness: Hashable, Sendable {
        case deletion
        case directory(mode: UInt32?)
        case pointer(EntryType, target: String)
        case content(EntryType, mode: UInt32?, isExecutable: Bool, hash: ContentHash?)
    }

    package let link: FeedKey
    /// Where the statement stands in its writer's index feed.
    package let position: UInt64
    package let seen: SeenVector
    package let mtime: Timestamp?
    /// `nil` if nothing is like it: content of which no hash is known.
    package let sameness: Sameness?

    package init(
        link: FeedKey, position: UInt64, seen: SeenVector, mtime: Timestamp?, sameness: Sameness?
    ) {
        self.link = link
        self.position = position
        self.seen = seen
        self.mtime = mtime
        self.sameness = sameness
    }

    /// True if this writer says that it knew the other statement, or a later one of that writer.
    package func claims(_ other: Statement) -> Bool {
        guard let position = seen[other.link] else { return false }
        return position >= other.position
    }

    /// The order in which what remains is shown; every peer computes the same one.
    ///
    /// What lives stands before a deletion, then what is newer, then the larger link.
    package func isShownBefore(_ other: Statement) -> Bool {
        let isDeletion = sameness == .deletion
        if isDeletion != (other.sameness == .deletion) { return !isDeletion }
        switch (mtime, other.mtime) {
        case (let mine?, let theirs?) where mine != theirs: return mine > theirs
        case (_?, nil): return true
        case (nil, _?): return false
        default: return link > other.link
        }
    }
}
