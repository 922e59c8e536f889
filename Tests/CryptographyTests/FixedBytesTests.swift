import Cryptography
import Testing

@Suite struct FixedBytesTests {
    @Test func `has the bytes that it was made of`() throws {
        let bytes = (0..<32).map { UInt8($0 * 7) }
        let digest = try #require(Digest(bytes))
        #expect(digest.bytes == bytes)
        #expect(digest.withUnsafeBytes { Array($0) } == bytes)
        #expect(Digest(bytes[...]) == digest)
        #expect(bytes.withUnsafeBytes { Digest($0) } == digest)
        #expect(Digest(hexadecimal: digest.hexadecimal) == digest)
        #expect(Digest(hexadecimal: digest.hexadecimal.uppercased()) == digest)
    }

    @Test(arguments: [0, 1, 31, 33, 64])
    func `refuses another number of bytes`(count: Int) {
        let bytes = [UInt8](repeating: 0, count: count)
        #expect(Digest(bytes) == nil)
        #expect(bytes.withUnsafeBytes { FeedKey($0) } == nil)
        if count != 64 { #expect(Signature(bytes) == nil) }
        #expect(StreamHeader(bytes) == nil)
    }

    @Test func `refuses what is not hexadecimal`() {
        let digits = String(repeating: "0", count: 63)
        #expect(Digest(hexadecimal: digits) == nil)
        #expect(Digest(hexadecimal: digits + "g") == nil)
        #expect(Digest(hexadecimal: digits + "0") == .zero)
    }

    @Test func `is ordered like its bytes`() throws {
        var generator = SystemRandomNumberGenerator()
        for position in 0..<64 {
            var low = (0..<64).map { _ in UInt8.random(in: 0...255, using: &generator) }
            var high = low
            low[position] = 3
            high[position] = 200
            if position < 63 { (low[63], high[63]) = (255, 0) }
            let signatures = try (#require(Signature(low)), #require(Signature(high)))
            #expect(signatures.0 < signatures.1)
            #expect(signatures.0 != signatures.1)
            if position < 32 {
                let digests = try (
                    #require(Digest(low.prefix(32))), #require(Digest(high.prefix(32)))
                )
                #expect(digests.0 < digests.1)
                #expect(!digests.0.isEqualInConstantTime(to: digests.1))
                #expect(digests.0.isEqualInConstantTime(to: digests.0))
            }
            if position < 24 {
                let headers = try (
                    #require(StreamHeader(low.prefix(24))), #require(StreamHeader(high.prefix(24)))
                )
                #expect(headers.0 < headers.1)
            }
        }
    }

    @Test func `public key and feed key turn into one another`() throws {
        let pair = KeyPair(seed: [UInt8](repeating: 5, count: 32))
        #expect(PublicKey(FeedKey(pair.publicKey)) == pair.publicKey)
        #expect(FeedKey(Digest.zero).bytes == Digest.zero.bytes)
    }
}
