/// A tree node that a batch has loaded and may change.
///
/// Nodes and the references to them are objects, because several blocks of a batch can list the
/// same reference until the batch ends, and must then see what became of it.
final class TreeNode {
    var keys: [TreeKey]
    var children: [TreeChild]
    /// Whether the next operation must write the node.
    var isChanged = false

    init(keys: [TreeKey] = [], children: [TreeChild] = [], isChanged: Bool = false) {
        self.keys = keys
        self.children = children
        self.isChanged = isChanged
    }

    convenience init(_ node: IndexNode) {
        self.init(
            keys: node.keys.map { TreeKey(seq: $0) },
            children: node.children.map { TreeChild(seq: $0.seq, offset: $0.offset) })
    }

    var isLeaf: Bool { children.isEmpty }

    /// Takes the upper half out of a node that has one key too many.
    func split() -> (median: TreeKey, right: TreeNode) {
        let half = keys.count / 2
        let right = TreeNode(keys: Array(keys[(half + 1)...]), isChanged: true)
        let median = keys[half]
        keys.removeSubrange(half...)
        if !isLeaf {
            right.children = Array(children[(half + 1)...])
            children.removeSubrange((half + 1)...)
        }
        isChanged = true
        return (median, right)
    }

    /// Takes in the separator and all of the right sibling.
    func merge(_ right: TreeNode, separator: TreeKey) {
        keys.append(separator)
        keys.append(contentsOf: right.keys)
        children.append(contentsOf: right.children)
        isChanged = true
    }

    /// Numbers this node and all changed ones below it, depth first, as they go into one block.
    func number(into list: inout [TreeChild], as child: TreeChild, seq: UInt64) {
        child.seq = seq
        child.offset = UInt64(list.count)
        list.append(child)
        isChanged = false
        for below in children {
            guard let node = below.node, node.isChanged else { continue }
            node.number(into: &list, as: below, seq: seq)
        }
    }
}

/// A key of a loaded node: the block that holds it, and its bytes once they were needed.
struct TreeKey {
    let seq: UInt64
    var bytes: [UInt8]?
}

/// A reference to a tree node, which changes as blocks are numbered.
final class TreeChild {
    /// The block of the node; 0 once the node was merged into another.
    var seq: UInt64
    var offset: UInt64
    var node: TreeNode?

    init(seq: UInt64 = 0, offset: UInt64 = 0, node: TreeNode? = nil) {
        self.seq = seq
        self.offset = offset
        self.node = node
    }
}
