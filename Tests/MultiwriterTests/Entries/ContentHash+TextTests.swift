import Archives
import Cryptography
import Testing

@testable import Multiwriter

@Suite struct ContentHashTextTests {
    @Test(arguments: 1...20)
    func `a hash is spelled as z-base-32 spells its bytes, and read back`(seed: UInt64) throws {
        var random = SplitMix(seed: seed)
        let bytes = (0..<16).map { _ in UInt8.random(in: 0...255, using: &random) }
        let hash = try #require(ContentHash(bytes))
        #expect(hash.text == ZBase32.encode(bytes), "seed \(seed)")
        #expect(ContentHash(text: hash.text) == hash, "seed \(seed)")
    }

    @Test func `spare bits are not looked at`() throws {
        let hash = try #require(ContentHash([UInt8](repeating: 0, count: 16)))
        #expect(ContentHash(text: String(repeating: "y", count: 25) + "b") == hash)
    }

    @Test(arguments: ["", "y", String(repeating: "y", count: 27)])
    func `another length is no hash`(text: String) {
        #expect(ContentHash(text: text) == nil)
    }

    @Test(arguments: ["l", "Y", " ", "é"])
    func `another character is no hash`(character: String) {
        let text = String(repeating: "y", count: 26 - character.utf8.count) + character
        #expect(ContentHash(text: text) == nil)
    }
}
