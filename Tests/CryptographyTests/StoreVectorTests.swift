import Cryptography
import TestSupport
import Testing

/// The tables of crypto.json about encryption at rest, key derivation and ids.
@Suite struct StoreVectorTests {
    private let vectors: Vector

    init() throws { vectors = try Vectors.load("crypto.json") }

    @Test func `blocks are encrypted at rest`() throws {
        for item in vectors.blockEncryption.items {
            let cipher = try cipher(of: item)
            #expect(cipher.blockKey.withUnsafeBytes { Array($0) } == item.blockKey.hex)
            #expect(cipher.blindingKey.withUnsafeBytes { Array($0) } == item.blindingKey.hex)
            #expect(UInt64(BlockCipher.paddingByteCount) == item.padding.int)
            for block in item.blocks.items {
                let plaintext = content(of: block, named: "plaintext")
                let ciphertext = block.ciphertext.hex
                let index = block.index.int
                let stored = cipher.encrypt(block: plaintext, index: index, fork: block.fork.int)
                #expect(stored == ciphertext)
                #expect(try cipher.decrypt(block: ciphertext, index: index) == plaintext)
            }
        }
    }

    private func cipher(of item: Vector) throws -> BlockCipher {
        let encryptionKey = item.encryptionKey.hex
        switch item.mode.text {
        case "blockKey":
            return encryptionKey.withUnsafeBytes { BlockCipher(blockKey: $0) }
        case "compat", "default":
            let feedKey = try #require(FeedKey(item.coreKey.hex))
            return encryptionKey.withUnsafeBytes {
                BlockCipher(
                    encryptionKey: $0, feedKey: feedKey, isCompat: item.mode.text == "compat")
            }
        default:
            throw UnknownMode(name: item.mode.text)
        }
    }

    private struct UnknownMode: Error { let name: String }

    @Test func `the feeds of a store follow from its primary key`() throws {
        let store = vectors.corestore
        for item in store.cores.items {
            let primaryKey = try #require(PrimaryKey(store.primaryKey.hex))
            var chain = [StoreNamespace.root]
            for name in item.namespacePath.items {
                chain.append(chain[chain.count - 1].child(name.text))
            }
            #expect(chain.map(\.digest.bytes) == item.namespaceChain.items.map(\.hex))

            let namespace = chain[chain.count - 1]
            let seed = primaryKey.seed(named: item.name.text, in: namespace)
            #expect(seed.withUnsafeBytes { Array($0) } == item.seed.hex)
            let pair = primaryKey.keyPair(named: item.name.text, in: namespace)
            #expect(pair.publicKey.bytes == item.publicKey.hex)

            let compat = FeedKey(pair.publicKey)
            #expect(compat.bytes == item["key_v6_default_compat"].hex)
            #expect(compat.discoveryKey.bytes == item["discoveryKey_v6"].hex)
            #expect(
                manifestKey(header: [0, 0, 1], pair.publicKey).bytes
                    == item["key_v6_compat_false"].hex)
            let current = manifestKey(header: [1, 0, 0, 1, 1], pair.publicKey)
            #expect(current.bytes == item["key_v7_default"].hex)
            #expect(current.discoveryKey.bytes == item["discoveryKey_v7"].hex)
        }
    }

    /// The hash of a manifest of one signer whose fields before the signer are given.
    private func manifestKey(header: [UInt8], _ publicKey: PublicKey) -> FeedKey {
        var hasher = BLAKE2bHasher()
        hasher.update(Namespace.manifest)
        hasher.update(header)
        hasher.update(byte: 0)
        hasher.update(Namespace.defaultSigner)
        hasher.update(publicKey)
        return FeedKey(hasher.finalize())
    }

    @Test func `ids are z-base-32`() throws {
        for item in vectors.ids.items {
            let key = try #require(FeedKey(item.key.hex))
            #expect(key.id == item.z32.text)
            #expect(try FeedKey(parsing: item.z32.text) == key)
            #expect(try FeedKey(parsing: key.hexadecimal) == key)
        }
    }

    @Test func `keys are parsed or refused`() throws {
        for item in vectors.idParsing.items {
            if item.error.isNull {
                #expect(try FeedKey(parsing: item.input.text).bytes == item.key.hex)
            } else {
                #expect(throws: KeyParsingError.self, "\(item.input.text)") {
                    try FeedKey(parsing: item.input.text)
                }
            }
        }
    }

    @Test func `z-base-32 of any size`() throws {
        for item in vectors.z32.items {
            #expect(ZBase32.encode(item["hex"].hex) == item.z32.text)
            #expect(ZBase32.decode(item.z32.text) == item["hex"].hex)
        }
    }
}
