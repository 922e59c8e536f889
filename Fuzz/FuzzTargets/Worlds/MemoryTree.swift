import Cryptography
import Merkle

/// A whole tree in memory, with the blocks it was made from.
struct MemoryTree: NodeSource {
    private(set) var nodes: [TreeIndex: Node] = [:]
    private(set) var blocks: [[UInt8]] = []
    private(set) var roots = TreeRoots()

    init(_ blocks: some Sequence<[UInt8]>) {
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
    func prefix(_ length: Int) -> MemoryTree { MemoryTree(blocks.prefix(length)) }

    /// The honest answer to a request.
    func answer(
        _ request: ProofRequest, verifier: HeadVerifier, signature: [UInt8], fork: UInt64
    ) throws -> Proof {
        var proof = try ProofBuilder(
            headVerifier: verifier, fork: fork, roots: roots, signature: signature
        ).proof(for: request, from: self)
        if let index = proof.block?.index { proof.block?.value = blocks[Int(index)] }
        return proof
    }

    /// Blocks of various sizes that follow from a number.
    static func blocks(count: Int, salt: Int) -> [[UInt8]] {
        (0..<count).map { index in
            (0..<((index * 37 + salt) % 61)).map {
                UInt8(truncatingIfNeeded: index &* 131 &+ $0 &+ salt)
            }
        }
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

extension Proof {
    var encodedBytes: [UInt8] { FuzzTargets.encoded { encode(to: &$0, requestID: 1) } }
}

extension ProofRequest {
    var encodedBytes: [UInt8] { FuzzTargets.encoded { encode(to: &$0, id: 1, priority: 2) } }
}
