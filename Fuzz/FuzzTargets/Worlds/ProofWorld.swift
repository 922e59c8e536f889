import Cryptography
import Merkle

/// A writer with a small tree, and a sparse reader that asks as the input says.
struct ProofWorld {
    let tree: MemoryTree
    /// The writer at the lengths that it had, with its signatures.
    private var states: [Int: (tree: MemoryTree, signature: [UInt8])] = [:]
    let writer: HeadVerifier
    let fork: UInt64
    var reader = SparseNodes()
    var known: HeadVerifier?

    static let keyPair = KeyPair(seed: [UInt8](repeating: 7, count: 32))

    /// Worlds that are made once: long and short trees of all kinds of keys.
    static let all: [ProofWorld] = [1, 2, 9, 20, 33].flatMap { count in
        verifiers.map { ProofWorld(tree: MemoryTree(MemoryTree.blocks(count: count, salt: 3)), $0) }
    }

    static let verifiers: [HeadVerifier] = [
        HeadVerifier(compatKey: FeedKey(keyPair.publicKey)),
        HeadVerifier(Manifest(singleSigner: keyPair.publicKey, version: .v0)),
        HeadVerifier(Manifest(singleSigner: keyPair.publicKey)),
        HeadVerifier(Manifest(singleSigner: keyPair.publicKey, version: .v2)),
    ]

    init(
        tree: MemoryTree, _ writer: HeadVerifier, fork: UInt64 = 0, lengths: [Int]? = nil
    ) {
        self.tree = tree
        self.writer = writer
        self.fork = fork
        for length in lengths ?? Array(0...tree.blocks.count) {
            let state = tree.prefix(length)
            let head = state.roots.head(fork: fork)
            states[length] = (state, writer.sign(head, with: Self.keyPair) ?? [])
        }
    }

    var length: UInt64 { reader.roots.length }

    /// A request that is honest or nearly so.
    func request(_ source: inout ByteSource) throws -> ProofRequest {
        let total = tree.roots.length
        var request = ProofRequest(fork: fork, manifest: source.chance(50))
        if length < total, length == 0 || source.chance(50) {
            let most = Int(total - length)
            request.upgrade = .init(
                start: length, length: UInt64(1 + source.number(below: most)))
        }
        let end = Int(length + (request.upgrade?.length ?? 0))
        switch source.number(below: 4) {
        case 0:
            let block = UInt64(source.number(below: end))
            let nodes = try reader.roots.missingNodes(fromBlock: block, in: reader)
            request.block = .init(index: block, nodes: nodes)
        case 1:
            let depth = UInt64(source.number(below: 4))
            let index = TreeIndex(
                depth: depth, offset: UInt64(source.number(below: end >> Int(depth) + 1)))
            request.hash = .init(
                index: index, nodes: try reader.roots.missingNodes(from: index, in: reader))
        default: break
        }
        if request.upgrade != nil || request.block != nil, source.chance(30) {
            request.seek = .init(bytes: UInt64(source.word()))
        }
        return request
    }

    /// The honest answer of the writer when it had some length.
    func answer(_ request: ProofRequest, by length: Int) throws -> Proof {
        guard let (tree, signature) = states[length] else { fail("no such length") }
        return try tree.answer(request, verifier: writer, signature: signature, fork: fork)
    }

    func verdict(on proof: Proof) throws -> ProofVerdict {
        try ProofVerifier(
            key: writer.key, headVerifier: known, fork: fork, roots: reader.roots
        ).verify(proof, with: reader)
    }

    mutating func store(_ verified: VerifiedProof) {
        reader.store(verified)
        if let manifest = verified.manifest {
            known = HeadVerifier(key: writer.key, manifest: manifest)
        }
    }

    /// Traps if an accepted answer says other than the writer's tree.
    func expectTruth(_ verified: VerifiedProof, of proof: Proof) {
        for node in verified.nodes {
            guard let real = tree.nodes[node.index] else { fail("node \(node.index)") }
            require(real.hash == node.hash, "hash of \(node.index)")
            require(
                real.size == node.size || verified.unprovenSizes.contains(node.index),
                "size of \(node.index)")
        }
        if let block = verified.block {
            require(
                block.index < tree.roots.length && proof.block?.index == block.index
                    && proof.block?.value == tree.blocks[Int(block.index)],
                "block \(block.index)")
        }
        if let roots = verified.upgrade?.roots {
            require((try? tree.roots(ofLength: roots.length)) == roots, "roots")
        }
        if let manifest = verified.manifest {
            require(manifest.feedKey == writer.key, "manifest")
        }
    }
}
