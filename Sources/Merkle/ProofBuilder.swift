/// Answers requests with proofs out of a tree.
///
/// See docs/formats/merkle.md#how-an-answer-is-made.
public struct ProofBuilder: Sendable {
    /// Who may sign the feed: gives the prologue, and the manifest where it is asked for.
    public let headVerifier: HeadVerifier?
    /// The own fork.
    public let fork: UInt64
    /// The own roots.
    public let roots: TreeRoots
    /// The signature field of the own head.
    public let signature: [UInt8]

    /// A builder for the feed as it stands.
    public init(
        headVerifier: HeadVerifier?, fork: UInt64, roots: TreeRoots, signature: [UInt8]
    ) {
        self.headVerifier = headVerifier
        self.fork = fork
        self.roots = roots
        self.signature = signature
    }

    /// The answer to a request, without the bytes of a block.
    ///
    /// - Throws: `ProofRequestError` if the request has no answer; what the source throws.
    public func proof<Source: NodeSource & ~Copyable>(
        for request: ProofRequest, from source: borrowing Source
    ) throws -> Proof {
        var proof = Proof(fork: fork)
        if request.manifest, let headVerifier, !headVerifier.isCompat {
            proof.manifest = headVerifier.manifest
        }
        // An empty feed has nothing to prove, whatever is asked.
        guard roots.length > 0 else { return proof }
        guard request.fork == fork else {
            guard proof.manifest != nil else { throw ProofRequestError.wrongFork }
            return proof
        }
        var construction = try ProofConstruction(
            adjusted(request), length: roots.length)
        try construction.build(roots: roots, from: source)
        construction.fill(&proof, signature: signature)
        return proof
    }

    /// A request that begins inside of the prologue is answered from its end on.
    private func adjusted(_ request: ProofRequest) -> ProofRequest {
        guard let prologue = headVerifier?.prologue, let upgrade = request.upgrade,
            upgrade.start < prologue.length
        else { return request }
        var request = request
        request.upgrade = ProofRequest.Upgrade(start: 0, length: prologue.length)
        return request
    }
}
