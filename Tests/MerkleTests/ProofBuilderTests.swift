import Cryptography
import Merkle
import Testing

@Suite struct ProofBuilderTests {
    let tree = MemoryTree((0..<9).map { [UInt8](repeating: $0, count: 10) })
    let verifier = HeadVerifier.singleSigner(
        KeyPair(seed: [UInt8](repeating: 5, count: 32)).publicKey, flavour: "v1")

    private func proof(
        for request: ProofRequest, headVerifier: HeadVerifier? = nil
    ) throws -> Proof {
        try ProofBuilder(
            headVerifier: headVerifier, fork: 2, roots: tree.roots, signature: [1]
        ).proof(for: request, from: tree)
    }

    @Test func `an empty feed answers with its manifest alone`() throws {
        let builder = ProofBuilder(
            headVerifier: verifier, fork: 2, roots: TreeRoots(), signature: [])
        let request = ProofRequest(
            block: .init(index: 0, nodes: 0), upgrade: .init(start: 0, length: 1),
            manifest: true)
        let proof = try builder.proof(for: request, from: NoNodes())
        #expect(proof == Proof(fork: 2, manifest: verifier.manifest))
    }

    @Test func `another fork gets the manifest or nothing`() throws {
        var request = ProofRequest(fork: 1, block: .init(index: 0, nodes: 0), manifest: true)
        #expect(
            try proof(for: request, headVerifier: verifier)
                == Proof(fork: 2, manifest: verifier.manifest))
        request.manifest = false
        #expect(throws: ProofRequestError.wrongFork) {
            try proof(for: request, headVerifier: verifier)
        }
    }

    @Test func `a compat feed sends no manifest`() throws {
        let compat = HeadVerifier.singleSigner(
            verifier.manifest.signers[0].publicKey, flavour: "compat")
        let request = ProofRequest(fork: 2, upgrade: .init(start: 0, length: 9), manifest: true)
        #expect(try proof(for: request, headVerifier: compat).manifest == nil)
        #expect(try proof(for: request, headVerifier: verifier).manifest == verifier.manifest)
    }

    @Test func `a node that is not stored, or whose size is not proven, is not sent`() throws {
        var source = try tree.reader(length: 9, extra: [TreeIndex(2), TreeIndex(5)])
        let builder = ProofBuilder(
            headVerifier: verifier, fork: 2, roots: tree.roots, signature: [])
        let request = ProofRequest(fork: 2, block: .init(index: 0, nodes: 2))
        #expect(try builder.proof(for: request, from: source).block?.nodes.count == 2)
        source.unproven.insert(TreeIndex(5))
        #expect(throws: ProofRequestError.notStored(TreeIndex(5))) {
            try builder.proof(for: request, from: source)
        }
        source.nodes[TreeIndex(2)] = nil
        #expect(throws: ProofRequestError.notStored(TreeIndex(2))) {
            try builder.proof(for: request, from: source)
        }
    }

    @Test func `a seek alone proves nothing`() throws {
        let request = ProofRequest(fork: 2, seek: .init(bytes: 5))
        #expect(try proof(for: request) == Proof(fork: 2))
    }
}
