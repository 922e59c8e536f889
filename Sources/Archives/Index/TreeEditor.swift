import Feeds

/// The tree of a batch in memory: the nodes that were touched, and the blocks to be written.
///
/// It reproduces the reference implementation's blocks exactly; docs/formats/hyperbee.md describes
/// the rules. All snapshots handed to it must show the same version of the index.
struct TreeEditor: ~Copyable {
    /// One change and the tree nodes that it rewrote, the root first.
    struct Operation {
        let key: [UInt8]
        let value: [UInt8]?
        let nodes: [TreeChild]
    }

    let feed: Feed
    /// The length of the feed before the batch.
    let base: UInt64
    /// Whether a put of an equal value writes a block.
    let writesDuplicates: Bool

    private(set) var operations: [Operation] = []
    var root: TreeNode?

    init(feed: Feed, base: UInt64, writesDuplicates: Bool) {
        self.feed = feed
        self.base = base
        self.writesDuplicates = writesDuplicates
    }

    /// The number that the next block gets.
    var nextSeq: UInt64 { base + UInt64(operations.count) }

    /// The root of the tree, `nil` if the index has none yet.
    mutating func loadRoot(in snapshot: borrowing StoreSnapshot) throws -> TreeNode? {
        if let root { return root }
        guard base > 1 else { return nil }
        let node = try snapshot.indexNode(
            NodeReference(seq: base - 1, offset: 0), of: feed, isRoot: true)
        root = TreeNode(node)
        return root
    }

    /// The node that a reference names, loaded once.
    func load(_ child: TreeChild, in snapshot: borrowing StoreSnapshot) throws -> TreeNode {
        if let node = child.node { return node }
        let node = TreeNode(
            try snapshot.indexNode(
                NodeReference(seq: child.seq, offset: child.offset), of: feed))
        child.node = node
        return node
    }

    /// The position of a key in a node, or of the child below which it belongs.
    func search(
        _ node: TreeNode, for key: [UInt8], in snapshot: borrowing StoreSnapshot
    ) throws -> (position: Int, isFound: Bool) {
        var start = 0
        var end = node.keys.count
        while start < end {
            let middle = (start + end) >> 1
            let order: Int
            if let bytes = node.keys[middle].bytes {
                order = KeyOrder.compare(key, bytes)
            } else {
                let bytes = try snapshot.withIndexBlock(node.keys[middle].seq, of: feed) {
                    Array($0.key)
                }
                node.keys[middle].bytes = bytes
                order = KeyOrder.compare(key, bytes)
            }
            if order == 0 { return (middle, true) }
            if order < 0 { end = middle } else { start = middle + 1 }
        }
        return (start, false)
    }

    /// The entry that a block holds, whether it is stored or still to be written.
    func entry(_ seq: UInt64, in snapshot: borrowing StoreSnapshot) throws -> IndexEntry {
        guard seq >= base else { return try snapshot.indexEntry(seq, of: feed) }
        let operation = operations[Int(seq - base)]
        return IndexEntry(seq: seq, key: operation.key, value: operation.value)
    }

    /// The entry of a key as the batch leaves it.
    mutating func entry(
        for key: [UInt8], in snapshot: borrowing StoreSnapshot
    ) throws -> IndexEntry? {
        guard var node = try loadRoot(in: snapshot) else { return nil }
        for _ in 0..<ArchiveLimits.maximumIndexDepth {
            let (position, isFound) = try search(node, for: key, in: snapshot)
            if isFound { return try entry(node.keys[position].seq, in: snapshot) }
            guard !node.isLeaf else { return nil }
            node = try load(node.children[position], in: snapshot)
        }
        throw tooDeep
    }

    /// Ends an operation: numbers the changed nodes under the new block.
    mutating func finish(key: [UInt8], value: [UInt8]?, root: TreeNode) -> UInt64 {
        let seq = nextSeq
        var nodes: [TreeChild] = []
        root.number(into: &nodes, as: TreeChild(node: root), seq: seq)
        operations.append(Operation(key: key, value: value, nodes: nodes))
        self.root = root
        return seq
    }

    var tooDeep: ArchiveError {
        ArchiveError.malformedIndex(base - 1, of: feed.key, "the tree is too deep")
    }
}
