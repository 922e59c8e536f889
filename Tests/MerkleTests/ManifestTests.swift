import CompactEncoding
import Cryptography
import Merkle
import Testing

@Suite struct ManifestTests {
    let keys = (0..<3).map { KeyPair(seed: [UInt8](repeating: UInt8($0 + 1), count: 32)).publicKey }

    var signerBytes: [[UInt8]] {
        keys.map { [0] + Namespace.defaultSigner.bytes + $0.bytes }
    }

    @Test func `the manifest of one key has seventy bytes`() {
        let manifest = Manifest(singleSigner: keys[0])
        let encoded: [UInt8] = [1, 0, 0, 1, 1] + signerBytes[0]
        #expect(manifest.encoded == encoded)
        #expect(encoded.count == 70)
        #expect(
            manifest.feedKey == FeedKey(Digest.hash(of: Namespace.manifest.bytes + encoded)))
    }

    @Test func `what is left out follows the rules for new manifests`() {
        let signers = keys.map { Signer(publicKey: $0) }
        #expect(Manifest(signers: signers).quorum == 2)
        #expect(Manifest(signers: Array(signers.prefix(2))).quorum == 2)
        #expect(Manifest(signers: []).quorum == 0)
        #expect(Manifest(signers: signers).version == .v1)
        #expect(Manifest(signers: signers, linkedFeeds: [FeedKey(keys[0])]).version == .v2)
        #expect(Manifest(signers: signers, userData: [1]).version == .v2)
        #expect(!Manifest(quorum: 4, signers: signers).isConsistent)
        #expect(!Manifest(version: .v1, signers: signers, userData: [1]).isConsistent)
    }

    @Test(arguments: [
        // A longer number form, unknown flag bits, and a list of one signer in version 0.
        ([0xfd, 1, 0, 0xfe, 0xf0, 0, 0, 0, 0, 0xfd, 1, 0, 1], false),
        ([0, 0, 2, 0xf0, 1, 1], true),
    ])
    func `another form has the key of the canonical one`(prefix: [UInt8], isVersion0: Bool) throws {
        let manifest = try Manifest(decoding: prefix + signerBytes[0])
        let canonical = Manifest(singleSigner: keys[0], version: isVersion0 ? .v0 : .v1)
        #expect(manifest == canonical)
        #expect(manifest.feedKey == canonical.feedKey)
    }

    @Test func `empty links and user data are kept, absent ones are not written`() throws {
        let bytes: [UInt8] = [2, 12, 0, 1, 1] + signerBytes[0] + [0, 0]
        let manifest = try Manifest(decoding: bytes)
        #expect(manifest.linkedFeeds == [])
        #expect(manifest.userData == [])
        #expect(manifest.encoded == bytes)
        #expect(HeadVerifier(key: manifest.feedKey, manifest: manifest) != nil)
    }

    @Test func `every truncation is refused, and bytes that follow are left aside`() throws {
        let manifest = Manifest(
            version: .v2, allowsPatch: true, quorum: 2, signers: keys.map { Signer(publicKey: $0) },
            prologue: .init(treeHash: .emptyTree, length: 300), linkedFeeds: [FeedKey(keys[1])],
            userData: [1, 2, 3])
        let encoded = manifest.encoded
        for count in 0..<encoded.count {
            #expect(throws: CompactDecodingError.self) {
                try Manifest(decoding: Array(encoded[..<count]))
            }
        }
        #expect(try Manifest(decoding: encoded + [1, 2, 3]) == manifest)
    }

    @Test func `counts that no bytes stand for are refused before memory is taken`() {
        let huge: [UInt8] = [0xfe, 0xff, 0xff, 0x0f, 0]
        for bytes in [[1, 0, 0, 1] + huge, [0, 0, 2, 0, 1] + huge, [2, 8, 0, 0, 0] + huge] {
            #expect(throws: CompactDecodingError.self) { try Manifest(decoding: bytes) }
        }
    }

    @Test func `a manifest is only taken for its own key`() {
        let manifest = Manifest(singleSigner: keys[0])
        let key = manifest.feedKey
        #expect(HeadVerifier(key: key, manifest: manifest)?.isCompat == false)
        #expect(HeadVerifier(key: FeedKey(keys[0]), manifest: manifest)?.isCompat == true)
        #expect(HeadVerifier(key: FeedKey(keys[1]), manifest: manifest) == nil)
        let two = Manifest(signers: keys.prefix(2).map { Signer(publicKey: $0) })
        #expect(HeadVerifier(key: FeedKey(keys[0]), manifest: two) == nil)
        let impossible = Manifest(quorum: 2, signers: [Signer(publicKey: keys[0])])
        #expect(HeadVerifier(key: impossible.feedKey, manifest: impossible) == nil)
    }
}
