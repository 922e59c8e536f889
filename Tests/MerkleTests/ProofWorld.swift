import Cryptography
import Merkle

/// A writer with a tree, and a sparse reader of it that asks at random.
struct ProofWorld {
    var random: SeededGenerator
    var padding: UInt64
    let tree: MemoryTree
    let keyPair: KeyPair
    let writer: HeadVerifier
    var reader = SparseNodes()
    var known: HeadVerifier?

    init(seed: UInt64) {
        random = SeededGenerator(seed: seed)
        padding = random.chance(30) ? 8 : 0
        let length = 1 + random.number(below: random.chance(20) ? 300 : 40)
        tree = MemoryTree(random.blocks(count: length, atLeast: Int(padding)))
        keyPair = KeyPair(seed: (0..<32).map { UInt8(truncatingIfNeeded: seed &+ $0) })
        let flavour = ["compat", "v0", "v1", "v2"].randomElement(using: &random) ?? "v1"
        writer = HeadVerifier.singleSigner(keyPair.publicKey, flavour: flavour)
    }

    var length: UInt64 { reader.roots.length }

    /// A request that an honest reader makes in its state, to a writer of some length.
    mutating func request(toWriterOf writerLength: UInt64) throws -> ProofRequest {
        var request = ProofRequest(manifest: known == nil)
        let grows = writerLength > length && (length == 0 || random.chance(40))
        if grows {
            let blocks =
                random.chance(60)
                ? writerLength - length : 1 + random.number(below: writerLength - length)
            request.upgrade = .init(start: length, length: blocks)
        }
        let end = length + (request.upgrade?.length ?? 0)
        switch random.number(below: 5) {
        case 0, 1:
            let block = random.number(below: end)
            let nodes = try reader.roots.missingNodes(fromBlock: block, in: reader)
            request.block = .init(index: block, nodes: nodes)
        case 2 where length > 0:
            let depth = random.number(below: 4)
            let index = TreeIndex(
                depth: depth, offset: random.number(below: length >> depth + 1))
            guard index.lastBlock < length else { break }
            let nodes = try reader.roots.missingNodes(from: index, in: reader)
            request.hash = .init(index: index, nodes: nodes)
        case 3 where grows:
            let size = try tree.roots(ofLength: end)?.byteLength ?? 0
            let bytes = random.number(below: size - padding * end + 1)
            request.seek = .init(bytes: bytes, padding: padding)
        case 4 where length > 0:
            addSeek(to: &request, nodes: 2)
        default: break
        }
        return request
    }

    /// Asks for a byte below an own root, with a block there.
    private mutating func addSeek(to request: inout ProofRequest, nodes: UInt64) {
        guard request.upgrade == nil,
            let root = reader.roots.nodes.randomElement(using: &random)
        else { return }
        let block = root.index.firstBlock + random.number(below: root.index.blockCount)
        if random.chance(50) {
            request.block = .init(index: block, nodes: root.index.depth)
        } else {
            request.hash = .init(index: TreeIndex(block: block), nodes: root.index.depth)
        }
        let before = reader.roots.nodes.prefix { $0.index != root.index }
        let start = before.map(\.size).reduce(0, +) - padding * root.index.firstBlock
        let size = root.size - padding * root.index.blockCount
        guard size > 0 else { return }
        request.seek = .init(bytes: start + random.number(below: size), padding: padding)
    }

    /// The honest answer of a writer that had some length.
    func answer(_ request: ProofRequest, writerLength: UInt64) throws -> Proof {
        let tree = tree.prefix(writerLength)
        let signature = writer.sign(tree.roots.head(fork: request.fork), with: keyPair) ?? []
        return try tree.answer(request, headVerifier: writer, signature: signature)
    }

    func verdict(on proof: Proof) throws -> ProofVerdict {
        try ProofVerifier(
            key: writer.key, headVerifier: known, fork: 0, roots: reader.roots
        ).verify(proof, with: reader)
    }

    mutating func store(_ verified: VerifiedProof) {
        reader.store(verified)
        if let manifest = verified.manifest {
            known = HeadVerifier(key: writer.key, manifest: manifest)
        }
    }

    /// What is wrong with an accepted answer, if it says other than the writer's tree.
    func falsehood(in verified: VerifiedProof, of proof: Proof) -> String? {
        for node in verified.nodes {
            guard let real = tree.nodes[node.index] else { return "node \(node.index)" }
            if real.hash != node.hash { return "hash of \(node.index)" }
            if real.size != node.size, !verified.unprovenSizes.contains(node.index) {
                return "size of \(node.index)"
            }
        }
        if let block = verified.block {
            guard block.index < tree.roots.length, proof.block?.index == block.index,
                proof.block?.value == tree.blocks[Int(block.index)]
            else { return "block \(block.index)" }
        }
        if let roots = verified.upgrade?.roots,
            (try? tree.roots(ofLength: roots.length)) != roots
        {
            return "roots of \(roots.length)"
        }
        if let manifest = verified.manifest, manifest.feedKey != writer.key { return "manifest" }
        return nil
    }
}
