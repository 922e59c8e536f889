import CompactEncoding
import Cryptography
import Merkle
import TestSupport
import Testing

@Suite struct MultisignatureVectorTests {
    let set: Vector
    let tree: MemoryTree
    let keyPairs: [KeyPair]

    init() throws {
        set = try Vectors.load("multisig.json")
        tree = try BlockFormula().tree(length: set.feed.length.uint64 ?? 0)
        keyPairs = set.signerSeeds.items.map { KeyPair(seed: $0.hex) }
    }

    @Test func `the feed is the one of the formula`() throws {
        #expect(tree.roots.nodes == (try set.feed.roots.asNodes))
        if let salt = set.feed.salt.uint64 { #expect(salt == (try BlockFormula().salt)) }
    }

    @Test func `several signatures make a head valid or not`() throws {
        for item in set.cases.items {
            let manifest = try item.manifest.asManifest
            #expect(manifest.encoded == item.encodedManifest.hex, "\(item.name.text)")
            let key = try item.key.asFeedKey
            #expect(manifest.feedKey == key)
            let verifier = try #require(HeadVerifier(key: key, manifest: manifest))
            let roots = try #require(
                TreeRoots(length: item.length.int, nodes: try item.roots.asNodes))
            #expect(roots.treeHash == (try item.treeHash.asDigest))
            #expect(roots == (try tree.roots(ofLength: item.length.int)))
            let isValid = verifier.isValid(
                item.signature.bytes ?? [], for: roots, fork: item.fork.int)
            #expect(isValid == item.valid.bool, "\(item.name.text)")
        }
    }

    @Test func `the shares of several signers make this field`() throws {
        for item in set.cases.items where !item.parts.isNull {
            let manifest = try item.manifest.asManifest
            let verifier = try #require(
                HeadVerifier(key: try item.key.asFeedKey, manifest: manifest))
            let shares = try item.parts.items.map { part in
                PartialSignature(
                    signer: part.signer.int,
                    signature: try #require(Signature(part.signature.hex)),
                    patch: part.patch.uint64 ?? 0, nodes: try part.nodes.asNodes)
            }
            let field = Multisignature(shares, version: manifest.version)
            #expect(field.encoded == item.signature.hex, "\(item.name.text)")
            let decoded = try Multisignature(
                decoding: item.signature.hex, version: manifest.version)
            #expect(decoded.encoded == item.signature.hex)
            guard item.valid.bool == true else { continue }
            for (part, share) in zip(item.parts.items, shares) {
                try check(share, part, of: item, verifier: verifier)
            }
        }
    }

    /// The share is the one that its signer makes, with the nodes of an upgrade.
    private func check(
        _ share: PartialSignature, _ part: Vector, of item: Vector, verifier: HeadVerifier
    ) throws {
        let signedLength = part.signedLength.uint64 ?? (item.length.int + share.patch)
        let signed = try #require(try tree.roots(ofLength: signedLength))
        let signers = verifier.manifest.signers
        let publicKey = signers[Int(share.signer)].publicKey
        let keyPair = try #require(keyPairs.first { $0.publicKey == publicKey })
        let made = try #require(
            verifier.partialSignature(of: signed.head(fork: item.fork.int), with: keyPair))
        #expect(made.signature == share.signature, "\(item.name.text)")
        if share.patch > 0 {
            #expect(signedLength == item.length.int + share.patch)
            let proof = try tree.prefix(signedLength).answer(
                ProofRequest(upgrade: .init(start: item.length.int, length: share.patch)),
                headVerifier: nil, signature: [])
            #expect(proof.upgrade?.nodes == share.nodes)
        }
    }

    @Test func `a prologue stands for signatures at its length`() throws {
        let item = set.prologue
        guard !item.isNull else { return }
        let manifest = try item.prologueManifest.asManifest
        #expect(manifest.feedKey == (try item.key.asFeedKey))
        let verifier = HeadVerifier(manifest)
        for head in item.cases.items {
            let roots = try #require(try tree.roots(ofLength: head.length.int))
            #expect(roots.treeHash == (try head.treeHash.asDigest))
            let isValid = verifier.isValid(
                head.signature.bytes ?? [], for: roots, fork: head.fork.uint64 ?? 0)
            #expect(isValid == head.valid.bool, "length \(head.length.int)")
        }
    }
}
