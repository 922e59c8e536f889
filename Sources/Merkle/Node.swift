public import Cryptography

/// A node of the tree: its number, the bytes of all blocks below it, and its hash.
///
/// The hash of a parent binds the sum of its children's sizes, not each of them.
public struct Node: Hashable, Sendable {
    /// The node's number.
    public var index: TreeIndex
    /// The byte lengths of the blocks below, summed.
    public var size: UInt64
    /// The leaf or parent hash.
    public var hash: Digest

    /// Makes a node from its parts.
    public init(index: TreeIndex, size: UInt64, hash: Digest) {
        self.index = index
        self.size = size
        self.hash = hash
    }

    /// The leaf of a block.
    public init(leafOf block: UInt64, bytes: UnsafeRawBufferPointer) {
        self.init(
            index: TreeIndex(block: block), size: UInt64(bytes.count), hash: Digest.leaf(bytes))
    }

    /// The leaf of a block.
    public init(leafOf block: UInt64, bytes: [UInt8]) {
        self = bytes.withUnsafeBytes { Node(leafOf: block, bytes: $0) }
    }

    /// The parent of two siblings given in any order, `nil` if their sizes sum above the limit.
    public init?(parentOf node: Node, and sibling: Node) {
        let (size, overflows) = node.size.addingReportingOverflow(sibling.size)
        guard !overflows, size <= Limits.maximumByteLength else { return nil }
        let (left, right) = node.index < sibling.index ? (node, sibling) : (sibling, node)
        self.init(
            index: node.index.parent, size: size,
            hash: Digest.parent(size: size, left: left.hash, right: right.hash))
    }
}
