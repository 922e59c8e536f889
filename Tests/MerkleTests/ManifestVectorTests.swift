import CompactEncoding
import Cryptography
import Merkle
import TestSupport
import Testing

@Suite struct ManifestVectorTests {
    @Test func `manifests have these encodings and keys`() throws {
        for item in try Vectors.load("manifests.json").manifests.items {
            let manifest = try item.manifest.asManifest
            if !item.input.isNull { #expect(try item.input.asManifest == manifest) }
            #expect(manifest.encoded == item.encoded.hex, "\(item.name.text)")
            #expect(manifest.feedKey == (try item.key.asFeedKey))
            #expect(manifest.feedKey.discoveryKey.bytes == item.discoveryKey.hex)
            let decoded = try Manifest(decoding: item.encoded.hex)
            #expect(decoded.encoded == item.encoded.hex)
            #expect(decoded == manifest)
            if let understood = item.understoodByV10.bool {
                #expect(understood == (manifest.version < .v2))
            }
            #expect(HeadVerifier(key: try item.key.asFeedKey, manifest: decoded) != nil)
        }
    }

    @Test func `a compat key implies its manifest`() throws {
        for item in try Vectors.load("manifests.json").compat.items {
            let publicKey = try #require(PublicKey(item.publicKey.hex))
            let key = try item.key.asFeedKey
            #expect(FeedKey(publicKey) == key)
            let implied = try item.impliedManifest.asManifest
            #expect(HeadVerifier(compatKey: key).manifest == implied)
            let verifier = try #require(HeadVerifier(key: key, manifest: implied))
            #expect(verifier.isCompat)
        }
    }

    @Test func `what is no manifest is refused`() throws {
        for item in try Vectors.load("manifests.json").decodeErrors.items {
            #expect(throws: CompactDecodingError.self, "\(item.note.text)") {
                try Manifest(decoding: item["hex"].hex)
            }
        }
    }

    @Test func `exactly these bytes are signed`() throws {
        for item in try Vectors.load("manifests.json").signables.items {
            let head = TreeHead(
                fork: item.fork.int, length: item.length.int, byteLength: 0,
                treeHash: try item.treeHash.asDigest)
            #expect(
                Signable.signable(head, context: try item.context.asDigest) == item.signable.hex)
            #expect(Signable.compat(head) == item.signableCompat.hex)
            #expect(Signable.legacy(head) == item.signableLegacy.hex)
        }
    }
}
