// Signs a tree of blocks, and proves one block to somebody who knows only the key.

import Cryptography
import Merkle

/// Nodes in memory, by number.
struct MemoryTree: NodeSource {
    var nodes: [TreeIndex: Node] = [:]

    func node(at index: TreeIndex) -> Node? { nodes[index] }
}

// The writer: a key pair, its manifest, and a tree over three blocks.
let keyPair = KeyPair.random()
let authority = HeadVerifier(Manifest(singleSigner: keyPair.publicKey))
let blocks = ["first", "second", "third"].map { Array($0.utf8) }
var appender = TreeAppender(roots: TreeRoots())
for block in blocks { appender.append(block) }
let tree = MemoryTree(nodes: Dictionary(appender.nodes.map { ($0.index, $0) }) { $1 })
let signature = authority.sign(appender.roots.head(fork: 0), with: keyPair) ?? []

// The reader asks for block 1, for the tree's growth from nothing to three, and who may sign.
let request = ProofRequest(
    block: .init(index: 1, nodes: 2), upgrade: .init(start: 0, length: 3), manifest: true)
let builder = ProofBuilder(
    headVerifier: authority, fork: 0, roots: appender.roots, signature: signature)
var proof = try builder.proof(for: request, from: tree)
proof.block?.value = blocks[1]

let verifier = ProofVerifier(key: authority.key, headVerifier: nil, fork: 0, roots: TreeRoots())
if case .valid(let verified) = try verifier.verify(proof, with: NoNodes()) {
    print(
        "valid: the feed has \(verified.upgrade?.head.length ?? 0) blocks,",
        "\(verified.nodes.count) nodes may be stored")
}
proof.block?.value = Array("forged".utf8)
if case .invalid(let error) = try verifier.verify(proof, with: NoNodes()) {
    print("a forged block: \(error)")
}
