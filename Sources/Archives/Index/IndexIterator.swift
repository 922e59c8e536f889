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

    private(set) var range: IndexRange
    private(set) var remaining: Int?
    private(set) var stack: [Frame] = []
    private(set) var isOpen = false
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
        let visit = try step(in: snapshot) { seq, key, value in
            try body(seq, key, value)
            return .next
        }
        return visit != nil
    }

    /// Lends the next entry, and goes past it unless the body leaves it; `nil` at the end.
    private mutating func step(
        in snapshot: borrowing StoreSnapshot,
        _ body: (UInt64, UnsafeRawBufferPointer, UnsafeRawBufferPointer?) throws -> IndexVisit
    ) throws -> IndexVisit? {
        guard let seq = try moveToKey(in: snapshot) else { return nil }
        guard let visit = try take(seq, in: snapshot, body) else {
            stack.removeAll()
            remaining = 0
            return nil
        }
        if visit != .leave { advance() }
        return visit
    }

    /// Goes down, and up where a node ends, to the next key; `nil` at the end.
    private mutating func moveToKey(in snapshot: borrowing StoreSnapshot) throws -> UInt64? {
        guard remaining != 0, version > 1 else { return nil }
        if !isOpen { try open(in: snapshot) }
        while !stack.isEmpty {
            let top = stack.count - 1
            let position = stack[top].position
            if position < 0 || position > stack[top].node.keys.count * 2 {
                stack.removeLast()
            } else if position & 1 == 1 {
                return stack[top].node.keys[position / 2]
            } else if stack[top].node.isLeaf {
                advance()
            } else {
                let child = try snapshot.indexNode(
                    stack[top].node.children[position / 2], of: feed)
                advance()
                try push(child, position: isReversed ? child.keys.count * 2 : 0)
            }
        }
        return nil
    }

    /// Lends one entry after the other until the body has seen enough; false at the end.
    ///
    /// Entries that were written one after the other are read in one go.
    public mutating func visit(
        in snapshot: borrowing StoreSnapshot,
        _ body: (
            _ seq: UInt64, _ key: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer?
        ) throws -> IndexVisit
    ) throws -> Bool {
        while true {
            if !isReversed, remaining == nil {
                guard let seq = try moveToKey(in: snapshot) else { return false }
                switch try visitRun(consecutiveKeys(from: seq), in: snapshot, body) {
                case .whole: continue
                case .stopped: return true
                case .end: return false
                // The single step says what is missing.
                case .broken: break
                }
            }
            guard let visit = try step(in: snapshot, body) else { return false }
            guard visit == .next else { return true }
        }
    }

    private enum RunOutcome {
        /// All of it was lent.
        case whole
        /// A block is missing.
        case broken
        /// The body has seen enough.
        case stopped
        /// The range ends.
        case end
    }

    /// The key at hand, and in a leaf those behind it as far as their blocks follow one another.
    private func consecutiveKeys(from start: UInt64) -> Range<UInt64> {
        let top = stack.count - 1
        var end = start + 1
        guard stack[top].node.isLeaf else { return start..<end }
        var next = stack[top].position / 2 + 1
        while next < stack[top].node.keys.count, stack[top].node.keys[next] == end {
            end += 1
            next += 1
        }
        return start..<end
    }

    private mutating func visitRun(
        _ run: Range<UInt64>, in snapshot: borrowing StoreSnapshot,
        _ body: (UInt64, UnsafeRawBufferPointer, UnsafeRawBufferPointer?) throws -> IndexVisit
    ) throws -> RunOutcome {
        let top = stack.count - 1
        let first = stack[top].position
        let isLeaf = stack[top].node.isLeaf
        var next = run.lowerBound
        let feed = feed
        var outcome = RunOutcome.broken
        // Also after a throw: whatever was lent is passed.
        defer {
            if outcome == .end {
                stack.removeAll()
                remaining = 0
            } else {
                // Behind a key of an inner node comes a child, which holds what is next.
                let count = Int(next - run.lowerBound)
                stack[top].position = isLeaf ? first + count * 2 : first + count
            }
        }
        try snapshot.forEachBlock(in: run, of: feed) { seq, bytes in
            guard seq == next else { return .stop }
            guard let visit = try lend(try feed.indexBlock(seq, in: bytes), at: seq, body) else {
                outcome = .end
                return .stop
            }
            if visit != .leave { next += 1 }
            if visit != .next {
                outcome = .stopped
            } else if next == run.upperBound {
                outcome = .whole
            }
            return outcome == .broken ? .next : .stop
        }
        return outcome
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

    /// Reads an entry and checks its place; `nil` if it lies behind the end of the range.
    private mutating func take(
        _ seq: UInt64, in snapshot: borrowing StoreSnapshot,
        _ body: (UInt64, UnsafeRawBufferPointer, UnsafeRawBufferPointer?) throws -> IndexVisit
    ) throws -> IndexVisit? {
        let visit = try snapshot.withIndexBlock(seq, of: feed) { block in
            try lend(block, at: seq, body)
        }
        if let visit, visit != .leave, let count = remaining { remaining = count - 1 }
        return visit
    }

    /// Lends an entry if it is in its place; `nil` if it lies behind the end of the range.
    private mutating func lend(
        _ block: IndexBlock, at seq: UInt64,
        _ body: (UInt64, UnsafeRawBufferPointer, UnsafeRawBufferPointer?) throws -> IndexVisit
    ) throws -> IndexVisit? {
        guard try checkPlace(of: block, at: seq) else { return nil }
        let visit = try body(seq, block.key, block.value)
        guard visit != .leave else { return visit }
        // The memory of the key before is used again.
        last.assign(block.key)
        hasLast = true
        return visit
    }

    /// Checks that a key lies beyond the one before; false if it lies behind the end of the range.
    private func checkPlace(of block: IndexBlock, at seq: UInt64) throws -> Bool {
        let isBeforeEnd =
            isReversed ? range.startsAtOrBefore(block.key) : range.endsAtOrAfter(block.key)
        guard isBeforeEnd else { return false }
        let order = hasLast ? KeyOrder.compare(last, block.key) : isReversed ? 1 : -1
        // What lies beyond a key of the range also lies beyond its beginning.
        let isAfterStart =
            hasLast
            || (isReversed ? range.endsAtOrAfter(block.key) : range.startsAtOrBefore(block.key))
        guard isAfterStart, isReversed ? order > 0 : order < 0 else {
            throw ArchiveError.malformedIndex(seq, of: feed.key, "keys are out of order")
        }
        return true
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

/// What a visitor of entries wants to see next.
public enum IndexVisit: Sendable {
    /// The next entry.
    case next
    /// Nothing more for now.
    case stop
    /// Nothing more for now, and this entry again.
    case leave
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

extension [UInt8] {
    /// Becomes a copy of other bytes, in the memory that it has.
    package mutating func assign(_ bytes: UnsafeRawBufferPointer) {
        guard count == bytes.count else {
            removeAll(keepingCapacity: true)
            append(contentsOf: bytes)
            return
        }
        withUnsafeMutableBytes { $0.copyMemory(from: bytes) }
    }
}
