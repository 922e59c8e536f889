/// What a peer asks to have at once: all blocks below one node of the tree.
///
/// See docs/formats/replication.md#runs.
public struct RunRequest: Hashable, Sendable {
    /// The fork that the answer must be of.
    public var fork: UInt64
    /// The node below which the blocks are.
    public var index: TreeIndex
    /// The steps from the node up to the first one that the asker trusts.
    public var nodes: UInt64
    /// The bytes of blocks that the answer should not exceed.
    public var maximumByteCount: UInt64

    /// Makes a request from its parts.
    public init(fork: UInt64, index: TreeIndex, nodes: UInt64, maximumByteCount: UInt64) {
        self.fork = fork
        self.index = index
        self.nodes = nodes
        self.maximumByteCount = maximumByteCount
    }

    /// What is to be sent: the node, or the first one below it whose blocks are few enough.
    ///
    /// The siblings prove the node to the asker, from it upwards.
    /// - Throws: `ProofRequestError` if the request has no answer; what the source throws.
    public func plan<Source: NodeSource & ~Copyable>(
        by builder: ProofBuilder, maximumBlockCount: UInt64, from source: borrowing Source
    ) throws -> RunPlan {
        guard fork == builder.fork else { throw ProofRequestError.wrongFork }
        guard index.value < Limits.maximumLength * 2,
            index.rightSpan < TreeIndex(block: builder.roots.length),
            nodes <= Limits.maximumDepth
        else { throw ProofRequestError.outOfBounds }
        var node = try source.provenNode(at: index)
        var steps = nodes
        while let child = node.index.leftChild,
            node.size > maximumByteCount || node.index.blockCount > maximumBlockCount
        {
            node = try source.provenNode(at: child)
            steps += 1
        }
        let request = ProofRequest(
            fork: fork, hash: ProofRequest.Hash(index: node.index, nodes: steps))
        let proof = try builder.proof(for: request, from: source)
        return RunPlan(node: node, siblings: Array((proof.hash?.nodes ?? []).dropFirst()))
    }
}

/// Which blocks answer a request for a run.
public struct RunPlan: Hashable, Sendable {
    /// The node below which they are; its size is the sum of theirs.
    public var node: Node
    /// The siblings on the way up to the node that the asker trusts.
    public var siblings: [Node]
}
