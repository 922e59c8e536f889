public import Feeds

/// One change of an index.
public struct IndexChange: Sendable, Hashable {
    /// What was done to the key.
    public enum Kind: Sendable, Hashable {
        /// The key got a value.
        case put
        /// The key was deleted.
        case remove
    }

    /// What was done.
    public let kind: Kind
    /// The key, the value and the block of the change.
    public let entry: IndexEntry
}

/// Walks the changes of an index in the order in which they were made, or back.
public struct IndexHistory: Sendable {
    private let feed: Feed
    private var range: Range<UInt64>
    private let isReversed: Bool
    private var remaining: Int?

    init(feed: Feed, range: Range<UInt64>, isReversed: Bool, limit: Int?) {
        self.feed = feed
        self.range = range
        self.isReversed = isReversed
        remaining = limit
    }

    /// The next change, `nil` at the end; can be called again after a missing block has arrived.
    public mutating func next(in snapshot: borrowing StoreSnapshot) throws -> IndexChange? {
        guard remaining != 0, !range.isEmpty else { return nil }
        let seq = isReversed ? range.upperBound - 1 : range.lowerBound
        let change = try snapshot.withIndexBlock(seq, of: feed) { block in
            do {
                return IndexChange(
                    kind: try block.isDeletion(seq: seq) ? .remove : .put,
                    entry: IndexEntry(seq: seq, block))
            } catch {
                throw ArchiveError.malformedIndex(
                    seq, of: feed.key, "a tree node is broken", cause: error)
            }
        }
        range =
            isReversed
            ? range.lowerBound..<seq : seq + 1..<range.upperBound
        if let count = remaining { remaining = count - 1 }
        return change
    }
}

extension IndexTree {
    /// Walks the changes in a range of blocks; block 0 is never among them.
    ///
    /// In a batch, a put without a value can look like a deletion.
    public func history(
        in range: Range<UInt64>? = nil, reversed: Bool = false, limit: Int? = nil,
        of snapshot: borrowing StoreSnapshot
    ) throws -> IndexHistory {
        let all = 1..<(try version(in: snapshot))
        return IndexHistory(
            feed: feed, range: range.map { $0.clamped(to: all) } ?? all, isReversed: reversed,
            limit: limit)
    }
}
