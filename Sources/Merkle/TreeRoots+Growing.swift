extension TreeRoots {
    /// Grows to a length with the nodes of an upgrade list.
    ///
    /// Own roots that are also roots of the longer tree stay. The others lie below the first
    /// one that is not, which siblings of the last own root lead up to.
    mutating func grow(
        to end: UInt64, with queue: inout NodeQueue, collecting collected: inout [Node]
    ) throws(ProofError) {
        guard end >= length else { throw .upgradeTooShort }
        var kept = 0
        var isKeeping = true
        for root in TreeIndex.roots(ofLength: end) {
            if isKeeping, kept < nodes.count {
                if nodes[kept].index == root {
                    kept += 1
                    continue
                }
                isKeeping = false
                while let last = nodes.last, last.index != root {
                    try add(try queue.take(last.index.sibling), collecting: &collected)
                }
            } else {
                isKeeping = false
                try add(try queue.take(root), collecting: &collected)
            }
        }
    }

    /// Grows on to the length that was signed.
    mutating func grow(
        withAdditional nodes: [Node], collecting collected: inout [Node]
    ) throws(ProofError) {
        var rest = nodes[...]
        while let node = rest.first, let last = self.nodes.last, node.index == last.index.sibling {
            try add(node, collecting: &collected)
            rest.removeFirst()
        }
        guard var depth = self.nodes.last?.index.depth else {
            guard let node = rest.first else { return }
            throw .unexpectedNode(node.index)
        }
        for node in rest {
            guard node.index.depth < depth, node.index.firstBlock == length else {
                throw .unexpectedNode(node.index)
            }
            depth = node.index.depth
            try add(node, collecting: &collected)
        }
    }

    /// The tree after `blockCount` more blocks, `nil` if the nodes do not make it.
    func grown(by blockCount: UInt64, with nodes: [TreeIndex: Node]) -> TreeRoots? {
        let (end, overflows) = length.addingReportingOverflow(blockCount)
        guard !overflows, end <= Limits.maximumLength else { return nil }
        var list: [Node] = []
        for index in TreeIndex.upgrade(from: length, to: end) {
            guard let node = nodes[index] else { return nil }
            list.append(node)
        }
        var longer = self
        var queue = NodeQueue(list)
        var collected: [Node] = []
        do {
            try longer.grow(to: end, with: &queue, collecting: &collected)
        } catch {
            return nil
        }
        return longer
    }

    private mutating func add(
        _ node: Node, collecting collected: inout [Node]
    ) throws(ProofError) {
        let fits = append(node, collecting: &collected)
        guard fits else { throw .outOfBounds }
    }
}
