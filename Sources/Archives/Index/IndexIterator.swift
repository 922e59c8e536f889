public import Feeds

/// Walks a range of keys of one version, entry by entry.
///
/// It holds one path of tree nodes and no transaction: any snapshot that still has the version can
/// be handed to `next`. When a block is missing, `next` throws and can be called again once the
/// block has arrived.
public struct IndexIterator: Sendable {
    struct Frame {
        let node: IndexNode
        /// Even positions are children, odd ones are keys.
        var position: Int
    }

    /// The index that is walked.
    public let feed: Feed
    /// The version that is walked.
    public let version: UInt64
    /// Whether keys descend.
    public let isReversed: Bool

    private var range: IndexRange
    private var remaining: Int?
    private var stack: [Frame] = []
    private var isOpen = false
    /// The last key that was given out; the next one must lie beyond it.
    private var last: [UInt8] = []
    private var hasLast = false

    init(feed: Feed, version: UInt64, range: IndexRange, isReversed: Bool, limit: Int?) {
        self.feed = feed
        self.version = version
        self.range = range
        self.isReversed = isReversed
        remaining = limit
    }

    /// The next entry, `nil` at the end.
    public mutating func next(in snapshot: borrowing StoreSnapshot) throws -> IndexEntry? {
        var entry: IndexEntry?
        try visitNext(in: snapshot) { seq, key, value in
            entry = IndexEntry(seq: seq, key: Array(key), value: value.map { Array($0) })
        }
        return entry
    }

    /// Lends the key and the value of the next entry where they are stored; false at the end.
    @discardableResult
    public mutating func visitNext(
        in snapshot: borrowing StoreSnapshot,
        _ body: (
            _ seq: UInt64, _ key: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer?
        ) throws -> Void
    ) throws -> Bool {
        guard remaining != 0, version > 1 else { return false }
        if !isOpen { try open(in: snapshot) }
        while let top = stack.last {
            let position = top.position
            guard position >= 0, position <= top.node.keys.count * 2 else {
                stack.removeLast()
                continue
            }
            if position & 1 == 0 {
                if !top.node.isLeaf {
                    let child = try snapshot.indexNode(
                        top.node.children[position / 2], of: feed)
                    advance()
                    try push(child, position: isReversed ? child.keys.count * 2 : 0)
                } else {
                    advance()
                }
                continue
            }
            if try take(top.node.keys[position / 2], in: snapshot, body) {
                advance()
                return true
            }
            stack.removeAll()
            remaining = 0
        }
        return false
    }

    /// Goes on at the first key from here on (backwards if reversed) that is this one or beyond.
    ///
    /// Keys in between are skipped without being read.
    public mutating func seek(to bound: IndexRange.Bound) {
        if isReversed { range.upper = bound } else { range.lower = bound }
        stack.removeAll(keepingCapacity: true)
        isOpen = false
        hasLast = false
    }

    private mutating func advance() {
        stack[stack.count - 1].position += isReversed ? -1 : 1
    }

    private mutating func push(_ node: IndexNode, position: Int) throws {
        guard stack.count < ArchiveLimits.maximumIndexDepth else {
            throw ArchiveError.malformedIndex(
                node.reference.seq, of: feed.key, "the tree is too deep")
        }
        stack.append(Frame(node: node, position: position))
    }

    /// Reads an entry and checks its place; false if it lies behind the end of the range.
    private mutating func take(
        _ seq: UInt64, in snapshot: borrowing StoreSnapshot,
        _ body: (UInt64, UnsafeRawBufferPointer, UnsafeRawBufferPointer?) throws -> Void
    ) throws -> Bool {
        let isTaken = try snapshot.withIndexBlock(seq, of: feed) { block -> Bool in
            let isBeforeEnd =
                isReversed
                ? range.startsAtOrBefore(block.key) : range.endsAtOrAfter(block.key)
            guard isBeforeEnd else { return false }
            let isAfterStart =
                isReversed
                ? range.endsAtOrAfter(block.key) : range.startsAtOrBefore(block.key)
            let order = hasLast ? KeyOrder.compare(last, block.key) : isReversed ? 1 : -1
            guard isAfterStart, isReversed ? order > 0 : order < 0 else {
                throw ArchiveError.malformedIndex(seq, of: feed.key, "keys are out of order")
            }
            try body(seq, block.key, block.value)
            // The memory of the key before is used again.
            last.removeAll(keepingCapacity: true)
            last.append(contentsOf: block.key)
            hasLast = true
            return true
        }
        if isTaken, let count = remaining { remaining = count - 1 }
        return isTaken
    }

    /// Finds the path to the first key of the range.
    private mutating func open(in snapshot: borrowing StoreSnapshot) throws {
        stack.removeAll(keepingCapacity: true)
        let start = isReversed ? range.upper : range.lower
        var reference = NodeReference(seq: version - 1, offset: 0)
        var isRoot = true
        while true {
            let node = try snapshot.indexNode(reference, of: feed, isRoot: isRoot)
            isRoot = false
            guard let start else {
                try push(node, position: isReversed ? node.keys.count * 2 : 0)
                break
            }
            let (found, isFound) = try snapshot.bisect(node, for: start.key, of: feed)
            if isFound {
                let past = isReversed ? found * 2 : found * 2 + 2
                try push(node, position: start.isIncluded ? found * 2 + 1 : past)
                break
            }
            try push(node, position: isReversed ? found * 2 - 1 : found * 2 + 1)
            guard !node.isLeaf else { break }
            reference = node.children[found]
        }
        isOpen = true
    }
}

extension IndexTree {
    /// Walks the entries whose keys lie in a range.
    public func entries(
        in range: IndexRange = .all, reversed: Bool = false, limit: Int? = nil,
        of snapshot: borrowing StoreSnapshot
    ) throws -> IndexIterator {
        IndexIterator(
            feed: feed, version: try version(in: snapshot), range: range, isReversed: reversed,
            limit: limit)
    }
}
