/// Makes all nodes of a whole subtree from its blocks, given from left to right.
public struct SubtreeBuilder: Sendable {
    /// The node that stands for all of the blocks.
    public let index: TreeIndex
    /// The nodes so far, each parent right after its children.
    public private(set) var nodes: [Node] = []
    /// The number of blocks so far.
    public private(set) var count: UInt64 = 0
    /// Nodes that wait for their right siblings.
    private var waiting: [Node] = []

    /// Begins a subtree; its number of blocks must have been checked against a limit.
    public init(_ index: TreeIndex) {
        self.index = index
        nodes.reserveCapacity(2 * Int(clamping: index.blockCount))
        waiting.reserveCapacity(Int(index.depth) + 1)
    }

    /// Appends a block.
    ///
    /// - Throws: `ProofError.outOfBounds` if the sizes sum to more than a feed can have.
    public mutating func append(_ block: UnsafeRawBufferPointer) throws(ProofError) {
        precondition(count < index.blockCount, "a subtree has no more blocks than its node says")
        var node = Node(leafOf: index.firstBlock + count, bytes: block)
        nodes.append(node)
        // As many parents are complete as the number of the block has ones at its end.
        var rest = count
        while rest & 1 != 0 {
            guard let left = waiting.popLast(), let parent = Node(parentOf: left, and: node)
            else { throw .outOfBounds }
            nodes.append(parent)
            node = parent
            rest >>= 1
        }
        waiting.append(node)
        count += 1
    }

    /// The node of the subtree; `nil` as long as blocks are missing.
    public var top: Node? { count == index.blockCount ? waiting.first : nil }
}
