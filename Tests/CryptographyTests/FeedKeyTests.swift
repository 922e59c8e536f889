import Cryptography
import Testing

@Suite struct FeedKeyTests {
    private let key = FeedKey(Digest.hash(of: [1, 2, 3]))

    @Test func `is read from all forms of its id`() throws {
        #expect(try FeedKey(parsing: key.id) == key)
        #expect(try FeedKey(parsing: key.hexadecimal.uppercased()) == key)
        #expect(try FeedKey(parsing: "pear://\(key.id)") == key)
        #expect(try FeedKey(parsing: "pear://\(key.hexadecimal)/a/b") == key)
        #expect(try FeedKey(parsing: "pear://\(key.id)/") == key)
    }

    @Test func `says what is wrong with a text`() {
        #expect(throws: KeyParsingError.length) { try FeedKey(parsing: "") }
        #expect(throws: KeyParsingError.length) { try FeedKey(parsing: key.id + "/path") }
        #expect(throws: KeyParsingError.length) { try FeedKey(parsing: "pear://") }
        #expect(throws: KeyParsingError.length) { try FeedKey(parsing: "pear:///\(key.id)") }
        #expect(throws: KeyParsingError.character) { try FeedKey(parsing: key.id.uppercased()) }
        #expect(throws: KeyParsingError.character) {
            try FeedKey(parsing: String(repeating: "é", count: 26))
        }
    }

    @Test func `damaged texts never trap`() {
        let texts = [key.id, key.hexadecimal, "pear://\(key.id)/x"]
        for text in texts {
            let bytes = Array(text.utf8)
            for position in bytes.indices {
                for value in [UInt8](0...255) {
                    var damaged = bytes
                    damaged[position] = value
                    _ = try? FeedKey(parsing: String(decoding: damaged, as: UTF8.self))
                }
                _ = try? FeedKey(parsing: String(decoding: bytes[..<position], as: UTF8.self))
            }
        }
    }

    @Test func `z-base-32 gives back what it was given`() {
        for count in 0...40 {
            let bytes = Randomness.seeded(UInt64(count)).bytes(count: count)
            let text = ZBase32.encode(bytes)
            #expect(text.utf8.count == (count * 8 + 4) / 5)
            #expect(ZBase32.decode(text) == bytes)
        }
    }
}
