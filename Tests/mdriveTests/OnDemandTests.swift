import Foundation
import Testing

/// A drive with everything and one that is sparse, as two programs.
@Suite struct OnDemandTests {
    private static func text(_ letter: Character, blocks: Int = 3) -> String {
        String(repeating: letter, count: blocks * 65_536 - 7)
    }

    /// `a` has three files, `b` is sparse and knows of them.
    private func meet() async throws -> World {
        let world = try World()
        for (name, letter) in [("f/one", "1"), ("f/two", "2"), ("other", "3")]
            as [(String, Character)]
        {
            try await world.succeed("a", "write", name, input: Self.text(letter))
        }
        let pair = try SyncedPair(
            world, ["a", "sync", "--once"], ["b", "sync", "--sparse", "--once"])
        for side in [pair.first, pair.second] {
            let outcome = await side.finished()
            #expect(outcome.ending == .exit(0), "\(outcome)")
        }
        return world
    }

    private func missingCount(_ world: World) async throws -> Int? {
        let text = try await world.succeed("b", "status", "--json").text
        let status = try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any]
        let writers = status?["writers"] as? [[String: Any]]
        return writers?.first { $0["own"] as? Bool == false }?["missing"] as? Int
    }

    @Test func `a sparse sync brings the list, and later ones stay so until told otherwise`()
        async throws
    {
        let world = try await meet()
        #expect(try await world.succeed("b", "ls", "-R").lines.count == 3)
        #expect(try await missingCount(world) == 9)
        let long = try await world.succeed("b", "ls", "-lR").lines
        #expect(long.filter { $0.hasSuffix("  [not here]") }.count == 3)
        let json = try await world.succeed("b", "ls", "--json", "other").text
        #expect(json.contains(#""held":false"#))
        #expect(try await world.succeed("b", "status").text.contains("sparse   yes"))
        for (words, count) in [([], 9), (["--full"], 0)] as [([String], Int)] {
            let pair = try SyncedPair(
                world, ["a", "sync", "--once"], ["b", "sync", "--once"] + words)
            #expect(await pair.first.finished().ending == .exit(0))
            #expect(await pair.second.finished().ending == .exit(0))
            #expect(try await missingCount(world) == count)
        }
        #expect(try await world.succeed("b", "ls", "-lR").text.contains("[not here]") == false)
    }

    @Test func `what is not here is refused at once when nobody syncs`() async throws {
        let world = try await meet()
        let row = try #require(try await world.succeed("b", "list").lines.last)
        for words in [["cat", "f/one"], ["read", row]] {
            let outcome = try await world.run(["b"] + words, input: .file("/dev/null", O_RDONLY))
            expectFailure(outcome, naming: "none of its 3 blocks is here", "no sync", "sync")
        }
        let export = try await world.run("b", "export", "out")
        #expect(export.ending == .exit(1))
        #expect(export.errorLines.count == 3)
        for line in export.errorLines {
            #expect(line.contains("content is not here") && line.contains("'download'"))
        }
        #expect(!world.exists("out/other"))
        // Nothing stays asked for by who merely reads.
        #expect(!(try await world.succeed("b", "status").text.contains("asked  ")))
    }

    @Test func `cat fetches while a sync runs`() async throws {
        let world = try await meet()
        let pair = try SyncedPair(world, ["a", "sync"], ["b", "sync"])
        #expect(
            try await world.succeed("b", "cat", "--timeout", "60", "f/two").text
                == Self.text("2"))
        #expect(try await missingCount(world) == 6)
        #expect(try await world.succeed("b", "cat", "other").text == Self.text("3"))
        await pair.interrupt()
        #expect(try await world.succeed("b", "cat", "f/two").text == Self.text("2"))
    }

    @Test func `download fetches a folder while a sync runs, and nothing else`() async throws {
        let world = try await meet()
        let pair = try SyncedPair(world, ["a", "sync"], ["b", "sync"])
        let outcome = try await world.succeed("b", "download", "--timeout", "60", "f")
        #expect(outcome.lines == ["2 files, 384.0 KiB: all here"])
        await pair.interrupt()
        #expect(try await missingCount(world) == 3)
        #expect(try await world.succeed("b", "cat", "f/one").text == Self.text("1"))
        #expect(try await world.succeed("b", "download", "f").lines == outcome.lines)
    }

    @Test func `download dials by itself, and takes bytes of a file`() async throws {
        let world = try await meet()
        let listener = try Talker(world, ["a", "sync", "--listen", "127.0.0.1:0"])
        let line = try #require(await listener.line(with: "listening on"))
        let address = try #require(line.words.last)
        try await world.succeed(
            "b", "download", "--from", address, "--bytes", "0-9", "other")
        #expect(try await missingCount(world) == 8)
        // What was written since the last sync is found as well.
        try await world.succeed("a", "write", "f/new", input: "new")
        try await world.succeed("b", "download", "--from", address, "f")
        #expect(try await missingCount(world) == 2)
        #expect(try await world.succeed("b", "cat", "f/new").text == "new")
        listener.program.send(SIGINT)
        _ = await listener.finished()
    }

    @Test func `a download that nobody answers says so, and the next sync brings it`() async throws
    {
        let world = try await meet()
        for words in [["f"], ["--timeout", "0.2", "f"]] {
            let outcome = try await world.run(
                ["b", "download"] + words, input: .file("/dev/null", O_RDONLY))
            #expect(outcome.ending == .exit(1), "\(outcome)")
            #expect(outcome.errorLines.count == 3, "\(outcome)")
            #expect(outcome.errors.contains("'f/one'") && outcome.errors.contains("'f/two'"))
            #expect(outcome.errors.contains("no sync of this drive runs"))
        }
        #expect(try await world.succeed("b", "status").text.contains("asked    6 blocks"))
        let pair = try SyncedPair(world, ["a", "sync", "--once"], ["b", "sync", "--once"])
        #expect(await pair.first.finished().ending == .exit(0))
        #expect(await pair.second.finished().ending == .exit(0))
        #expect(try await missingCount(world) == 3)
        #expect(try await world.succeed("b", "cat", "f/two").text == Self.text("2"))
        #expect(!(try await world.succeed("b", "status").text.contains("asked  ")))
        expectFailure(try await world.run("b", "download", "none"), naming: "'none'")
    }

    @Test func `a peer that has nothing is waited for no longer than stated`() async throws {
        let world = try await meet()
        try await world.succeed("c", "write", "x", input: "x")
        let pair = try SyncedPair(world, ["c", "sync", "--sparse"], ["b", "sync"])
        try await world.eventually("the sync is connected") {
            try await world.run("b", "status", "--json").text.contains(#""drive":true"#)
        }
        expectFailure(
            try await world.run("b", "cat", "--timeout", "0.3", "f/one"),
            naming: "none of its 3 blocks is here", "connected peer")
        await pair.interrupt()
    }

    @Test func `clear frees what others wrote, and leaves one's own alone`() async throws {
        let world = try await meet()
        try await world.succeed("b", "write", "f/own", input: "own")
        let full = try SyncedPair(world, ["a", "sync"], ["b", "sync"])
        try await world.succeed("b", "download", "--timeout", "60", "/")
        let outcome = try await world.run("b", "clear", "f")
        #expect(outcome.ending == .exit(0), "\(outcome)")
        #expect(outcome.lines == ["2 files, 6 blocks, 384.0 KiB freed"])
        #expect(outcome.errors.contains("'f/own' stays"), "\(outcome)")
        #expect(try await missingCount(world) == 6)
        #expect(try await world.succeed("b", "cat", "f/own").text == "own")
        #expect(
            try await world.succeed("b", "cat", "--timeout", "60", "f/one").text
                == Self.text("1"))
        await full.interrupt()
        let own = try await world.run("b", "clear", "f/own")
        #expect(own.ending == .exit(1))
        #expect(own.errors.contains("--force"))
        #expect(
            try await world.succeed("b", "clear", "--force", "f/own").lines
                == ["1 file, 1 block, 3 B freed"])
        expectFailure(try await world.run("b", "cat", "f/own"), naming: "f/own")
        #expect(try await world.succeed("b", "verify").text.contains("all is well"))
        expectFailure(try await world.run("b", "clear", "none"), naming: "'none'")
        #expect(try await world.run("a", "clear", "/").errors.contains("stay"))
    }
}
