public import Cryptography

/// Checks answers of peers against what is held of a feed.
///
/// Nothing of an answer may be stored before its verdict. See
/// docs/formats/merkle.md#how-an-answer-is-checked.
public struct ProofVerifier: Sendable {
    /// The feed's key.
    public let key: FeedKey
    /// Who may sign the feed, `nil` as long as no manifest is known.
    public let headVerifier: HeadVerifier?
    /// The own fork.
    public let fork: UInt64
    /// The own roots.
    public let roots: TreeRoots

    /// A verifier for the feed as it is held.
    public init(key: FeedKey, headVerifier: HeadVerifier?, fork: UInt64, roots: TreeRoots) {
        self.key = key
        self.headVerifier = headVerifier
        self.fork = fork
        self.roots = roots
    }

    /// Checks an answer with the nodes that are stored.
    ///
    /// The bytes of its block may be lent as `blockValue`; what the answer has of them is not
    /// looked at then.
    /// - Throws: only what the source throws.
    public func verify<Source: NodeSource & ~Copyable>(
        _ proof: Proof, blockValue: UnsafeRawBufferPointer? = nil,
        with source: borrowing Source
    ) throws -> ProofVerdict {
        do {
            return .valid(try check(proof, blockValue: blockValue, with: source))
        } catch let error as ProofError {
            return .invalid(error)
        }
    }

    private func check<Source: NodeSource & ~Copyable>(
        _ proof: Proof, blockValue: UnsafeRawBufferPointer?, with source: borrowing Source
    ) throws -> VerifiedProof {
        var result = VerifiedProof()
        // A block on its way up to a stored node needs nobody's word.
        let authority =
            proof.upgrade == nil && proof.manifest == nil ? nil : try authority(for: proof)
        if headVerifier == nil, authority?.isCompat == false { result.manifest = proof.manifest }
        // A manifest alone carries the answerer's own fork, whichever that is.
        if proof.provesNothing { return result }
        guard proof.fork == fork else { throw ProofError.wrongFork }

        let subtree = try SubtreeCheck(proof, blockValue: blockValue)
        result.nodes = subtree.nodes
        if let block = proof.block, let leaf = subtree.leaf {
            result.block = VerifiedProof.Block(index: block.index, leaf: leaf)
        }
        var unused = subtree.top
        if let upgrade = proof.upgrade, let authority {
            unused = try check(upgrade, by: authority, using: subtree.top, in: &result)
        }
        if let top = unused {
            try compare(
                top, sizeIsBound: subtree.topSizeIsBound, with: source, in: &result)
        }
        for (node, sibling) in subtree.unboundPairs {
            try settle(node, sibling, with: source, in: &result)
        }
        return result
    }

    /// Checks a new head, and returns the top of the lists if the growth did not need it.
    private func check(
        _ upgrade: Proof.Upgrade, by authority: HeadVerifier, using top: Node?,
        in result: inout VerifiedProof
    ) throws(ProofError) -> Node? {
        var grown = roots
        let unused = try grown.apply(
            upgrade, prologue: authority.prologue, using: top, collecting: &result.nodes)
        guard authority.isValid(upgrade.signature, for: grown, fork: fork) else {
            throw .invalidSignature
        }
        if grown.length > roots.length {
            result.upgrade = VerifiedProof.Upgrade(
                fork: fork, roots: grown, head: grown.head(fork: fork),
                signature: upgrade.signature)
        }
        return unused
    }

    /// Who may sign the feed, as far as is known with the answer.
    private func authority(for proof: Proof) throws(ProofError) -> HeadVerifier {
        guard let manifest = proof.manifest, manifest != headVerifier?.manifest else {
            // As long as no manifest is known, the key can only be a public key.
            return headVerifier ?? HeadVerifier(compatKey: key)
        }
        guard let given = HeadVerifier(key: key, manifest: manifest) else {
            throw .invalidManifest
        }
        return headVerifier ?? given
    }

    private func proven<Source: NodeSource & ~Copyable>(
        _ index: TreeIndex, with source: borrowing Source
    ) throws -> Node? {
        try roots.root(at: index) ?? source.nodeWithProvenSize(at: index)
    }

    /// Checks the node that the lists led to against the stored one.
    func compare<Source: NodeSource & ~Copyable>(
        _ top: Node, sizeIsBound: Bool, with source: borrowing Source,
        in result: inout VerifiedProof
    ) throws {
        guard let stored = try roots.root(at: top.index) ?? source.node(at: top.index) else {
            throw ProofError.notStored(top.index)
        }
        guard stored.hash == top.hash else { throw ProofError.invalidChecksum(top.index) }
        if let proven = try proven(top.index, with: source) {
            guard proven.size == top.size else { throw ProofError.invalidChecksum(top.index) }
        } else if sizeIsBound {
            try repairSibling(of: top, with: source, in: &result)
        } else {
            result.unprovenSizes.append(top.index)
        }
    }

    /// Accepts two siblings of which only the sum of sizes is bound.
    ///
    /// If the size of one is known, the other's follows.
    private func settle<Source: NodeSource & ~Copyable>(
        _ node: Node, _ sibling: Node, with source: borrowing Source,
        in result: inout VerifiedProof
    ) throws {
        for candidate in [node, sibling] {
            guard let known = try proven(candidate.index, with: source),
                known.hash == candidate.hash
            else { continue }
            guard known.size == candidate.size else {
                throw ProofError.invalidChecksum(candidate.index)
            }
            return
        }
        result.unprovenSizes += [node.index, sibling.index]
    }

    /// Proves the size of a stored sibling, now that the node's own size is.
    private func repairSibling<Source: NodeSource & ~Copyable>(
        of node: Node, with source: borrowing Source, in result: inout VerifiedProof
    ) throws {
        guard var sibling = try source.node(at: node.index.sibling),
            let parent = try proven(node.index.parent, with: source), parent.size >= node.size
        else { return }
        sibling.size = parent.size - node.size
        guard Node(parentOf: node, and: sibling)?.hash == parent.hash else { return }
        result.nodes.append(sibling)
    }
}

extension TreeRoots {
    /// Grows as an upgrade says, and returns the extra node if the upgrade did not need it.
    mutating func apply(
        _ upgrade: Proof.Upgrade, prologue: Manifest.Prologue?, using extra: Node?,
        collecting collected: inout [Node]
    ) throws(ProofError) -> Node? {
        let (end, overflows) = upgrade.start.addingReportingOverflow(upgrade.length)
        guard !overflows, end > 0, end <= Limits.maximumLength else { throw .outOfBounds }
        // The prologue is fixed by its tree hash, so the growth must stop there to be checked.
        let crossesPrologue = prologue.map { length < $0.length } ?? false
        if crossesPrologue, end != prologue?.length { throw .prologueNotProven }
        var queue = NodeQueue(upgrade.nodes, extra: extra)
        try grow(to: end, with: &queue, collecting: &collected)
        if let next = queue.next { throw .unexpectedNode(next.index) }
        if crossesPrologue, treeHash != prologue?.treeHash { throw .invalidSignature }
        try grow(withAdditional: upgrade.additionalNodes, collecting: &collected)
        return queue.extra
    }
}
