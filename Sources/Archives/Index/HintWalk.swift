import Feeds

/// A lookup or walk that notes which blocks it touches.
struct HintWalk {
    private struct Frame {
        let node: IndexNode
        /// Even positions are children, odd ones are keys.
        var position: Int
    }

    let feed: Feed
    let version: UInt64
    /// The blocks in the order in which they were touched first.
    private(set) var blocks: [UInt64] = []
    private(set) var readCount = 0
    private var seen: Set<UInt64> = []
    private var stack: [Frame] = []

    init(feed: Feed, version: UInt64) {
        self.feed = feed
        self.version = version
    }

    private var isExhausted: Bool {
        blocks.count >= ArchiveLimits.maximumHintBlocks
            || readCount >= ArchiveLimits.maximumHintReads
    }

    private mutating func touch(_ seq: UInt64) {
        readCount += 1
        if seen.insert(seq).inserted { blocks.append(seq) }
    }

    private mutating func node(
        _ reference: NodeReference, isRoot: Bool, in snapshot: borrowing StoreSnapshot
    ) throws -> IndexNode {
        let node = try snapshot.indexNode(reference, of: feed, isRoot: isRoot)
        touch(reference.seq)
        return node
    }

    private mutating func compare(
        _ key: [UInt8], toKeyOf seq: UInt64, in snapshot: borrowing StoreSnapshot
    ) throws -> Int {
        let order = try snapshot.compare(key, toKeyOf: seq, of: feed)
        touch(seq)
        return order
    }

    private mutating func bisect(
        _ node: IndexNode, for key: [UInt8], in snapshot: borrowing StoreSnapshot
    ) throws -> (position: Int, isFound: Bool) {
        var start = 0
        var end = node.keys.count
        while start < end {
            let middle = (start + end) >> 1
            let order = try compare(key, toKeyOf: node.keys[middle], in: snapshot)
            if order == 0 { return (middle, true) }
            if order < 0 { end = middle } else { start = middle + 1 }
        }
        return (start, false)
    }

    /// Does the lookup of a key.
    mutating func look(up key: [UInt8], in snapshot: borrowing StoreSnapshot) throws {
        var reference = NodeReference(seq: version - 1, offset: 0)
        for depth in 0..<ArchiveLimits.maximumIndexDepth {
            let node = try node(reference, isRoot: depth == 0, in: snapshot)
            if try compare(key, toKeyOf: reference.seq, in: snapshot) == 0 { return }
            let (position, isFound) = try bisect(node, for: key, in: snapshot)
            guard !isFound, !node.isLeaf else { return }
            reference = node.children[position]
        }
    }

    /// Does a walk, from its beginning or where the peer stands.
    mutating func iterate(
        _ hint: IndexHint.Iterator, in snapshot: borrowing StoreSnapshot
    ) throws {
        let range = IndexRange(gt: hint.gt, gte: hint.gte, lt: hint.lt, lte: hint.lte)
        if hint.checkpoint.isEmpty {
            try open(range, isReversed: hint.reverse, in: snapshot)
        } else {
            try resume(hint.checkpoint, in: snapshot)
        }
        var remaining = hint.limit == 0 ? UInt64.max : hint.limit
        while remaining > 0, !isExhausted, let top = stack.last {
            guard 0...top.node.keys.count * 2 ~= top.position else {
                stack.removeLast()
                continue
            }
            stack[stack.count - 1].position += hint.reverse ? -1 : 1
            if top.position & 1 == 0 {
                guard !top.node.isLeaf else { continue }
                try descend(
                    top.node.children[top.position / 2], isReversed: hint.reverse, in: snapshot)
                continue
            }
            let seq = top.node.keys[top.position / 2]
            let isInside = try snapshot.withIndexBlock(seq, of: feed) { block in
                hint.reverse ? range.startsAtOrBefore(block.key) : range.endsAtOrAfter(block.key)
            }
            touch(seq)
            guard isInside else { return }
            remaining -= 1
        }
    }

    private mutating func push(_ node: IndexNode, _ position: Int) throws {
        guard stack.count < ArchiveLimits.maximumIndexDepth else {
            throw ArchiveError.malformedIndex(
                node.reference.seq, of: feed.key, "the tree is too deep")
        }
        stack.append(Frame(node: node, position: position))
    }

    private mutating func descend(
        _ reference: NodeReference, isReversed: Bool, in snapshot: borrowing StoreSnapshot
    ) throws {
        let child = try node(reference, isRoot: false, in: snapshot)
        try push(child, isReversed ? child.keys.count * 2 : 0)
    }

    private mutating func open(
        _ range: IndexRange, isReversed: Bool, in snapshot: borrowing StoreSnapshot
    ) throws {
        let start = isReversed ? range.upper : range.lower
        var reference = NodeReference(seq: version - 1, offset: 0)
        while true {
            let node = try node(reference, isRoot: stack.isEmpty, in: snapshot)
            guard let start else {
                return try push(node, isReversed ? node.keys.count * 2 : 0)
            }
            let (found, isFound) = try bisect(node, for: start.key, in: snapshot)
            if isFound {
                let past = isReversed ? found * 2 : found * 2 + 2
                return try push(node, start.isIncluded ? found * 2 + 1 : past)
            }
            try push(node, isReversed ? found * 2 - 1 : found * 2 + 1)
            guard !node.isLeaf else { return }
            reference = node.children[found]
        }
    }

    /// Takes over the path on which the peer stands: it has these blocks itself.
    private mutating func resume(
        _ checkpoint: [UInt64], in snapshot: borrowing StoreSnapshot
    ) throws {
        for start in stride(from: 0, to: checkpoint.count - 2, by: 3) {
            let (seq, offset) = (checkpoint[start], checkpoint[start + 1])
            guard 0 < seq, seq < version, checkpoint[start + 2] <= 2 * 9 else { return }
            let reference = NodeReference(seq: seq, offset: offset)
            let node = try snapshot.indexNode(reference, of: feed, isRoot: start == 0)
            readCount += 1
            try push(node, Int(checkpoint[start + 2]))
        }
    }

    /// The answer, in messages of a bounded size.
    var cacheMessages: [[UInt8]] {
        stride(from: 0, to: blocks.count, by: ArchiveLimits.hintBlocksPerMessage).map { start in
            let end = min(blocks.count, start + ArchiveLimits.hintBlocksPerMessage)
            let part = Array(blocks[start..<end])
            return IndexHint(
                cache: IndexHint.Cache(
                    start: part.min() ?? 0, end: (part.max() ?? 0) + 1, blocks: part)
            ).message
        }
    }
}
