import CompactEncoding
import Cryptography
import Merkle
import TestSupport
import Testing

@Suite struct CodingMutationTests {
    @Test(arguments: 1...4)
    func `changed manifests are refused or read back as they are`(seed: UInt64) throws {
        var mutator = Mutator(seed: seed)
        let keys = (0..<3).map { KeyPair(seed: [UInt8](repeating: $0, count: 32)).publicKey }
        for version in [Manifest.Version.v0, .v1, .v2] {
            var manifest = Manifest(singleSigner: keys[0], version: version)
            manifest.signers = keys.map { Signer(publicKey: $0) }
            manifest.quorum = 2
            manifest.allowsPatch = true
            if version == .v2 {
                manifest.prologue = .init(treeHash: Digest.hash(of: [1]), length: 4)
                manifest.userData = [1, 2, 3]
            }
            let bytes = manifest.encoded
            for _ in 0..<2000 {
                guard let changed = try? Manifest(decoding: mutator.changed(bytes)) else {
                    continue
                }
                #expect(try Manifest(decoding: changed.encoded) == changed, "seed \(seed)")
                if let verifier = HeadVerifier(key: changed.feedKey, manifest: changed) {
                    #expect(!verifier.isValid(bytes, for: TreeRoots(), fork: 9), "seed \(seed)")
                }
            }
        }
    }

    @Test(arguments: 1...4)
    func `changed signature fields are refused or read back as they are`(seed: UInt64) throws {
        var mutator = Mutator(seed: seed)
        let signature = KeyPair(seed: [UInt8](repeating: 1, count: 32)).sign([1])
        let node = Node(index: TreeIndex(6), size: 9, hash: Digest.hash(of: [1]))
        for version in [Manifest.Version.v0, .v1, .v2] {
            let field = Multisignature(
                [
                    PartialSignature(signer: 0, signature: signature),
                    PartialSignature(signer: 2, signature: signature, patch: 1, nodes: [node]),
                ], version: version)
            let bytes = field.encoded
            for _ in 0..<2000 {
                let changed = try? Multisignature(
                    decoding: mutator.changed(bytes), version: version)
                guard let changed else { continue }
                let again = try Multisignature(decoding: changed.encoded, version: version)
                #expect(again.encoded == changed.encoded, "seed \(seed)")
            }
        }
    }

    @Test(arguments: 1...4)
    func `changed requests are refused, or answered with the truth`(seed: UInt64) throws {
        var mutator = Mutator(seed: seed)
        var world = ProofWorld(seed: seed)
        let total = world.tree.roots.length
        for _ in 0..<60 {
            let bytes = try world.request(toWriterOf: total).encoded(id: 1)
            for _ in 0..<20 {
                guard let request = try? ProofRequest.decode(mutator.changed(bytes)).request,
                    let proof = try? world.answer(request, writerLength: total),
                    case .valid(let verified) = try world.verdict(on: proof)
                else { continue }
                #expect(world.falsehood(in: verified, of: proof) == nil, "seed \(seed)")
            }
        }
    }
}
