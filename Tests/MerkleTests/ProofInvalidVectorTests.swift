import Cryptography
import Merkle
import TestSupport
import Testing

@Suite struct ProofInvalidVectorTests {
    /// The feed of the set, its writer and the manifest in the order they belong together.
    struct World {
        let tree: MemoryTree
        let verifier: HeadVerifier
        let signature: [UInt8]
        let fork: UInt64

        init?(_ set: Vector) throws {
            guard !set.feed.isNull else { return nil }
            tree = try BlockFormula().tree(length: set.feed.length.int, big: set.feed.bigBlocks)
            fork = set.feed.fork.uint64 ?? 0
            let key = try set.feed.key.asFeedKey
            let keyPair = KeyPair(seed: set.feed.seed.hex)
            if set.feed.manifest.isNull {
                verifier = try HeadVerifier.singleSigner(keyPair.publicKey, key: key)
            } else {
                let manifest = try set.feed.manifest.asManifest
                verifier = try #require(HeadVerifier(key: key, manifest: manifest))
            }
            #expect(verifier.signerIndex(of: keyPair.publicKey) != nil)
            signature = verifier.sign(tree.roots.head(fork: fork), with: keyPair) ?? []
            for node in try set.feed.nodes.asNodes {
                #expect(tree.nodes[node.index] == node)
            }
        }
    }

    @Test func `damaged answers are refused and whole ones accepted`() throws {
        let set = try Vectors.load("proof-invalid.json")
        guard let world = try World(set) else { return }
        for item in set.cases.items {
            let name = Comment("\(item.base.string ?? ""): \(item.note.text)")
            let reader = try world.tree.reader(
                length: item.verifier.length.int,
                extra: item.verifier.extraNodes.items.map { TreeIndex($0.int) })
            let knows = item.verifier.hasManifest.bool ?? false
            guard let decoded = try? Proof.decode(item.encodedData.hex) else {
                #expect(item.valid.bool == false, name)
                continue
            }
            let verdict = try ProofVerifier(
                key: world.verifier.key, headVerifier: knows ? world.verifier : nil,
                fork: world.fork, roots: reader.roots
            ).verify(decoded.proof, with: reader)
            #expect(verdict.isValid == item.valid.bool, name)
        }
    }

    @Test func `requests that cannot be proven have no answer`() throws {
        let set = try Vectors.load("proof-invalid.json")
        guard let world = try World(set) else { return }
        for item in set.requestErrors.items {
            let name = Comment("\(item.note.text)")
            let request = item.request.asRequest
            let id = item.request.id.int
            let priority = item.request.priority.uint64 ?? 0
            #expect(request.encoded(id: id, priority: priority) == item.encodedRequest.hex, name)
            #expect(try ProofRequest.decode(item.encodedRequest.hex).request == request, name)
            if let encoded = item.encodedData.bytes {
                let proof = try world.tree.answer(
                    request, headVerifier: world.verifier, fork: world.fork,
                    signature: world.signature)
                #expect(proof.encoded(requestID: id) == encoded, name)
            } else {
                #expect(throws: ProofRequestError.self, name) {
                    try world.tree.answer(
                        request, headVerifier: world.verifier, fork: world.fork,
                        signature: world.signature)
                }
            }
        }
    }
}
