extension TreeRoots {
    /// How many steps a proof of a node must climb to reach one that is stored here.
    ///
    /// This is the `nodes` of a request. A node that is not wholly in the tree counts 0: its proof
    /// comes with an upgrade. The count ends as well at a node that is expected.
    public func missingNodes<Source: NodeSource & ~Copyable>(
        from index: TreeIndex, in source: borrowing Source,
        orExpected isExpected: (TreeIndex) -> Bool = { _ in false }
    ) throws -> UInt64 {
        let end = TreeIndex(block: length)
        guard index.rightSpan < end else { return 0 }
        var node = index
        var count: UInt64 = 0
        while !node.contains(end), !isExpected(node), try source.node(at: node) == nil {
            count += 1
            node = node.parent
        }
        return count
    }

    /// How many steps a proof of a block must climb to reach a node that is stored here.
    public func missingNodes<Source: NodeSource & ~Copyable>(
        fromBlock block: UInt64, in source: borrowing Source,
        orExpected isExpected: (TreeIndex) -> Bool = { _ in false }
    ) throws -> UInt64 {
        guard block < length else { return 0 }
        return try missingNodes(
            from: TreeIndex(block: block), in: source, orExpected: isExpected)
    }
}

extension NodeSource where Self: ~Copyable {
    /// The roots of an earlier length, `nil` if one is not stored.
    public func roots(ofLength length: UInt64) throws -> TreeRoots? {
        guard length <= Limits.maximumLength else { return nil }
        var nodes: [Node] = []
        nodes.reserveCapacity(length.nonzeroBitCount)
        for index in TreeIndex.roots(ofLength: length) {
            guard let node = try node(at: index) else { return nil }
            nodes.append(node)
        }
        return TreeRoots(length: length, nodes: nodes)
    }
}
