public import Feeds

/// Answers one peer's hints about one index: tells which blocks its lookups will need.
///
/// It does the peer's lookup on what is held here, never waits for a block, and is bounded in what
/// one hint and what a peer's hints together may cost. See docs/formats/index.md#hints.
public struct IndexHintResponder: Sendable {
    /// The name of the extension.
    public static let extensionName = "hyperbee"

    private let feed: Feed
    /// Reads that may still be done, and when that was last added to.
    private var credit = Double(ArchiveLimits.hintReadCredit)
    private var creditedAt: Duration = .zero

    /// Begins with a peer that has asked nothing.
    public init(_ feed: Feed) { self.feed = feed }

    /// The messages that answer a hint, perhaps none.
    ///
    /// Hints that cannot be decoded, name no version that is here, or come too fast are ignored.
    /// - Throws: only if the store fails.
    public mutating func answers(
        to message: [UInt8], now: Duration, in snapshot: borrowing StoreSnapshot
    ) throws -> [[UInt8]] {
        guard let hint = IndexHint(message: message),
            hint.get != nil || hint.iterator != nil
        else { return [] }
        refill(now)
        var messages: [[UInt8]] = []
        if let get = hint.get, let key = get.key, credit >= 1 {
            messages += try answer(version: get.version, in: snapshot) { walk, snapshot in
                try walk.look(up: key, in: snapshot)
            }
        }
        if let iterator = hint.iterator, credit >= 1 {
            messages += try answer(version: iterator.version, in: snapshot) { walk, snapshot in
                try walk.iterate(iterator, in: snapshot)
            }
        }
        return messages
    }

    private mutating func refill(_ now: Duration) {
        let seconds = max(.zero, now - creditedAt) / .seconds(1)
        creditedAt = max(creditedAt, now)
        let full = Double(ArchiveLimits.hintReadCredit)
        credit = min(full, credit + seconds * full)
    }

    private mutating func answer(
        version: UInt64, in snapshot: borrowing StoreSnapshot,
        _ body: (inout HintWalk, borrowing StoreSnapshot) throws -> Void
    ) throws -> [[UInt8]] {
        guard version > 1, try version <= snapshot.head(of: feed).length else {
            credit -= 1
            return []
        }
        var walk = HintWalk(feed: feed, version: version)
        do {
            try body(&walk, snapshot)
        } catch is ArchiveError {
            // A block is missing or broken; what was touched before is of use all the same.
        }
        credit -= Double(max(1, walk.readCount))
        return walk.cacheMessages
    }
}

extension IndexHint.Cache {
    /// The blocks that may be fetched at a peer's word: within its own bounds and the index.
    public func wantedBlocks(below length: UInt64) -> [UInt64] {
        blocks.prefix(ArchiveLimits.hintBlocksPerMessage * 4)
            .filter { start <= $0 && $0 < end && $0 < length }
    }
}

extension IndexHint {
    /// The message with which a reader that lacks a block of a lookup asks for what it will need.
    public static func lookup(of key: [UInt8], version: UInt64) -> [UInt8] {
        IndexHint(get: Get(version: version, key: key)).message
    }

    /// The message with which a reader that lacks a block of a walk asks for what it will need.
    public static func walk(
        through range: IndexRange, version: UInt64, reversed: Bool = false, limit: Int? = nil
    ) -> [UInt8] {
        var iterator = Iterator(range, version: version)
        iterator.reverse = reversed
        iterator.limit = limit.map { UInt64(max(0, $0)) } ?? 0
        return IndexHint(iterator: iterator).message
    }
}
