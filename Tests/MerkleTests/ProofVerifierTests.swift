import Cryptography
import Merkle
import Testing

@Suite struct ProofVerifierTests {
    let tree = MemoryTree((0..<12).map { [UInt8](repeating: $0, count: 10) })
    let keyPair = KeyPair(seed: [UInt8](repeating: 5, count: 32))
    var verifier: HeadVerifier { .singleSigner(keyPair.publicKey, flavour: "v1") }

    private func answer(_ request: ProofRequest, length: UInt64 = 12) throws -> Proof {
        let tree = tree.prefix(length)
        let signature = verifier.sign(tree.roots.head(fork: 0), with: keyPair) ?? []
        return try tree.answer(request, headVerifier: verifier, signature: signature)
    }

    private func verdict(
        on proof: Proof, by reader: SparseNodes, knowing known: HeadVerifier? = nil
    ) throws -> ProofVerdict {
        try ProofVerifier(
            key: verifier.key, headVerifier: known, fork: 0, roots: reader.roots
        ).verify(proof, with: reader)
    }

    @Test func `a manifest is learnt with the first upgrade, and needed for it`() throws {
        var request = ProofRequest(upgrade: .init(start: 0, length: 12), manifest: true)
        let verified = try verdict(on: try answer(request), by: SparseNodes()).accepted
        #expect(verified.manifest == verifier.manifest)
        #expect(verified.upgrade?.roots == tree.roots)
        request.manifest = false
        let verdict = try verdict(on: try answer(request), by: SparseNodes())
        #expect(verdict == .invalid(.invalidSignature))
    }

