import Foundation
import Testing

/// Standard input and output that end, fill up, or are not there.
@Suite struct StreamTests {
    @Test func `a reader that goes away ends the program quietly`() async throws {
        let world = try World()
        let content = [UInt8](repeating: 7, count: 3 << 20)
        try await world.run("a", "write", "large", input: content)
        for command in ["cat large", "list", "ls --json", "status"] {
            let (reader, writer) = try Descriptor.pipe()
            reader.closeNow()
            let outcome = try await world.run(
                ["a"] + command.words, input: .file("/dev/null", O_RDONLY), output: writer)
            #expect(outcome.ending == .exit(0), "\(command): \(outcome)")
            #expect(outcome.errors.isEmpty, "\(command): \(outcome)")
        }
    }

    @Test(arguments: ["cat large", "list", "ls", "key", "status", "verify"])
    func `a full disk on standard output is told`(command: String) async throws {
        guard FileManager.default.fileExists(atPath: "/dev/full") else { return }
        let world = try World()
        try await world.run("a", "write", "large", input: [UInt8](repeating: 7, count: 3 << 20))
        let outcome = try await world.run(
            ["a"] + command.words, input: .file("/dev/null", O_RDONLY),
            output: .file("/dev/full", O_WRONLY))
        #expect(outcome.ending == .exit(1), "\(outcome)")
        #expect(outcome.errorLines.count == 1, "\(outcome)")
        #expect(outcome.errors.contains("standard output"), "\(outcome)")
    }

    @Test func `closed standard streams do no harm to the drive`() async throws {
        let world = try World()
        try await world.succeed("a", "write", "x", input: "content")
        for words in [["a", "list"], ["a", "cat", "x"], ["a", "ls"], ["a", "write", "y"]] {
            for redirection in ["<&- >&-", "<&- >&- 2>&-", "2>&-"] {
                let outcome = try await world.run(
                    words, input: .file("/dev/null", O_RDONLY),
                    prefix: ["/bin/sh", "-c", "exec \"$0\" \"$@\" \(redirection)"])
                let isFine = redirection == "2>&-"
                #expect(outcome.ending == .exit(isFine ? 0 : 1), "\(words) \(redirection)")
            }
        }
        try await world.succeed("a", "verify")
        #expect(try await world.succeed("a", "cat", "x").text == "content")
    }

    @Test func `what is written comes out again, whatever its size`() async throws {
        let world = try World()
        for size in [0, 1, 65_535, 65_536, 65_537, 262_144, 5_000_001] {
            var generator = SeededGenerator(seed: UInt64(size))
            let content = Array(
                (0..<size / 8 + 1).flatMap { _ in
                    withUnsafeBytes(of: generator.next(), Array.init)
                }.prefix(size))
            let outcome = try await world.run("a", "write", "file", input: content)
            #expect(outcome.ending == .exit(0) && outcome.output.isEmpty && outcome.errors.isEmpty)
            #expect(try await world.run("a", "cat", "file").output == content)
            let row = try await world.succeed("a", "list").lines.last ?? ""
            #expect(row.contains(#""length":\#(size),"#))
            #expect(try await world.run("a", "read", row).output == content)
        }
        try await world.succeed("a", "verify")
    }

    @Test func `a write that is interrupted stores nothing`() async throws {
        let world = try World()
        try await world.succeed("a", "write", "before", input: "x")
        let (reader, writer) = try Descriptor.pipe()
        let talker = try Talker(world, ["a", "write", "file"], input: reader)
        // More than a pipe holds was taken by the program once this returns.
        let bytes = [UInt8](repeating: 1, count: 1 << 20)
        #expect(write(writer.number, bytes, bytes.count) == bytes.count)
        talker.program.send(SIGINT)
        let outcome = await talker.finished()
        withExtendedLifetime(writer) {}
        #expect(outcome.ending == .exit(1), "\(outcome)")
        #expect(outcome.errors.contains("'file' was not stored"), "\(outcome)")
        #expect(try await world.succeed("a", "list").lines.count == 1)
        try await world.succeed("a", "write", "after", input: "y")
        try await world.succeed("a", "verify")
    }

    @Test func `a folder as standard input makes no drive`() async throws {
        let world = try World()
        let outcome = try await world.run(
            ["a", "write", "x"], input: .file(world.folder, O_RDONLY))
        expectFailure(outcome, naming: "standard input")
        #expect(!world.exists("a"))
    }
}
