import Foundation
import Testing

@testable import mdrive

@Suite struct PlainRequestTests {
    private func isPlain(_ words: String...) throws -> Bool {
        PlainRequest(try Invocation(words).arguments) != nil
    }

    @Test func `listings and contents in their commonest forms need no parser`() throws {
        #expect(try isPlain("a", "ls"))
        #expect(try isPlain("a", "ls", "-l", "-R", "folder"))
        #expect(try isPlain("a", "ls", "folder", "-R"))
        #expect(try isPlain("--", "-a", "ls"))
        #expect(try isPlain("a", "cat", "file"))
        #expect(try isPlain("a", "read", #"{"name":"file","link":"4f"}"#))
    }

    @Test func `everything else is left to the parser`() throws {
        for words in [
            ["ls", "-lR"], ["ls", "--json"], ["ls", "--help"], ["ls", "-R", "-R"], ["ls", "-x"],
            ["ls", "one", "two"], ["ls", ""], ["ls", "--"], ["ls", "-"], ["cat"],
            ["cat", "one", "two"], ["cat", "--timeout", "1", "file"], ["cat", "-h"], ["cat", ""],
            ["read"], ["read", "--", "-x"], ["list"], ["sync"], ["status"], ["key"],
        ] {
            let arguments = try Invocation(["a"] + words).arguments
            #expect(PlainRequest(arguments) == nil, "\(words)")
        }
        #expect(PlainRequest(["ls", "--help"]) == nil)
        #expect(PlainRequest(["--help"]) == nil)
        #expect(PlainRequest([]) == nil)
    }

    @Test func `what needs no parser means what the parser makes of it`() async throws {
        let world = try World()
        try await world.run("a", "write", "folder/file", input: Array("content".utf8))
        // A repeated or a joined flag goes through the parser.
        for (plain, parsed) in [
            ("ls -R", "ls -RR"), ("ls -l folder", "ls folder --long"),
            ("ls -l -R", "ls -lR"), ("ls", "ls --"), ("cat folder/file", "cat -- folder/file"),
            ("ls nothing", "ls -- nothing"), ("cat folder", "cat -- folder"),
        ] {
            let outcomes = try await (
                world.run(["a"] + plain.words, input: .file("/dev/null", O_RDONLY)),
                world.run(["a"] + parsed.words, input: .file("/dev/null", O_RDONLY))
            )
            #expect(outcomes.0.output == outcomes.1.output, "\(plain)")
            #expect(outcomes.0.errors == outcomes.1.errors, "\(plain)")
            #expect(outcomes.0.ending == outcomes.1.ending, "\(plain)")
        }
    }
}
