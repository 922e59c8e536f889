public import Cryptography

/// Follows a fork: finds how much of the own tree the new one keeps, by comparing nodes.
///
/// Begins with an upgrade of the new fork from nothing. As long as `wanted` is not `nil`, a hash
/// request for a block in it brings it further.
/// See docs/formats/merkle.md#forks.
public struct Reorganisation: Sendable {
    /// What to ask next.
    public struct Wanted: Hashable, Sendable {
        /// The first block that may be named in the request.
        public var start: UInt64
        /// The block after the last one that may be named.
        public var end: UInt64
        /// The steps that the answer must climb.
        public var nodes: UInt64
    }

    /// The own head's fork and length when this began; if they moved, begin again.
    public let base: TreeHead
    /// The new head: fork, roots and signature.
    public let upgrade: VerifiedProof.Upgrade
    /// The manifest, if the first answer brought it.
    public let manifest: Manifest?
    /// The number of own blocks that the new tree keeps, as far as is known.
    public private(set) var ancestors: UInt64
    /// All nodes of the new tree that came so far.
    public private(set) var nodes: [Node]
    /// Nodes of the list whose size is bound by a sum alone.
    public private(set) var unprovenSizes: [TreeIndex]
    /// What to ask next, `nil` when the ancestor is found.
    public private(set) var wanted: Wanted?
    private var difference: Node?

    /// Whether the ancestor is found.
    public var isFinished: Bool { wanted == nil }
}

/// The outcome of the first or a further answer of a new fork.
public enum ReorganisationVerdict<Value: Sendable>: Sendable {
    /// The answer holds.
    case valid(Value)
    /// Nothing of the answer may be used.
    case invalid(ProofError)
}

extension Reorganisation {
    /// Begins with the answer to an upgrade from nothing to the new fork's length.
    ///
    /// - Throws: only what the source throws.
    public static func begin<Source: NodeSource & ~Copyable>(
        with proof: Proof, key: FeedKey, headVerifier: HeadVerifier?, replacing base: TreeHead,
        stored source: borrowing Source
    ) throws -> ReorganisationVerdict<Reorganisation> {
        guard proof.fork > base.fork else { return .invalid(.wrongFork) }
        let verifier = ProofVerifier(
            key: key, headVerifier: headVerifier, fork: proof.fork, roots: TreeRoots())
        switch try verifier.verify(proof, with: NoNodes()) {
        case .invalid(let error): return .invalid(error)
        case .valid(let verified):
            guard let upgrade = verified.upgrade else { return .invalid(.upgradeTooShort) }
            return .valid(
                try Reorganisation(
                    upgrade, verified: verified, replacing: base, stored: source))
        }
    }

    private init<Source: NodeSource & ~Copyable>(
        _ upgrade: VerifiedProof.Upgrade, verified: VerifiedProof, replacing base: TreeHead,
        stored source: borrowing Source
    ) throws {
        self.base = base
        self.upgrade = upgrade
        manifest = verified.manifest
        nodes = verified.nodes
        unprovenSizes = verified.unprovenSizes
        ancestors = upgrade.roots.length
        for root in upgrade.roots.nodes {
            if try source.node(at: root.index)?.hash == root.hash { continue }
            narrow(to: root)
            try descend(through: nodes, stored: source)
            break
        }
    }

    /// Goes on with the answer to a hash request; a part of the new tree is compared.
    ///
    /// - Throws: only what the source throws.
    public mutating func apply<Source: NodeSource & ~Copyable>(
        _ proof: Proof, stored source: borrowing Source
    ) throws -> ReorganisationVerdict<Void> {
        guard let difference, wanted != nil else { return .invalid(.notAsked) }
        guard proof.fork == upgrade.fork else { return .invalid(.wrongFork) }
        let check: SubtreeCheck
        do {
            check = try SubtreeCheck(proof)
        } catch {
            return .invalid(error)
        }
        guard let top = check.top, top.index == difference.index else {
            return .invalid(.expectedNode(difference.index))
        }
        guard top.hash == difference.hash, top.size == difference.size else {
            return .invalid(.invalidChecksum(top.index))
        }
        // An answer of the node alone would bring nothing, again and again.
        guard check.nodes.count > 1 else { return .invalid(.expectedNode(top.index)) }
        nodes += check.nodes
        unprovenSizes += check.unboundPairs.flatMap { [$0.index, $1.index] }
        try descend(through: check.nodes, stored: source)
        return .valid(())
    }

    /// The request that goes with a block out of `wanted`.
    public func request(forBlock block: UInt64) -> ProofRequest? {
        guard let wanted, wanted.start <= block, block < wanted.end else { return nil }
        return ProofRequest(
            fork: upgrade.fork,
            hash: ProofRequest.Hash(index: TreeIndex(block: block), nodes: wanted.nodes))
    }

    /// Takes a node of the new tree as the first one that is not in the old tree.
    private mutating func narrow(to node: Node) {
        difference = node
        ancestors = node.index.firstBlock
        let end = min(base.length, node.index.lastBlock + 1)
        if node.index.isLeaf || ancestors >= end {
            wanted = nil
        } else {
            wanted = Wanted(start: ancestors, end: end, nodes: node.index.depth)
        }
    }

    /// Follows the first difference downwards as far as nodes are known.
    private mutating func descend<Source: NodeSource & ~Copyable>(
        through nodes: [Node], stored source: borrowing Source
    ) throws {
        let known = Dictionary(nodes.map { ($0.index, $0) }) { first, _ in first }
        while wanted != nil, let node = difference,
            let left = node.index.leftChild.flatMap({ known[$0] }),
            let right = node.index.rightChild.flatMap({ known[$0] })
        {
            let isKept = try source.node(at: left.index)?.hash == left.hash
            narrow(to: isKept ? right : left)
        }
    }
}
