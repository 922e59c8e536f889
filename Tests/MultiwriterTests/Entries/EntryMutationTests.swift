import Archives
import CompactEncoding
import Cryptography
import TestSupport
import Testing

@testable import Multiwriter

@Suite struct EntryMutationTests {
    private static let link = FeedKey(Digest.hash(of: [1]))

    @Test(arguments: 1...4)
    func `changed metadata counts as left out or is written as it was read`(
        seed: UInt64
    ) throws {
        var mutator = Mutator(seed: seed)
        let text =
            #"{"v":{"\#(Self.link.id)":7},"t":"d","m":420,"u":1,"g":2,"mt":[5,6],"ct":-9,"#
            + #""h":"yyyyyyyyyyyyyyyyyyyyyyyyyy","l":"x","n":"a//b","p":9,"o":{"k":[1]}}"#
        for _ in 0..<3000 {
            guard let json = try? JSONValue(parsing: mutator.changed(Array(text.utf8))) else {
                continue
            }
            let metadata = EntryMetadata(json)
            let again = EntryMetadata(.object(metadata.object))
            #expect(!again.isMalformed, "seed \(seed)")
            #expect(again.object == metadata.object, "seed \(seed)")
        }
    }

    @Test(arguments: 1...4)
    func `changed paths are refused or can be read back and asked for`(seed: UInt64) throws {
        var mutator = Mutator(seed: seed)
        for text in ["/a/b", "/../a", "a//b/./c", "x\\y/z", "/\u{fc}\u{308}/\u{1f600}"] {
            for _ in 0..<1000 {
                let changed = mutator.changed(Array(text.utf8))
                if let stored = DrivePath(stored: changed) {
                    #expect(try DrivePath(naming: stored.string) == stored, "seed \(seed)")
                    #expect(DrivePath.root.contains(stored), "seed \(seed)")
                }
                let name = String(decoding: changed, as: UTF8.self)
                guard let path = try? DrivePath(naming: name) else { continue }
                #expect(DrivePath(stored: path.bytes) == path, "seed \(seed)")
                #expect(path.parent.contains(path), "seed \(seed)")
            }
        }
    }

    @Test(arguments: 1...4)
    func `changed references are refused or hold a link`(seed: UInt64) {
        var mutator = Mutator(seed: seed)
        let text = #"{"name":"a/b","link":"\#(Self.link.hexadecimal)"}"#
        for _ in 0..<2000 {
            let changed = String(decoding: mutator.changed(Array(text.utf8)), as: UTF8.self)
            guard let reference = try? EntryReference(parsing: changed) else { continue }
            #expect((try? FeedKey(link: reference.link.id)) == reference.link, "seed \(seed)")
        }
    }
}
