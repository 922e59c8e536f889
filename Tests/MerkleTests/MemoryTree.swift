import Cryptography
import Merkle

/// A whole tree in memory, with the blocks it was made from.
struct MemoryTree: NodeSource {
    private(set) var nodes: [TreeIndex: Node] = [:]
    private(set) var blocks: [[UInt8]] = []
    private(set) var roots = TreeRoots()

    init() {}

    init(_ blocks: some Sequence<[UInt8]>) { append(contentsOf: blocks) }

    mutating func append(contentsOf blocks: some Sequence<[UInt8]>) {
        var appender = TreeAppender(roots: roots)
        for block in blocks {
            appender.append(block)
            self.blocks.append(block)
        }
        for node in appender.nodes { nodes[node.index] = node }
        roots = appender.roots
    }

    func node(at index: TreeIndex) -> Node? { nodes[index] }

    /// The same tree at an earlier length.
    func prefix(_ length: UInt64) -> MemoryTree { MemoryTree(blocks.prefix(Int(length))) }

    /// The nodes of a reader that has the roots of a length and a few nodes more.
    func reader(length: UInt64, extra: [TreeIndex] = []) throws -> SparseNodes {
        var source = SparseNodes()
        source.roots = try roots(ofLength: length) ?? TreeRoots()
        for node in source.roots.nodes { source.nodes[node.index] = node }
        for index in extra { source.nodes[index] = nodes[index] }
        return source
    }

    /// A builder of proofs out of this tree, and the answer with its block.
    func answer(
        _ request: ProofRequest, headVerifier: HeadVerifier?, fork: UInt64 = 0,
        signature: [UInt8]
    ) throws -> Proof {
        let builder = ProofBuilder(
            headVerifier: headVerifier, fork: fork, roots: roots, signature: signature)
        var proof = try builder.proof(for: request, from: self)
        if let index = proof.block?.index { proof.block?.value = blocks[Int(index)] }
        return proof
    }
}

/// What a reader stores: some nodes of a tree, of which a few may be of unproven size.
struct SparseNodes: NodeSource {
    var nodes: [TreeIndex: Node] = [:]
    var unproven: Set<TreeIndex> = []
    var roots = TreeRoots()

    func node(at index: TreeIndex) -> Node? { nodes[index] }

    func nodeWithProvenSize(at index: TreeIndex) -> Node? {
        unproven.contains(index) ? nil : nodes[index]
    }

    /// Stores what an answer brought, as a feed does.
    mutating func store(_ verified: VerifiedProof) {
        for node in verified.nodes {
            if verified.unprovenSizes.contains(node.index) {
                guard nodes[node.index] == nil else { continue }
                unproven.insert(node.index)
            } else {
                unproven.remove(node.index)
            }
            nodes[node.index] = node
        }
        if let upgrade = verified.upgrade { roots = upgrade.roots }
    }
}
