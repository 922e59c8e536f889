import Cryptography
import Merkle

/// A signed tree over small blocks, held in memory by node number.
struct SampleTree: NodeSource {
    let keyPair = KeyPair(seed: [UInt8](repeating: 7, count: KeyPair.seedByteCount))
    let authority: HeadVerifier
    let roots: TreeRoots
    let signature: [UInt8]
    private var nodes: [Node?]

    init(length: UInt64) {
        authority = HeadVerifier(Manifest(singleSigner: keyPair.publicKey))
        var appender = TreeAppender(roots: TreeRoots())
        for number in 0..<length { appender.append(Self.block(number)) }
        nodes = [Node?](repeating: nil, count: Int(length) * 2)
        for node in appender.nodes { nodes[Int(node.index.value)] = node }
        roots = appender.roots
        signature = authority.sign(roots.head(fork: 0), with: keyPair) ?? []
    }

    static func block(_ number: UInt64) -> [UInt8] {
        withUnsafeBytes(of: number.littleEndian) { Array($0) }
    }

    func node(at index: TreeIndex) -> Node? {
        index.value < UInt64(nodes.count) ? nodes[Int(index.value)] : nil
    }

    var builder: ProofBuilder {
        ProofBuilder(headVerifier: authority, fork: 0, roots: roots, signature: signature)
    }

    /// A verifier of somebody who has the head and no blocks.
    var verifier: ProofVerifier {
        ProofVerifier(key: authority.key, headVerifier: authority, fork: 0, roots: roots)
    }

    func request(for block: UInt64, nodes: UInt64) -> ProofRequest {
        ProofRequest(block: .init(index: block, nodes: nodes))
    }

    func proof(of block: UInt64, nodes: UInt64) throws -> Proof {
        var proof = try builder.proof(for: request(for: block, nodes: nodes), from: self)
        proof.block?.value = Self.block(block)
        return proof
    }
}

/// The answers that somebody gets who downloads a feed from its first block on.
struct OrderedDownload {
    /// What is held of the feed.
    private struct Held: NodeSource {
        var nodes: [Node?]

        func node(at index: TreeIndex) -> Node? { nodes[Int(index.value)] }

        mutating func store(_ stored: [Node]) {
            for node in stored { nodes[Int(node.index.value)] = node }
        }
    }

    private let verifier: ProofVerifier
    private let proofs: [Proof]
    private let roots: Held

    init(length: UInt64) throws {
        let tree = SampleTree(length: length)
        verifier = tree.verifier
        var held = Held(nodes: [Node?](repeating: nil, count: Int(length) * 2))
        held.store(tree.roots.nodes)
        roots = held
        var proofs: [Proof] = []
        for block in 0..<length {
            let missing = try tree.roots.missingNodes(fromBlock: block, in: held)
            let proof = try tree.proof(of: block, nodes: missing)
            if case .valid(let verified) = try verifier.verify(proof, with: held) {
                held.store(verified.nodes)
            }
            proofs.append(proof)
        }
        self.proofs = proofs
    }

    func run(count: Int) throws {
        var held = roots
        for proof in proofs.prefix(count) {
            guard case .valid(let verified) = try verifier.verify(proof, with: held) else {
                preconditionFailure("a sound proof was refused")
            }
            held.store(verified.nodes)
        }
    }
}
