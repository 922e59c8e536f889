import Cryptography
import Testing

@Suite struct SecretBytesTests {
    private let seed: [UInt8] = Array(100..<132)

    @Test func `secrets are not printed`() throws {
        let pair = KeyPair(seed: seed)
        let primaryKey = try #require(PrimaryKey(seed))
        let secret = seed.withUnsafeBytes { SecretBytes(copying: $0) }
        let cipher = seed.withUnsafeBytes { BlockCipher(blockKey: $0) }
        var dumped = "\(pair) \(primaryKey) \(secret) \(cipher) \(String(reflecting: secret))"
        dump(pair, to: &dumped)
        dump(primaryKey, to: &dumped)
        dump(secret, to: &dumped)
        dump(cipher, to: &dumped)
        #expect(dumped.contains(pair.publicKey.hexadecimal))
        #expect(!dumped.contains("6465666768"), "hexadecimal digits of the secret")
        #expect(!dumped.contains("100, 101") && !dumped.contains("- 100\n"))
    }

    @Test func `a primary key has 32 bytes`() {
        #expect(PrimaryKey([1, 2, 3]) == nil)
        #expect(PrimaryKey([]) == nil)
        #expect(PrimaryKey(seed + [1]) == nil)
        #expect(PrimaryKey(seed)?.withUnsafeBytes { Array($0) } == seed)
    }

    @Test func `secrets are compared by content`() {
        let first = seed.withUnsafeBytes { SecretBytes(copying: $0) }
        let second = seed.withUnsafeBytes { SecretBytes(copying: $0) }
        let other = SecretBytes(byteCount: 32) { _ in }
        #expect(first.isEqual(to: second))
        #expect(!first.isEqual(to: other))
        #expect(!first.isEqual(to: SecretBytes(byteCount: 31) { _ in }))
    }

    @Test func `random keys differ, seeded ones repeat`() {
        #expect(KeyPair.random().publicKey != KeyPair.random().publicKey)
        #expect(
            KeyPair.random(.seeded(7)).publicKey == KeyPair.random(.seeded(7)).publicKey)
        #expect(
            KeyPair.random(.seeded(7)).publicKey != KeyPair.random(.seeded(8)).publicKey)
        let source = Randomness.seeded(1)
        #expect(source.bytes(count: 16) != source.bytes(count: 16))
        #expect(Randomness.seeded(3).uint64() == Randomness.seeded(3).uint64())
        #expect(PrimaryKey.random().keyPair(named: "a").publicKey.bytes.count == 32)
    }

    @Test func `both sides of an agreement get the same secret`() throws {
        let (a, b) = (KeyPair.random(), KeyPair.random())
        let first = try #require(a.sharedSecret(with: b.publicKey))
        let second = try #require(b.sharedSecret(with: a.publicKey))
        #expect(first.isEqual(to: second))
    }

    @Test func `points outside the main subgroup share nothing`() throws {
        let pair = KeyPair(seed: seed)
        var identity = [UInt8](repeating: 0, count: 32)
        #expect(pair.sharedSecret(with: try #require(PublicKey(identity))) == nil)
        identity[0] = 1
        #expect(pair.sharedSecret(with: try #require(PublicKey(identity))) == nil)
        let ones = [UInt8](repeating: 255, count: 32)
        #expect(pair.sharedSecret(with: try #require(PublicKey(ones))) == nil)
    }

    @Test func `a message of the wrong signer is not valid`() {
        let pair = KeyPair(seed: seed)
        let other = KeyPair.random(.seeded(1))
        let signature = pair.sign(Array("block".utf8))
        #expect(pair.publicKey.isValid(signature, for: Array("block".utf8)))
        #expect(!other.publicKey.isValid(signature, for: Array("block".utf8)))
        #expect(!pair.publicKey.isValid(signature, for: Array("blocks".utf8)))
        #expect(!pair.publicKey.isValid(signature, for: []))
    }
}
