/// Grows a tree block by block, for a writer.
public struct TreeAppender: Sendable {
    /// The roots after all blocks so far.
    public private(set) var roots: TreeRoots
    /// The nodes made since the last `removeNodes`, each parent after its children.
    public private(set) var nodes: [Node] = []

    /// Begins with the tree as it stands.
    public init(roots: TreeRoots) { self.roots = roots }

    /// Appends a block and returns its leaf.
    @discardableResult
    public mutating func append(_ block: UnsafeRawBufferPointer) -> Node {
        let leaf = Node(leafOf: roots.length, bytes: block)
        append(leaf)
        return leaf
    }

    /// Appends a block and returns its leaf.
    @discardableResult
    public mutating func append(_ block: [UInt8]) -> Node {
        block.withUnsafeBytes { append($0) }
    }

    /// Appends a block whose leaf was hashed before; it must be the next one.
    public mutating func append(_ leaf: Node) {
        precondition(leaf.index == TreeIndex(block: roots.length), "blocks are appended in order")
        let fits = roots.append(leaf, collecting: &nodes)
        precondition(fits, "a feed holds no more than 2^52 blocks and 2^53 bytes")
    }

    /// Forgets the collected nodes once they are stored; their memory is used again.
    public mutating func removeNodes() { nodes.removeAll(keepingCapacity: true) }
}
