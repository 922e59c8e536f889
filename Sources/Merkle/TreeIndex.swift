/// The number of a node in the flat tree: block `i` is node `2i`, a parent lies between children.
///
/// Every value is a node; arithmetic on hostile numbers wraps and never traps.
/// See docs/formats/merkle.md#numbers-of-nodes.
public struct TreeIndex: Hashable, Sendable {
    /// The node's number.
    public let value: UInt64

    /// The node with this number.
    public init(_ value: UInt64) { self.value = value }

    /// The leaf of a block.
    public init(block: UInt64) { value = block &* 2 }

    /// The node at a place in a row; leaves are the row of depth 0.
    public init(depth: UInt64, offset: UInt64) {
        value = (offset << (depth &+ 1)) &+ ((1 << depth) &- 1)
    }

    /// The number of steps down to a leaf.
    public var depth: UInt64 { UInt64(truncatingIfNeeded: (~value).trailingZeroBitCount) }

    /// The place in the row of nodes of the same depth.
    public var offset: UInt64 { value >> (depth &+ 1) }

    /// Whether the node stands for one block.
    public var isLeaf: Bool { value & 1 == 0 }

    /// Whether the node is the left child of its parent.
    public var isLeft: Bool { offset & 1 == 0 }

    /// The node whose children are this one and its sibling.
    public var parent: TreeIndex {
        let depth = depth
        return TreeIndex(depth: depth &+ 1, offset: (value >> (depth &+ 1)) >> 1)
    }

    /// The other child of the parent.
    public var sibling: TreeIndex {
        let depth = depth
        return TreeIndex(depth: depth, offset: (value >> (depth &+ 1)) ^ 1)
    }

    /// The left child, `nil` for a leaf.
    public var leftChild: TreeIndex? {
        let depth = depth
        guard depth > 0 else { return nil }
        return TreeIndex(value &- (1 << (depth &- 1)))
    }

    /// The right child, `nil` for a leaf.
    public var rightChild: TreeIndex? {
        let depth = depth
        guard depth > 0 else { return nil }
        return TreeIndex(value &+ (1 << (depth &- 1)))
    }

    /// The first leaf below, or the node itself if it is a leaf.
    public var leftSpan: TreeIndex { TreeIndex(value &- ((1 << depth) &- 1)) }

    /// The last leaf below, or the node itself if it is a leaf.
    public var rightSpan: TreeIndex { TreeIndex(value &+ ((1 << depth) &- 1)) }

    /// The first block below.
    public var firstBlock: UInt64 { leftSpan.value / 2 }

    /// The last block below.
    public var lastBlock: UInt64 { rightSpan.value / 2 }

    /// The numbers of the blocks below, for nodes of trees that a feed can have.
    public var blocks: Range<UInt64> { firstBlock..<lastBlock + 1 }

    /// The number of blocks below.
    public var blockCount: UInt64 { 1 << Swift.min(depth, 63) }

    /// Whether a node lies below this one or is this one.
    public func contains(_ other: TreeIndex) -> Bool {
        let distance = other.value > value ? other.value &- value : value &- other.value
        return distance >> depth == 0
    }
}

extension TreeIndex: Comparable {
    /// Orders nodes from left to right.
    public static func < (left: TreeIndex, right: TreeIndex) -> Bool { left.value < right.value }
}

extension TreeIndex: CustomStringConvertible {
    /// The node's number.
    public var description: String { String(value) }
}
