public import Cryptography
import Merkle

/// Makes a content hash from the leaves of the blocks, in order.
public struct ContentHasher: Sendable {
    private var tree = TreeAppender(roots: TreeRoots())
    /// The bytes so far.
    public var byteLength: UInt64 { tree.roots.byteLength }
    /// The blocks so far.
    public var blockCount: UInt64 { tree.roots.length }

    /// Begins with no blocks.
    public init() {}

    /// Adds the next block by the leaf that it has in some feed.
    public mutating func add(leafHash: Digest, size: UInt64) {
        let index = TreeIndex(block: tree.roots.length)
        tree.append(Node(index: index, size: size, hash: leafHash))
        tree.removeNodes()
    }

    /// Adds the next block.
    public mutating func add(_ block: UnsafeRawBufferPointer) {
        add(leafHash: Digest.leaf(block), size: UInt64(block.count))
    }

    /// The hash of the blocks so far.
    public var hash: ContentHash { ContentHash(treeHash: tree.roots.treeHash) }
}
