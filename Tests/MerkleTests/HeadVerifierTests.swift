import CompactEncoding
import Cryptography
import Merkle
import Testing

@Suite struct HeadVerifierTests {
    let keyPairs = (0..<3).map { KeyPair(seed: [UInt8](repeating: UInt8($0 + 1), count: 32)) }
    let tree = MemoryTree((0..<20).map { [UInt8](repeating: $0, count: Int($0 % 5)) })

    var signers: [Signer] { keyPairs.map { Signer(publicKey: $0.publicKey) } }

    @Test(arguments: ["compat", "v0", "v1", "v2"])
    func `what one writer signs is valid, anything else is not`(flavour: String) throws {
        let verifier = HeadVerifier.singleSigner(keyPairs[0].publicKey, flavour: flavour)
        let roots = tree.roots
        let signature = try #require(verifier.sign(roots.head(fork: 3), with: keyPairs[0]))
        #expect(verifier.isValid(signature, for: roots, fork: 3))
        #expect(!verifier.isValid(signature, for: roots, fork: 4))
        #expect(!verifier.isValid(signature, for: tree.prefix(19).roots, fork: 3))
        #expect(!verifier.isValid([], for: roots, fork: 3))
        #expect(verifier.sign(roots.head(fork: 3), with: keyPairs[1]) == nil)
        for count in 0..<signature.count {
            #expect(!verifier.isValid(Array(signature[..<count]), for: roots, fork: 3))
        }
        let other = HeadVerifier.singleSigner(keyPairs[1].publicKey, flavour: flavour)
        #expect(!other.isValid(signature, for: roots, fork: 3))
    }

    @Test(arguments: [Manifest.Version.v0, .v1])
    func `signers who are ahead help with a patch`(version: Manifest.Version) throws {
        let manifest = Manifest(version: version, allowsPatch: true, quorum: 2, signers: signers)
        let verifier = HeadVerifier(manifest)
        for length in [UInt64(1), 7, 8, 13] {
            for ahead in [UInt64(1), 2, 5, 20 - length] {
                let roots = try #require(try tree.roots(ofLength: length))
                let first = try #require(
                    verifier.partialSignature(of: roots.head(fork: 0), with: keyPairs[0]))
                let signed = try #require(try tree.roots(ofLength: length + ahead))
                var second = try #require(
                    verifier.partialSignature(of: signed.head(fork: 0), with: keyPairs[2]))
                let request = ProofRequest(upgrade: .init(start: length, length: ahead))
                let proof = try tree.prefix(length + ahead).answer(
                    request, headVerifier: nil, signature: [])
                second.patch = ahead
                second.nodes = try #require(proof.upgrade?.nodes)
                let field = Multisignature([first, second], version: version).encoded
                #expect(verifier.isValid(field, for: roots, fork: 0))
                second.nodes[0].size += 1
                let wrong = Multisignature([first, second], version: version).encoded
                #expect(!verifier.isValid(wrong, for: roots, fork: 0))
                second.nodes.removeFirst()
                let short = Multisignature([first, second], version: version).encoded
                #expect(!verifier.isValid(short, for: roots, fork: 0))
            }
        }
    }

    @Test func `patches of impossible length are invalid`() throws {
        let verifier = HeadVerifier(
            Manifest(allowsPatch: true, quorum: 1, signers: Array(signers.prefix(1))))
        let roots = try #require(try tree.roots(ofLength: 8))
        var share = try #require(
            verifier.partialSignature(of: roots.head(fork: 0), with: keyPairs[0]))
        for patch in [1, 1 << 52, (1 << 53) - 1] as [UInt64] {
            share.patch = patch
            let field = Multisignature([share], version: .v1).encoded
            #expect(!verifier.isValid(field, for: roots, fork: 0))
        }
    }

    @Test func `only the first signatures count`() throws {
        let verifier = HeadVerifier(Manifest(quorum: 1, signers: signers))
        let head = tree.roots.head(fork: 0)
        let right = try #require(verifier.partialSignature(of: head, with: keyPairs[0]))
        var wrong = right
        wrong.signer = 1
        let rightFirst = Multisignature([right, wrong], version: .v1).encoded
        #expect(verifier.isValid(rightFirst, for: tree.roots, fork: 0))
        let wrongFirst = Multisignature([wrong, right], version: .v1).encoded
        #expect(!verifier.isValid(wrongFirst, for: tree.roots, fork: 0))
        wrong.signer = 3
        let unknown = Multisignature([wrong], version: .v1).encoded
        #expect(!verifier.isValid(unknown, for: tree.roots, fork: 0))
    }

    @Test func `a feed that nobody signs is valid at its prologue alone`() throws {
        let prologue = Manifest.Prologue(treeHash: tree.prefix(5).roots.treeHash, length: 5)
        let verifier = HeadVerifier(Manifest(signers: [], prologue: prologue))
        for length in 0...UInt64(6) {
            let roots = try #require(try tree.roots(ofLength: length))
            #expect(verifier.isValid([], for: roots, fork: 0) == (length == 5))
        }
    }
}
