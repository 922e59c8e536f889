import Feeds

extension TreeEditor {
    /// One step on the way down: a node, and the child that was taken.
    private typealias Step = (node: TreeNode, child: Int)

    /// Gives a key a value; returns the number of the new block, `nil` if nothing is written.
    ///
    /// The condition is asked only when the key exists. An operation that then writes nothing has
    /// still marked the nodes on its path, and the next one rewrites them.
    mutating func put(
        _ key: [UInt8], _ value: [UInt8]?, if condition: ((IndexEntry) throws -> Bool)?,
        in snapshot: borrowing StoreSnapshot
    ) throws -> UInt64? {
        var path: [Step] = []
        var node = try loadRoot(in: snapshot) ?? TreeNode(isChanged: true)
        let root = node
        let added = TreeKey(seq: nextSeq, bytes: key)
        while !node.isLeaf {
            guard path.count < ArchiveLimits.maximumIndexDepth else { throw tooDeep }
            node.isChanged = true
            let (position, isFound) = try search(node, for: key, in: snapshot)
            if isFound {
                guard try replaces(node.keys[position], value, condition, in: snapshot) else {
                    return nil
                }
                node.keys[position] = added
                return finish(key: key, value: value, root: root)
            }
            path.append((node, position))
            node = try load(node.children[position], in: snapshot)
        }
        let (position, isFound) = try search(node, for: key, in: snapshot)
        if isFound {
            guard try replaces(node.keys[position], value, condition, in: snapshot) else {
                return nil
            }
            node.keys[position] = added
        } else {
            node.keys.insert(added, at: position)
        }
        node.isChanged = true
        return finish(key: key, value: value, root: split(node, path: path, root: root))
    }

    /// Splits nodes that have grown too large from the leaf upwards; returns the root.
    private func split(_ leaf: TreeNode, path: [Step], root: TreeNode) -> TreeNode {
        var node = leaf
        var path = path
        while node.keys.count > ArchiveLimits.maximumIndexNodeKeys {
            let (median, right) = node.split()
            guard let parent = path.popLast() else {
                return TreeNode(
                    keys: [median], children: [TreeChild(node: node), TreeChild(node: right)],
                    isChanged: true)
            }
            parent.node.keys.insert(median, at: parent.child)
            parent.node.children.insert(TreeChild(node: right), at: parent.child + 1)
            parent.node.isChanged = true
            node = parent.node
        }
        return root
    }

    private func replaces(
        _ old: TreeKey, _ value: [UInt8]?, _ condition: ((IndexEntry) throws -> Bool)?,
        in snapshot: borrowing StoreSnapshot
    ) throws -> Bool {
        if let condition, try !condition(entry(old.seq, in: snapshot)) { return false }
        if writesDuplicates { return true }
        return try entry(old.seq, in: snapshot).value != value
    }
}