    @Test func `a manifest alone is learnt whatever the fork`() throws {
        let proof = Proof(fork: 7, manifest: verifier.manifest)
        let verified = try verdict(on: proof, by: SparseNodes()).accepted
        #expect(verified.manifest == verifier.manifest)
        #expect(verified.nodes.isEmpty)
        let other = Manifest(singleSigner: KeyPair(seed: [UInt8](1...32)).publicKey)
        let wrong = Proof(fork: 0, manifest: other)
        #expect(try verdict(on: wrong, by: SparseNodes()) == .invalid(.invalidManifest))
        #expect(
            try verdict(on: wrong, by: SparseNodes(), knowing: verifier)
                == .invalid(.invalidManifest))
        let known = try verdict(on: proof, by: SparseNodes(), knowing: verifier).accepted
        #expect(known.manifest == nil)
    }

    @Test func `form and forgery are told apart`() throws {
        let reader = try tree.reader(length: 12, extra: [TreeIndex(1)])
        let proof = try answer(ProofRequest(block: .init(index: 0, nodes: 1)))
        #expect(try verdict(on: proof, by: reader).isValid)
        var changed = proof
        changed.block?.value[0] ^= 1
        #expect(try verdict(on: changed, by: reader) == .invalid(.invalidChecksum(TreeIndex(1))))
        changed = proof
        changed.block?.nodes = []
        #expect(try verdict(on: changed, by: reader) == .invalid(.notStored(TreeIndex(0))))
        changed = proof
        changed.block?.nodes[0].index = TreeIndex(4)
        #expect(try verdict(on: changed, by: reader) == .invalid(.expectedNode(TreeIndex(2))))
        changed = proof
        changed.fork = 1
        #expect(try verdict(on: changed, by: reader) == .invalid(.wrongFork))
        #expect(!ProofError.notStored(TreeIndex(0)).isForgery)
        #expect(ProofError.invalidChecksum(TreeIndex(0)).isForgery)
        #expect(ProofError.invalidSignature.isForgery)
    }

    @Test func `an upgrade that ends below the own length, or lists too much, is refused`() throws {
        let reader = try tree.reader(length: 9)
        let short = try answer(ProofRequest(upgrade: .init(start: 0, length: 8)), length: 8)
        #expect(
            try verdict(on: short, by: reader, knowing: verifier) == .invalid(.upgradeTooShort))
        var long = try answer(ProofRequest(upgrade: .init(start: 9, length: 3)))
        #expect(try verdict(on: long, by: reader, knowing: verifier).isValid)
        long.upgrade?.nodes.append(Node(index: TreeIndex(24), size: 0, hash: .zero))
        #expect(
            try verdict(on: long, by: reader, knowing: verifier)
                == .invalid(.unexpectedNode(TreeIndex(24))))
    }

    @Test func `an upgrade to the own length changes nothing`() throws {
        let reader = try tree.reader(length: 12)
        let proof = try answer(ProofRequest(upgrade: .init(start: 9, length: 3)))
        var same = proof
        same.upgrade?.nodes = []
        let verified = try verdict(on: same, by: reader, knowing: verifier).accepted
        #expect(verified.upgrade == nil)
        same.upgrade?.signature[10] ^= 1
        #expect(
            try verdict(on: same, by: reader, knowing: verifier) == .invalid(.invalidSignature))
    }

    @Test func `bytes moved between two siblings prove no size`() throws {
        let reader = try tree.reader(length: 12)
        var proof = try answer(ProofRequest(hash: .init(index: TreeIndex(1), nodes: 2)))
        proof.hash?.nodes[0].size -= 5
        proof.hash?.nodes[1].size += 5
        let verified = try verdict(on: proof, by: reader).accepted
        #expect(verified.unprovenSizes == [TreeIndex(1), TreeIndex(5)])
        // A reader that has a block below one of them knows better.
        let knowing = try tree.reader(length: 12, extra: [TreeIndex(5)])
        #expect(
            try verdict(on: proof, by: knowing) == .invalid(.invalidChecksum(TreeIndex(5))))
    }

    @Test func `a block proof mends the sizes that a liar left`() throws {
        var reader = try tree.reader(length: 12)
        var lie = try answer(ProofRequest(hash: .init(index: TreeIndex(1), nodes: 2)))
        lie.hash?.nodes[0].size -= 5
        lie.hash?.nodes[1].size += 5
        reader.store(try verdict(on: lie, by: reader).accepted)
        #expect(reader.unproven == [TreeIndex(1), TreeIndex(5)])
        let nodes = try reader.roots.missingNodes(fromBlock: 0, in: reader)
        let proof = try answer(ProofRequest(block: .init(index: 0, nodes: nodes)))
        reader.store(try verdict(on: proof, by: reader).accepted)
        #expect(reader.unproven.isEmpty)
        #expect(reader.nodes[TreeIndex(5)] == tree.nodes[TreeIndex(5)])
    }

    @Test func `the growth must lead through the prologue`() throws {
        let prologue = Manifest.Prologue(treeHash: tree.prefix(5).roots.treeHash, length: 5)
        let manifest = Manifest(
            signers: [Signer(publicKey: keyPair.publicKey)], prologue: prologue)
        let verifier = HeadVerifier(manifest)
        func verdict(_ proof: Proof) throws -> ProofVerdict {
            try ProofVerifier(
                key: verifier.key, headVerifier: nil, fork: 0, roots: TreeRoots()
            ).verify(proof, with: NoNodes())
        }
        let signature = try #require(verifier.sign(tree.roots.head(fork: 0), with: keyPair))
        let request = ProofRequest(upgrade: .init(start: 0, length: 12), manifest: true)
        let proof = try tree.answer(request, headVerifier: verifier, signature: signature)
        #expect(proof.upgrade?.length == 5)
        #expect(proof.upgrade?.additionalNodes.isEmpty == false)
        #expect(try verdict(proof).accepted.upgrade?.roots == tree.roots)
        var direct = try tree.answer(request, headVerifier: nil, signature: signature)
        direct.manifest = manifest
        #expect(try verdict(direct) == .invalid(.prologueNotProven))
        // The signer's signature does not help against another beginning.
        let other = MemoryTree((0..<12).map { [$0] })
        let forged = try #require(verifier.sign(other.roots.head(fork: 0), with: keyPair))
        let otherProof = try other.answer(request, headVerifier: verifier, signature: forged)
        #expect(try verdict(otherProof) == .invalid(.invalidSignature))
        let at = try tree.prefix(5).answer(
            ProofRequest(upgrade: .init(start: 0, length: 5), manifest: true),
            headVerifier: verifier, signature: [])
        #expect(try verdict(at).accepted.upgrade?.roots.length == 5)
    }

    @Test func `an answer is one to what was asked`() throws {
        let request = ProofRequest(
            block: .init(index: 3, nodes: 0), upgrade: .init(start: 0, length: 12))
        let proof = try answer(request)
        #expect(proof.answers(request))
        var other = request
        other.block?.index = 2
        #expect(!proof.answers(other))
        other = request
        other.fork = 1
        #expect(!proof.answers(other))
        other = request
        other.upgrade = nil
        #expect(!proof.answers(other))
        #expect(!Proof(fork: 0).answers(request))
        #expect(Proof(fork: 3, manifest: verifier.manifest).answers(ProofRequest(manifest: true)))
    }
}
