extension ProofVerifier {
    /// Checks a node that was made from all blocks below it against the nodes that are stored.
    ///
    /// The siblings lead up from it; what holds is the node, the siblings and their parents.
    /// - Throws: only what the source throws.
    public func verify<Source: NodeSource & ~Copyable>(
        subtree top: Node, siblings: [Node], fork: UInt64, with source: borrowing Source
    ) throws -> ProofVerdict {
        do {
            guard fork == self.fork else { throw ProofError.wrongFork }
            let check = try SubtreeCheck(from: top, siblings: siblings)
            var result = VerifiedProof()
            result.nodes = check.nodes
            if let node = check.top {
                try compare(node, sizeIsBound: true, with: source, in: &result)
            }
            return .valid(result)
        } catch let error as ProofError {
            return .invalid(error)
        }
    }
}
