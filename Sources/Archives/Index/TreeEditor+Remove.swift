import Feeds

extension TreeEditor {
    /// The fewest keys of a node that is not the root.
    private static var minimumKeys: Int { ArchiveLimits.maximumIndexNodeKeys / 2 }

    /// Deletes a key; returns the number of the new block, `nil` if nothing is written.
    ///
    /// The condition is asked only when the key exists.
    mutating func remove(
        _ key: [UInt8], if condition: ((IndexEntry) throws -> Bool)?,
        in snapshot: borrowing StoreSnapshot
    ) throws -> UInt64? {
        guard var node = try loadRoot(in: snapshot) else { return nil }
        var path: [TreeNode] = []
        while true {
            guard path.count < ArchiveLimits.maximumIndexDepth else { throw tooDeep }
            path.append(node)
            let (position, isFound) = try search(node, for: key, in: snapshot)
            if isFound {
                if let condition,
                    try !condition(entry(node.keys[position].seq, in: snapshot))
                {
                    return nil
                }
                if node.isLeaf {
                    node.keys.remove(at: position)
                } else {
                    try replaceWithNearest(position, of: node, path: &path, in: snapshot)
                }
                for node in path { node.isChanged = true }
                let root = try rebalance(path, in: snapshot)
                return finish(key: key, value: nil, root: root)
            }
            guard !node.isLeaf else { return nil }
            node = try load(node.children[position], in: snapshot)
        }
    }

    /// Puts the next smaller or the next larger key, from the fuller leaf, in place of a key.
    private func replaceWithNearest(
        _ position: Int, of node: TreeNode, path: inout [TreeNode],
        in snapshot: borrowing StoreSnapshot
    ) throws {
        let left = try way(down: node.children[position], last: true, in: snapshot)
        let right = try way(down: node.children[position + 1], last: false, in: snapshot)
        guard let leftLeaf = left.last, let rightLeaf = right.last else { return }
        if leftLeaf.keys.count < rightLeaf.keys.count {
            path.append(contentsOf: right)
            node.keys[position] = rightLeaf.keys.removeFirst()
        } else {
            path.append(contentsOf: left)
            node.keys[position] = leftLeaf.keys.removeLast()
        }
    }

    /// The nodes down to the leaf at one edge.
    private func way(
        down child: TreeChild, last: Bool, in snapshot: borrowing StoreSnapshot
    ) throws -> [TreeNode] {
        var node = try load(child, in: snapshot)
        var nodes = [node]
        while !node.isLeaf {
            guard nodes.count < ArchiveLimits.maximumIndexDepth else { throw tooDeep }
            node = try load(node.children[last ? node.children.count - 1 : 0], in: snapshot)
            nodes.append(node)
        }
        return nodes
    }

    /// Fills up nodes that have too few keys from the leaf upwards; returns the root.
    private func rebalance(
        _ path: [TreeNode], in snapshot: borrowing StoreSnapshot
    ) throws -> TreeNode {
        let root = path[0]
        for depth in stride(from: path.count - 1, to: 0, by: -1) {
            let node = path[depth]
            let parent = path[depth - 1]
            if node.keys.count >= Self.minimumKeys { return root }
            guard let index = parent.children.firstIndex(where: { $0.node === node }) else {
                throw tooDeep
            }
            let left = index > 0 ? try load(parent.children[index - 1], in: snapshot) : nil
            let right =
                index + 1 < parent.children.count
                ? try load(parent.children[index + 1], in: snapshot) : nil
            if let left, left.keys.count > Self.minimumKeys {
                rotateRight(from: left, to: node, over: index - 1, of: parent)
                return root
            }
            if let right, right.keys.count > Self.minimumKeys {
                rotateLeft(from: right, to: node, over: index, of: parent)
                return root
            }
            if let left {
                merge(left, node, over: index - 1, of: parent)
            } else if let right {
                merge(node, right, over: index, of: parent)
            }
        }
        guard root.keys.isEmpty, let only = root.children.first else { return root }
        return try load(only, in: snapshot)
    }

    private func rotateRight(
        from left: TreeNode, to node: TreeNode, over separator: Int, of parent: TreeNode
    ) {
        left.isChanged = true
        node.keys.insert(parent.keys[separator], at: 0)
        if !left.isLeaf { node.children.insert(left.children.removeLast(), at: 0) }
        parent.keys[separator] = left.keys.removeLast()
    }

    private func rotateLeft(
        from right: TreeNode, to node: TreeNode, over separator: Int, of parent: TreeNode
    ) {
        right.isChanged = true
        node.keys.append(parent.keys[separator])
        if !right.isLeaf { node.children.append(right.children.removeFirst()) }
        parent.keys[separator] = right.keys.removeFirst()
    }

    private func merge(
        _ left: TreeNode, _ right: TreeNode, over separator: Int, of parent: TreeNode
    ) {
        left.merge(right, separator: parent.keys[separator])
        parent.keys.remove(at: separator)
        // Blocks of this batch that list the node must leave it out.
        parent.children[separator + 1].seq = 0
        parent.children.remove(at: separator + 1)
        parent.isChanged = true
    }
}
