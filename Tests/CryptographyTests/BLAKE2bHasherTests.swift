import Cryptography
import Testing

@Suite struct BLAKE2bHasherTests {
    @Test(arguments: [0, 1, 63, 64, 127, 128, 129, 255, 256, 257, 1000])
    func `parts of any size give the hash of the whole`(count: Int) {
        let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0) }
        let whole = Digest.hash(of: bytes)
        for step in [1, 7, 64, 128, 200] {
            var hasher = BLAKE2bHasher()
            for start in stride(from: 0, to: count, by: step) {
                hasher.update(Array(bytes[start..<min(count, start + step)]))
            }
            #expect(hasher.finalize() == whole)
        }
    }

    @Test func `a copy goes on by itself`() {
        var first = BLAKE2bHasher()
        first.update(utf8: "ab")
        var second = first
        first.update(utf8: "c")
        second.update(utf8: "d")
        #expect(first.finalize() == Digest.hash(ofUTF8: "abc"))
        #expect(second.finalize() == Digest.hash(ofUTF8: "abd"))
    }

    @Test func `numbers are written least significant byte first`() {
        var hasher = BLAKE2bHasher()
        hasher.update(littleEndian: 0x0102_0304_0506_0708)
        hasher.update(byte: 9)
        #expect(hasher.finalize() == Digest.hash(of: [8, 7, 6, 5, 4, 3, 2, 1, 9]))
    }

    @Test func `the size of the output is part of what is hashed`() {
        var long = BLAKE2bHasher(outputByteCount: 64)
        #expect(long.finalize64().bytes.prefix(32) != Digest.hash(of: []).bytes[...])
        // BLAKE2b-512 of nothing, from RFC 7693 implementations.
        var known = BLAKE2bHasher(outputByteCount: 64)
        #expect(known.finalize64().hexadecimal.hasPrefix("786a02f742015903c6c6fd852552d272"))
    }

    @Test func `a key changes the hash`() {
        let key: [UInt8] = Array(0..<64)
        let plain = Digest.hash(of: [1])
        let keyed = key.withUnsafeBytes { key in
            [UInt8]([1]).withUnsafeBytes { Digest.hash(of: $0, key: key) }
        }
        #expect(plain != keyed)
    }

    @Test func `a leaf is its prefix, size and content`() {
        for count in [0, 1, 119, 120, 128, 4096] {
            let block = [UInt8](repeating: 7, count: count)
            var hasher = BLAKE2bHasher()
            hasher.update(byte: 0)
            hasher.update(littleEndian: UInt64(count))
            hasher.update(block)
            #expect(hasher.finalize() == Digest.leaf(block))
        }
    }

    @Test func `another size of output than it was made for is a mistake`() async {
        await #expect(processExitsWith: .failure) {
            var hasher = BLAKE2bHasher()
            _ = hasher.finalize64()
        }
    }
}
