public import Cryptography

/// The roots of a tree from left to right, and what follows from them.
///
/// The numbers of the roots are always exactly those of the length, and their sizes never sum
/// above `Limits.maximumByteLength`.
public struct TreeRoots: Hashable, Sendable {
    /// The roots from left to right.
    public private(set) var nodes: [Node] = []
    /// The number of blocks.
    public private(set) var length: UInt64 = 0
    /// The bytes of all blocks.
    public private(set) var byteLength: UInt64 = 0

    /// The tree without blocks.
    public init() {}

    /// The roots of a stored tree, `nil` if they are not those of the length.
    public init?(length: UInt64, nodes: [Node]) {
        guard length <= Limits.maximumLength, nodes.count == length.nonzeroBitCount else {
            return nil
        }
        for (node, index) in zip(nodes, TreeIndex.roots(ofLength: length)) {
            let (sum, overflows) = byteLength.addingReportingOverflow(node.size)
            guard node.index == index, !overflows, sum <= Limits.maximumByteLength else {
                return nil
            }
            byteLength = sum
        }
        self.nodes = nodes
        self.length = length
    }

    /// The hash over the roots, which is what a writer signs.
    public var treeHash: Digest {
        // Roots are hashed from left to right; the order is part of the signature.
        var hasher = TreeHasher()
        for node in nodes {
            hasher.add(hash: node.hash, index: node.index.value, size: node.size)
        }
        return hasher.finalize()
    }

    /// The head of a feed with these roots.
    public func head(fork: UInt64) -> TreeHead {
        TreeHead(fork: fork, length: length, byteLength: byteLength, treeHash: treeHash)
    }

    /// The root with this number, if it is one.
    public func root(at index: TreeIndex) -> Node? {
        nodes.first { $0.index == index }
    }

    /// Appends a full subtree and lets it merge upwards; every new node joins `collected`.
    ///
    /// Returns false, and changes nothing, if the tree would hold more than it may.
    mutating func append(_ subtree: Node, collecting collected: inout [Node]) -> Bool {
        precondition(subtree.index.firstBlock == length, "a subtree begins where the tree ends")
        let (bytes, tooManyBytes) = byteLength.addingReportingOverflow(subtree.size)
        let (blocks, tooManyBlocks) = length.addingReportingOverflow(subtree.index.blockCount)
        guard !tooManyBytes, bytes <= Limits.maximumByteLength,
            !tooManyBlocks, blocks <= Limits.maximumLength
        else { return false }
        byteLength = bytes
        length = blocks
        collected.append(subtree)
        var last = subtree
        while let before = nodes.last, before.index == last.index.sibling,
            let parent = Node(parentOf: before, and: last)
        {
            nodes.removeLast()
            collected.append(parent)
            last = parent
        }
        nodes.append(last)
        return true
    }
}
