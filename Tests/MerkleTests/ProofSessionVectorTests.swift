import Cryptography
import Merkle
import TestSupport
import Testing

@Suite struct ProofSessionVectorTests {
    @Test func `a sparse reader asks, gets and stores exactly this`() throws {
        let formula = try BlockFormula()
        for session in try Vectors.load("proof-sessions.json").sessions.items {
            let keyPair = KeyPair(seed: session.seed.hex)
            let writer = try HeadVerifier.singleSigner(
                keyPair.publicKey, key: try session.key.asFeedKey)
            let whole = formula.tree(length: session.length.int, big: session.bigBlocks)
            var reader = SparseNodes()
            var known: HeadVerifier? = writer.isCompat ? writer : nil
            for (number, step) in session.steps.items.enumerated() {
                let name = Comment("step \(number)")
                let request = step.request.asRequest
                let id = step.request.id.int
                #expect(
                    request.encoded(id: id, priority: step.request.priority.uint64 ?? 0)
                        == step.encodedRequest.hex, name)
                if let block = request.block {
                    let count = try reader.roots.missingNodes(
                        fromBlock: block.index, in: reader)
                    #expect(count == block.nodes, name)
                }
                if let hash = request.hash {
                    let count = try reader.roots.missingNodes(from: hash.index, in: reader)
                    #expect(count == hash.nodes, name)
                }
                let tree = whole.prefix(step.producerLength.int)
                let signature = try #require(
                    writer.sign(tree.roots.head(fork: request.fork), with: keyPair))
                let made = try tree.answer(
                    request, headVerifier: writer, fork: request.fork, signature: signature)
                #expect(made.encoded(requestID: id) == step.encodedData.hex, name)
                let proof = try Proof.decode(step.encodedData.hex).proof
                let verified = try ProofVerifier(
                    key: writer.key, headVerifier: known, fork: request.fork,
                    roots: reader.roots
                ).verify(proof, with: reader).accepted
                if let manifest = verified.manifest {
                    known = HeadVerifier(key: writer.key, manifest: manifest)
                }
                reader.store(verified)
                #expect(
                    verified.nodes.map(\.index.value) == step.after.addedNodes.items.map(\.int),
                    name)
                #expect(reader.roots.length == step.after.length.int, name)
                #expect(reader.roots.treeHash == (try step.after.treeHash.asDigest), name)
            }
        }
    }
}
