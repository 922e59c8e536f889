extension TreeIndex {
    /// What a tree of `start` blocks lacks to become one of `end` blocks, in the order of a proof.
    ///
    /// First the right siblings that connect the old tree, bottom up, then whole roots.
    static func upgrade(from start: UInt64, to end: UInt64) -> [TreeIndex] {
        var indices: [TreeIndex] = []
        var connects = start > 0
        for root in TreeIndex.roots(ofLength: end) where root.lastBlock >= start {
            if connects, root.firstBlock < start {
                var node = TreeIndex(block: start - 1)
                while node != root {
                    if node.isLeft { indices.append(node.sibling) }
                    node = node.parent
                }
            } else {
                indices.append(root)
            }
            connects = false
        }
        return indices
    }
}
