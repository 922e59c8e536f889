import Testing

@Suite struct HelpTests {
    static let commands = [
        "list", "read", "write", "sync", "ls", "cat", "rm", "import", "export", "key", "add",
        "status", "verify", "download", "clear",
    ]

    @Test(arguments: [["--help"], ["-h"], ["help"], ["a", "--help"]])
    func `the help names every command and has examples`(words: [String]) async throws {
        let outcome = try await run(words)
        #expect(outcome.ending == .exit(0))
        #expect(outcome.errors.isEmpty)
        #expect(outcome.text.contains("EXAMPLES"))
        for command in Self.commands { #expect(outcome.text.contains("\n  \(command) ")) }
    }

    @Test(arguments: commands)
    func `every command has help with examples`(command: String) async throws {
        var texts: Set<String> = []
        for words in [
            [command, "--help"], ["a", command, "--help"], ["a", command, "-h"], ["help", command],
        ] {
            let outcome = try await run(words)
            #expect(outcome.ending == .exit(0), "\(words)")
            #expect(outcome.errors.isEmpty)
            texts.insert(outcome.text)
        }
        #expect(texts.count == 1)
        let text = try #require(texts.first)
        #expect(text.contains("USAGE: mdrive DIR \(command)"))
        #expect(text.contains("EXAMPLES"))
        #expect(text.split(separator: "\n").allSatisfy { $0.count <= 80 })
        #expect(!text.contains("--drive"))
    }

    @Test func `the version is printed`() async throws {
        for words in [["--version"], ["a", "--version"]] {
            let outcome = try await run(words)
            #expect(outcome.ending == .exit(0))
            #expect(outcome.text.split(separator: ".").count == 3)
        }
    }

    @Test(
        arguments: [
            ([], "mdrive DIR COMMAND"), (["a"], "mdrive a COMMAND"), (["list"], "mdrive DIR list"),
            (["list", "a"], "mdrive DIR list"), (["a", "nonsense"], "'nonsense'"),
            (["", "list"], "mdrive DIR"), (["a", "read"], "<row>"), (["a", "write"], "<name>"),
            (["a", "cat"], "<path>"), (["a", "rm"], "<path>"), (["a", "import"], "<path>"),
            (["a", "export"], "<folder>"), (["a", "download"], "<path>"),
            (["a", "clear"], "<path>"),
            (["a", "sync", "--sparse", "--full"], "exclude"),
            (["a", "cat", "--timeout", "-1", "x"], "timeout"),
            (["a", "download", "--bytes", "9-1", "x"], "--bytes"), (["a", "add"], "<key>"),
            (["a", "list", "x"], "'x'"),
            (["a", "list", "--limit", "-1"], "limit"), (["a", "list", "--nonsense"], "--nonsense"),
            (["--nonsense"], "--nonsense"),
        ] as [([String], String)])
    func `wrong usage is told on standard error`(words: [String], mention: String) async throws {
        let world = try World()
        let outcome = try await world.run(words, input: .file("/dev/null", 0))
        #expect(outcome.ending == .exit(64), "\(outcome)")
        #expect(outcome.output.isEmpty)
        #expect(outcome.errors.contains(mention), "\(outcome)")
        #expect(outcome.errors.contains("Usage: "), "\(outcome)")
        #expect(!world.exists("a"))
    }

    @Test func `a drive may be named like a command or like an option`() async throws {
        let world = try World()
        try await world.succeed("list", "write", "x", input: "1")
        #expect(try await world.succeed("list", "list").lines.count == 1)
        try await world.succeed("--", "-a", "write", "x", input: "2")
        #expect(try await world.succeed("--", "-a", "cat", "x").text == "2")
        #expect(try await world.succeed("./-a", "cat", "x").text == "2")
        try await world.succeed("list", "write", "--", "--name", input: "3")
        #expect(try await world.succeed("list", "cat", "--", "--name").text == "3")
    }

    private func run(_ words: [String]) async throws -> Outcome {
        try await World().run(words, input: .file("/dev/null", 0))
    }
}
