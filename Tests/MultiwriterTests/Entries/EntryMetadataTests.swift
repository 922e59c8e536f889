import Archives
import Cryptography
import Multiwriter
import Testing

@Suite struct EntryMetadataTests {
    private static let link = FeedKey(Digest([UInt8](repeating: 7, count: 32)) ?? .zero)

    private func text(_ metadata: EntryMetadata) -> String {
        String(decoding: JSONValue.object(metadata.object).serialized, as: UTF8.self)
    }

    private func parse(_ text: String) throws -> EntryMetadata {
        EntryMetadata(try JSONValue(parsing: Array(text.utf8)))
    }

    @Test func `nothing to say costs nothing`() {
        #expect(EntryMetadata().entryMetadata == nil)
        #expect(!EntryMetadata(nil).isMalformed)
    }

    @Test func `all members go in and out`() throws {
        var metadata = EntryMetadata()
        metadata.seen.see(Self.link, upTo: 12)
        metadata.type = .hardlink
        metadata.mode = 0o644
        metadata.uid = 1000
        metadata.gid = 100
        metadata.mtime = Timestamp(seconds: 1_480_000_000, nanoseconds: 1)
        metadata.ctime = Timestamp(seconds: -1)
        metadata.hash = ContentHash(treeHash: Digest.hash(of: [1, 2, 3]))
        metadata.linkname = "f"
        metadata.name = "a\\b"
        metadata.position = 99
        metadata.fields = JSONObject([(name: "colour", value: "red")])
        metadata.unknown = JSONObject([(name: "zz", value: [1, 2])])
        let written = text(metadata)
        #expect(
            written.hasPrefix(
                #"{"v":{"\#(Self.link.id)":12},"t":"h","m":420,"u":1000,"g":100,"#
                    + #""mt":[1480000000,1],"ct":-1,"h":""#))
        #expect(try parse(written) == metadata)
    }

    @Test(arguments: [
        #"{"m":-1}"#, #"{"m":4294967296}"#, #"{"m":"420"}"#, #"{"mt":[1]}"#, #"{"mt":[1,-1]}"#,
        #"{"mt":[1,1000000000]}"#, #"{"ct":1.5}"#, #"{"h":"short"}"#, #"{"t":"?"}"#, #"{"v":[]}"#,
        #"{"v":{"abc":1}}"#, #"{"p":9007199254740993}"#, #"{"o":7}"#, #"{"n":null}"#, "7", "[]",
    ])
    func `a member that is not what it should be counts as left out`(written: String) throws {
        let metadata = try parse(written)
        #expect(metadata.isMalformed)
        #expect(metadata.entryMetadata == nil)
    }

    @Test func `a vector keeps what is right in it`() throws {
        let id = Self.link.id
        let hexadecimal = Self.link.hexadecimal
        let metadata = try parse(#"{"v":{"\#(id)":3,"\#(hexadecimal)":9,"x":1},"m":1}"#)
        #expect(metadata.isMalformed)
        #expect(metadata.seen[Self.link] == 3)
        #expect(metadata.mode == 1)
    }

    @Test func `members of later versions are kept`() throws {
        let written = #"{"m":1,"new":{"deep":[true,null]},"q":0.5}"#
        let metadata = try parse(written)
        #expect(!metadata.isMalformed)
        #expect(text(metadata) == written)
    }
}
