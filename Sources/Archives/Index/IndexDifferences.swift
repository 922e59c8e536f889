public import Feeds

/// What became of a key between two versions.
public struct IndexDifference: Sendable, Hashable {
    /// The entry on the left side, `nil` if there is none.
    public let left: IndexEntry?
    /// The entry on the right side, `nil` if there is none.
    public let right: IndexEntry?
}

/// Walks two versions of an index side by side and gives out what differs, in the order of keys.
///
/// Tree nodes that both versions share are passed over unread. It holds no transaction. When a
/// block is missing, `next` throws and can be called again once the block has arrived.
public struct IndexDifferences: Sendable {
    private var left: TreeWalk
    private var right: TreeWalk
    private var remaining: Int?

    init(left: TreeWalk, right: TreeWalk, limit: Int?) {
        self.left = left
        self.right = right
        remaining = limit
    }

    /// The next difference, `nil` at the end.
    public mutating func next(in snapshot: borrowing StoreSnapshot) throws -> IndexDifference? {
        guard remaining != 0 else { return nil }
        try left.open(in: snapshot)
        try right.open(in: snapshot)
        while true {
            guard let left = left.item else {
                guard let entry = try right.nextEntry(in: snapshot) else { return nil }
                return found(nil, entry)
            }
            guard let right = right.item else {
                guard let entry = try self.left.nextEntry(in: snapshot) else { return nil }
                return found(entry, nil)
            }
            if left == right {
                try skip(in: snapshot)
            } else if case .key = left, case .child = right {
                try self.right.step(in: snapshot)
            } else if case .child = left, case .key = right {
                try self.left.step(in: snapshot)
            } else {
                let order = try compareFronts(in: snapshot)
                guard case .key = left else {
                    if order >= 0 { try self.left.step(in: snapshot) }
                    if order <= 0 { try self.right.step(in: snapshot) }
                    continue
                }
                return try takeKeys(order, in: snapshot)
            }
        }
    }

    private mutating func found(_ left: IndexEntry?, _ right: IndexEntry?) -> IndexDifference {
        if let count = remaining { remaining = count - 1 }
        return IndexDifference(left: left, right: right)
    }

    /// Passes over a key or a subtree that is the same on both sides.
    private mutating func skip(in snapshot: borrowing StoreSnapshot) throws {
        try left.check(in: snapshot)
        try right.check(in: snapshot)
        left.skip()
        right.skip()
    }

    /// Takes the smaller key, or both if they are equal.
    private mutating func takeKeys(
        _ order: Int, in snapshot: borrowing StoreSnapshot
    ) throws -> IndexDifference? {
        // Both are read before either side moves, so that a missing block leaves both in place.
        let leftEntry = order <= 0 ? try left.peekEntry(in: snapshot) : nil
        let rightEntry = order >= 0 ? try right.peekEntry(in: snapshot) : nil
        if order <= 0 { left.skip() }
        if order >= 0 { right.skip() }
        guard leftEntry != nil || rightEntry != nil else {
            remaining = 0
            return nil
        }
        return found(leftEntry, rightEntry)
    }

    /// Compares the keys at or after which the two sides stand; the end comes after every key.
    private func compareFronts(in snapshot: borrowing StoreSnapshot) throws -> Int {
        switch (left.frontKey, right.frontKey) {
        case (nil, nil): return 0
        case (nil, _): return 1
        case (_, nil): return -1
        case (let left?, let right?):
            let key = try snapshot.withIndexBlock(left, of: self.left.feed) { Array($0.key) }
            return try snapshot.compare(key, toKeyOf: right, of: self.right.feed)
        }
    }
}

extension IndexTree {
    /// Walks what differs from another version, seen from this one.
    ///
    /// A key that is put again differs even if its value is the same.
    public func differences(
        from other: IndexTree, in range: IndexRange = .all, limit: Int? = nil,
        of snapshot: borrowing StoreSnapshot
    ) throws -> IndexDifferences {
        IndexDifferences(
            left: TreeWalk(feed: feed, version: try version(in: snapshot), range: range),
            right: TreeWalk(
                feed: other.feed, version: try other.version(in: snapshot), range: range),
            limit: limit)
    }
}
