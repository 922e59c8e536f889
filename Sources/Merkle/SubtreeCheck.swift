/// Climbs the lists of a proof from what was asked to the node that must be trusted.
///
/// See docs/formats/merkle.md#how-an-answer-is-checked.
struct SubtreeCheck {
    /// All nodes given and computed, in order.
    private(set) var nodes: [Node] = []
    /// The leaf made from the block.
    private(set) var leaf: Node?
    /// The node that the lists lead to.
    private(set) var top: Node?
    /// Whether the size of `top` follows from its hash or from a block.
    private(set) var topSizeIsBound = true
    /// Siblings of which only the sum of sizes is bound.
    private(set) var unboundPairs: [(Node, Node)] = []

    /// The block's bytes may be lent beside the proof, which then has none.
    init(
        _ proof: Proof, blockValue: UnsafeRawBufferPointer? = nil
    ) throws(ProofError) {
        if let hash = proof.hash, hash.index.value >= Limits.maximumLength * 2 {
            throw .outOfBounds
        }
        if let block = proof.block, block.index >= Limits.maximumLength { throw .outOfBounds }
        if let seek = proof.seek, let first = seek.nodes.first {
            guard first.index.value < Limits.maximumLength * 2 else { throw .outOfBounds }
            var queue = NodeQueue(seek.nodes)
            try climb(from: try queue.take(first.index), isBound: false, with: &queue)
        }
        if let block = proof.block {
            let leaf =
                blockValue.map { Node(leafOf: block.index, bytes: $0) }
                ?? Node(leafOf: block.index, bytes: block.value)
            guard leaf.size <= Limits.maximumByteLength else { throw .outOfBounds }
            self.leaf = leaf
            var queue = NodeQueue(block.nodes, extra: top)
            nodes.reserveCapacity(nodes.count + 1 + 2 * block.nodes.count)
            try climb(from: leaf, isBound: true, with: &queue)
        } else if let hash = proof.hash {
            var queue = NodeQueue(hash.nodes, extra: top)
            let given = queue.extra != nil
            let first = try queue.take(hash.index)
            // A node that the seek list led to is as well bound as that one.
            let isSeekNode = given && queue.extra == nil
            try climb(from: first, isBound: isSeekNode && topSizeIsBound, with: &queue)
        }
    }

    /// Climbs from a node that was made from all blocks below it.
    init(from node: Node, siblings: [Node]) throws(ProofError) {
        guard node.index.value < Limits.maximumLength * 2 else { throw .outOfBounds }
        var queue = NodeQueue(siblings)
        nodes.reserveCapacity(1 + 2 * siblings.count)
        try climb(from: node, isBound: true, with: &queue)
    }

    private mutating func climb(
        from start: Node, isBound: Bool, with queue: inout NodeQueue
    ) throws(ProofError) {
        var node = start
        var isBound = isBound
        nodes.append(node)
        while !queue.isEmpty {
            let hadExtra = queue.extra != nil
            let sibling = try queue.take(node.index.sibling)
            let siblingIsBound = hadExtra && queue.extra == nil && topSizeIsBound
            guard node.index.depth < Limits.maximumDepth,
                let parent = Node(parentOf: node, and: sibling)
            else { throw .outOfBounds }
            if !isBound, !siblingIsBound { unboundPairs.append((node, sibling)) }
            nodes.append(sibling)
            nodes.append(parent)
            node = parent
            isBound = true
        }
        top = node
        topSizeIsBound = isBound
    }
}
