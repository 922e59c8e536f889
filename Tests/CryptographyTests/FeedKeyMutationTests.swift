import Cryptography
import TestSupport
import Testing

@Suite struct FeedKeyMutationTests {
    @Test(arguments: 1...4)
    func `changed keys are refused or read back as they are`(seed: UInt64) throws {
        var mutator = Mutator(seed: seed)
        let key = FeedKey(Digest.hash(of: [1, 2, 3]))
        for text in [key.id, key.hexadecimal, "pear://\(key.id)/a/b"] {
            for _ in 0..<2000 {
                let changed = String(decoding: mutator.changed(Array(text.utf8)), as: UTF8.self)
                guard let key = try? FeedKey(parsing: changed) else { continue }
                #expect(try FeedKey(parsing: key.id) == key, "seed \(seed)")
                #expect(try FeedKey(parsing: key.hexadecimal) == key, "seed \(seed)")
            }
        }
    }
}
