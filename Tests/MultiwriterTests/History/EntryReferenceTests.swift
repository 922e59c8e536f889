import Cryptography
import Multiwriter
import Testing

@Suite struct EntryReferenceTests {
    private static let link = FeedKey(Digest([UInt8](repeating: 0xAB, count: 32)) ?? .zero)

    @Test func `a row, or a name and a link in any form, is a reference`() throws {
        let link = Self.link
        for text in [
            link.hexadecimal, link.hexadecimal.uppercased(), link.id, "pear://\(link.id)/",
        ] {
            let reference = try EntryReference(parsing: #"{"name":"ü","link":"\#(text)","x":1}"#)
            #expect(reference == EntryReference(name: "ü", link: link))
        }
    }

    @Test(arguments: [
        "", "{", "[]", "7", #""x""#, "{}", #"{"name":"x"}"#, #"{"link":"ab"}"#,
        #"{"name":1,"link":"ab"}"#, #"{"name":"x","link":null}"#,
    ])
    func `anything else is not`(text: String) {
        #expect(throws: DriveError(.badReference, "")) { try EntryReference(parsing: text) }
    }

    @Test(arguments: ["", "ab", "zz", String(repeating: "g", count: 64)])
    func `a link that is none is called so`(link: String) {
        #expect(throws: DriveError(.badLink, "")) {
            try EntryReference(parsing: #"{"name":"x","link":"\#(link)"}"#)
        }
    }
}
