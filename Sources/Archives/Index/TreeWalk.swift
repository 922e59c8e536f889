import Feeds

/// Goes through the keys and children of one version in order, for comparing two versions.
struct TreeWalk: Sendable {
    /// What comes next: a key, or a child with all that is below it.
    enum Item: Hashable, Sendable {
        case key(UInt64)
        case child(NodeReference)
    }

    private struct Frame: Sendable {
        let node: IndexNode
        /// How many nodes there are above it, also those that were left at their end.
        let depth: Int
        /// Even positions are children, odd ones are keys.
        var position: Int

        var item: Item? {
            guard position <= node.keys.count * 2 else { return nil }
            if position & 1 == 1 { return .key(node.keys[position / 2]) }
            return node.isLeaf ? nil : .child(node.children[position / 2])
        }

        /// The key at the position, or the one behind the child there.
        var key: UInt64? {
            position / 2 < node.keys.count ? node.keys[position / 2] : nil
        }

        /// Goes on to the next item, in a leaf to the next key; false at the end.
        mutating func advance() -> Bool {
            position += node.isLeaf ? 2 : 1
            return item != nil
        }
    }

    let feed: Feed
    private let version: UInt64
    private let range: IndexRange
    /// The way down; a node whose end is reached leaves it at once.
    private var stack: [Frame] = []
    private var isOpen = false
    /// Whether the beginning of the range is still to be found further down.
    private var isSeeking: Bool
    /// The last key that was passed; the next one must lie beyond it.
    private var last: [UInt8]?
    /// The key of the next item once it was checked.
    private var checked: [UInt8]?

    init(feed: Feed, version: UInt64, range: IndexRange) {
        self.feed = feed
        self.version = version
        self.range = range
        isSeeking = range.lower != nil
    }

    /// What comes next, `nil` at the end.
    var item: Item? { stack.last?.item }

    /// The block of the smallest key that is not below the next item, `nil` if there is none.
    var frontKey: UInt64? {
        for frame in stack.reversed() {
            if let key = frame.key { return key }
        }
        return nil
    }

    /// Finds the beginning of the range.
    mutating func open(in snapshot: borrowing StoreSnapshot) throws {
        guard !isOpen else { return }
        if version > 1 {
            let root = try snapshot.indexNode(
                NodeReference(seq: version - 1, offset: 0), of: feed, isRoot: true)
            // A root without keys is the one node that may be empty.
            if !root.keys.isEmpty { try enter(root, depth: 0, in: snapshot) }
        }
        isOpen = true
    }

    /// Passes over the next item.
    mutating func skip() {
        if case .key = item { last = checked }
        if !stack[stack.count - 1].advance() { stack.removeLast() }
    }

    /// Goes down into the next item if it is a child, or past it if it is a key.
    mutating func step(in snapshot: borrowing StoreSnapshot) throws {
        switch item {
        case .child(let reference):
            let node = try snapshot.indexNode(reference, of: feed)
            try enter(node, depth: stack[stack.count - 1].depth + 1, in: snapshot)
        case .key:
            _ = try peekEntry(in: snapshot)
            skip()
        case nil: break
        }
    }

    /// The entry of the next key, `nil` if it lies behind the end of the range.
    mutating func peekEntry(in snapshot: borrowing StoreSnapshot) throws -> IndexEntry? {
        guard case .key(let seq) = item else { return nil }
        isSeeking = false
        let entry = try snapshot.indexEntry(seq, of: feed)
        try check(seq, entry.key)
        return entry.key.withUnsafeBytes { range.endsAtOrAfter($0) } ? entry : nil
    }

    /// Goes on to the next key and past it; `nil` at the end of the range.
    mutating func nextEntry(in snapshot: borrowing StoreSnapshot) throws -> IndexEntry? {
        while let item {
            guard case .key = item else {
                try step(in: snapshot)
                continue
            }
            guard let entry = try peekEntry(in: snapshot) else {
                stack.removeAll()
                return nil
            }
            skip()
            return entry
        }
        return nil
    }

    /// Checks the order of the next item if it is a key that is about to be passed over.
    mutating func check(in snapshot: borrowing StoreSnapshot) throws {
        guard case .key(let seq) = item else { return }
        let key = try snapshot.withIndexBlock(seq, of: feed) { Array($0.key) }
        try check(seq, key)
    }

    /// Checks that keys ascend from the beginning of the range on: so no node can come twice.
    private mutating func check(_ seq: UInt64, _ key: [UInt8]) throws {
        let isInRange = key.withUnsafeBytes { range.startsAtOrBefore($0) }
        guard isInRange, last.map({ KeyOrder.compare($0, key) < 0 }) ?? true else {
            throw ArchiveError.malformedIndex(seq, of: feed.key, "keys are out of order")
        }
        checked = key
    }

    /// Goes into a node, past the child of its parent that it is.
    private mutating func enter(
        _ node: IndexNode, depth: Int, in snapshot: borrowing StoreSnapshot
    ) throws {
        guard depth < ArchiveLimits.maximumIndexDepth else {
            throw ArchiveError.malformedIndex(
                node.reference.seq, of: feed.key, "the tree is too deep")
        }
        var frame = Frame(node: node, depth: depth, position: node.isLeaf ? 1 : 0)
        if isSeeking, let lower = range.lower {
            let (found, isFound) = try snapshot.bisect(node, for: lower.key, of: feed)
            if isFound {
                let past = node.isLeaf ? found * 2 + 3 : found * 2 + 2
                frame.position = lower.isIncluded ? found * 2 + 1 : past
            } else {
                frame.position = found * 2 + (node.isLeaf ? 1 : 0)
            }
            if isFound || node.isLeaf || frame.item == nil { isSeeking = false }
        }
        if !stack.isEmpty { skip() }
        if frame.item != nil { stack.append(frame) }
    }
}
