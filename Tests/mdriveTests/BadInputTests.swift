import Foundation
import Testing

/// Every mistake is one clear line, loses nothing and creates nothing.
@Suite struct BadInputTests {
    @Test(arguments: [
        ["list"], ["read", #"{"name":"x","link":"\#(unknownLink)"}"#], ["ls"], ["ls", "x"],
        ["cat", "x"], ["rm", "x"], ["export", "out"], ["key"], ["status"], ["verify"],
        ["add", unknownLink],
    ])
    func `a drive that is not there is not made by`(words: [String]) async throws {
        let world = try World()
        let outcome = try await world.run(["absent"] + words, input: .file("/dev/null", O_RDONLY))
        expectFailure(outcome, naming: "absent", "no drive")
        #expect(!world.exists("absent"))
        #expect(!world.exists("out"))
    }

    static let unknownLink = String(repeating: "5e", count: 32)

    @Test(arguments: [["list"], ["write", "x"], ["sync"], ["import", "file"], ["status"]])
    func `a file is no drive`(words: [String]) async throws {
        let world = try World()
        try world.makeFile("file", "text")
        let outcome = try await world.run(["file"] + words, input: .file("/dev/null", O_RDONLY))
        expectFailure(outcome, naming: "file")
        #expect(try world.content("file") == Array("text".utf8))
    }

    @Test(arguments: [
        "", "x", "{", "[]", "null", #"{"name":"x"}"#, #"{"link":"\#(unknownLink)"}"#,
        #"{"name":1,"link":"\#(unknownLink)"}"#, #"{"name":"x","link":"abc"}"#,
        #"{"name":"x","link":"\#(unknownLink)0"}"#, #"{"name":"x","link":"\#(unknownLink)"}"#,
        #"{"name":"x","link":7}"#, "\u{0}", #"{"name":"x","link":"\#(unknownLink)"} x"#,
    ])
    func `what cannot be read as a row is refused`(row: String) async throws {
        let world = try await world()
        expectFailure(try await world.run("a", "read", row.replacing("\u{0}", with: "\u{1}")))
        try await expectIntact(world)
    }

    @Test func `a name that the archive does not have is named`() async throws {
        let world = try await world()
        let link = try await world.succeed("a", "key").lines[0]
        let row = #"{"name":"missing.txt","link":"\#(link)"}"#
        expectFailure(try await world.run("a", "read", row), naming: "missing.txt")
        for command in ["cat", "rm", "ls"] {
            expectFailure(try await world.run("a", command, "missing.txt"), naming: "missing.txt")
        }
        try await expectIntact(world)
    }

    @Test(arguments: ["", "/", "..", "../x", ".", "a/../.."])
    func `a name that leads nowhere makes no drive`(name: String) async throws {
        let world = try World()
        expectFailure(try await world.run("a", "write", name))
        #expect(!world.exists("a"))
    }

    @Test(arguments: [
        "abc", "", unknownLink + "0", String(repeating: "z", count: 64), "pear://abc",
        String(repeating: "2", count: 52),
    ])
    func `what is no key is refused`(key: String) async throws {
        let world = try await world()
        expectFailure(try await world.run("a", "add", key), naming: "link")
        expectFailure(try await world.run("a", "export", "out", "--link", key), naming: "link")
        #expect(!world.exists("out"))
        try await expectIntact(world)
    }

    @Test func `an archive that is not known is not exported`() async throws {
        let world = try await world()
        expectFailure(try await world.run("a", "export", "out", "--link", Self.unknownLink))
        #expect(!world.exists("out"))
    }

    @Test func `a folder has no content and is not removed by accident`() async throws {
        let world = try await world()
        try await world.succeed("a", "write", "folder/file", input: "x")
        expectFailure(try await world.run("a", "cat", "folder"), naming: "folder")
        expectFailure(try await world.run("a", "rm", "folder"), naming: "folder", "--recursive")
        #expect(try await world.succeed("a", "cat", "folder/file").text == "x")
        try await world.succeed("a", "rm", "-r", "folder")
        expectFailure(try await world.run("a", "cat", "folder/file"))
    }

    @Test func `a damaged database is named with the remedy`() async throws {
        let world = try await world()
        let bytes = try world.content("a/data.mdb")
        try world.makeFile("a/data.mdb", [UInt8](repeating: 0x5A, count: bytes.count))
        for command in ["list", "ls", "status", "verify", "key"] {
            expectFailure(try await world.run("a", command), naming: "a")
        }
        // Whatever is broken behind the first pages, nothing hangs and nothing dies silently.
        for length in stride(from: 0, to: bytes.count, by: 4096) {
            try world.makeFile("a/data.mdb", bytes[..<length])
            for words in [["a", "list"], ["a", "verify"]] {
                let outcome = try await world.run(words, input: .file("/dev/null", O_RDONLY))
                #expect(outcome.ending == .exit(1) || outcome.ending == .exit(0), "\(outcome)")
                #expect(outcome.errorLines.allSatisfy { $0.hasPrefix("mdrive: ") }, "\(outcome)")
            }
        }
    }

    @Test func `files and paths that are not there are named and the rest is imported`()
        async throws
    {
        let world = try World()
        try world.makeFile("tree/good.txt", "good")
        expectFailure(try await world.run("a", "import", "nowhere"), naming: "nowhere")
        #expect(!world.exists("a"))
        expectFailure(try await world.run("a", "import", "nowhere", "tree"), naming: "nowhere")
        #expect(try await world.succeed("a", "cat", "tree/good.txt").text == "good")
    }

    @Test func `a file that differs is kept by an export unless it is forced`() async throws {
        let world = try await world()
        try world.makeFile("out/file.txt", "mine, and longer")
        try world.makeFile("out/other.txt", "not touched")
        expectFailure(try await world.run("a", "export", "out"), naming: "file.txt")
        #expect(try world.content("out/file.txt") == Array("mine, and longer".utf8))
        try await world.succeed("a", "export", "out", "--force")
        #expect(try world.content("out/file.txt") == Array("content".utf8))
        #expect(try world.content("out/other.txt") == Array("not touched".utf8))
    }

    /// A world with a drive that has one file.
    private func world() async throws -> World {
        let world = try World()
        try await world.succeed("a", "write", "file.txt", input: "content")
        return world
    }

    private func expectIntact(_ world: World) async throws {
        #expect(try await world.succeed("a", "list").lines.count == 1)
        #expect(try await world.succeed("a", "cat", "file.txt").text == "content")
        try await world.succeed("a", "verify")
    }
}
