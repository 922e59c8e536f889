import Cryptography
import Merkle
import TestSupport
import Testing

@Suite struct ProofVectorTests {
    /// A feed of the set with what its producer needs.
    struct Feed {
        let tree: MemoryTree
        let vector: Vector
    }

    static func feeds() throws -> [String: Feed] {
        let formula = try BlockFormula()
        return Dictionary(
            uniqueKeysWithValues: try Vectors.load("merkle-feeds.json").feeds.items.map {
                let tree = formula.tree(length: $0.length.int, big: $0.bigBlocks)
                return ($0.name.text, Feed(tree: tree, vector: $0))
            })
    }

    @Test(arguments: Vectors.files(prefix: "proofs-"))
    func `requests and answers have these bytes, and answers are made and accepted`(
        file: String
    ) throws {
        let feeds = try Self.feeds()
        for item in try Vectors.load(file).proofs.items {
            let feed = try #require(feeds[item.feed.text], "\(item.feed.text)")
            let name = Comment("\(file), request \(item.requestId.int)")
            let request = item.request.asRequest
            let id = item.request.id.uint64 ?? item.requestId.int
            let priority = item.request.priority.uint64 ?? 0
            #expect(id == item.requestId.int)
            #expect(request.encoded(id: id, priority: priority) == item.encodedRequest.hex, name)
            let decoded = try ProofRequest.decode(item.encodedRequest.hex)
            #expect(decoded.request == request, name)
            #expect(decoded.id == id)
            #expect(decoded.priority == priority)

            let keyPair = KeyPair(seed: feed.vector.seed.hex)
            let flavour = item.flavour.text
            let verifier = HeadVerifier.singleSigner(keyPair.publicKey, flavour: flavour)
            if !feed.vector[flavour].isNull {
                #expect(verifier.key == (try feed.vector[flavour].key.asFeedKey))
            }
            let head = feed.tree.roots.head(fork: request.fork)
            let signature = try #require(verifier.sign(head, with: keyPair))
            let proof = try item.proof.asProof { feed.tree.blocks[Int($0)] }
            let made = try feed.tree.answer(
                request, headVerifier: verifier, fork: request.fork, signature: signature)
            #expect(made == proof, name)
            if let encoded = item.encodedData.bytes {
                #expect(made.encoded(requestID: id) == encoded, name)
                let received = try Proof.decode(encoded)
                #expect(received.requestID == id)
                #expect(received.proof == proof, name)
            }
            #expect(proof.answers(request), name)
            try verify(proof, item, feed: feed, verifier: verifier, name: name)
        }
    }

    private func verify(
        _ proof: Proof, _ item: Vector, feed: Feed, verifier: HeadVerifier, name: Comment
    ) throws {
        let reader = try feed.tree.reader(
            length: item.verifier.length.int,
            extra: item.verifier.extraNodes.items.map { TreeIndex($0.int) })
        let knowsManifest = !item.request.asRequest.manifest && !verifier.isCompat
        let verdict = try ProofVerifier(
            key: verifier.key, headVerifier: knowsManifest ? verifier : nil, fork: proof.fork,
            roots: reader.roots
        ).verify(proof, with: reader)
        let verified = try verdict.accepted
        let result = item.result
        #expect((verified.upgrade != nil) == result.upgraded.bool, name)
        let roots = verified.upgrade?.roots ?? reader.roots
        #expect(roots.length == result.length.int, name)
        #expect(roots.byteLength == result.byteLength.int, name)
        #expect(roots.treeHash == (try result.treeHash.asDigest), name)
        if let upgrade = verified.upgrade {
            #expect(upgrade.signature == proof.upgrade?.signature, name)
            #expect(upgrade.head == roots.head(fork: proof.fork), name)
        }
        #expect(verified.nodes.map(\.index.value) == result.computedNodes.items.map(\.int), name)
        for node in verified.nodes { #expect(feed.tree.nodes[node.index] == node, name) }
        #expect(verified.block?.index == proof.block?.index, name)
        let leaf = proof.block.flatMap { feed.tree.nodes[TreeIndex(block: $0.index)] }
        #expect(verified.block?.leaf == leaf, name)
        let learnt = knowsManifest ? nil : proof.manifest
        #expect(verified.manifest == learnt, name)
    }
}
