import Foundation
import Testing

@Suite struct TreeTests {
    @Test func `a tree is imported, synced over TCP and exported the same`() async throws {
        let world = try World()
        try makeTree(in: world)
        let original = try Tree(world.path("tree"))
        #expect(original.count > 200)
        try await world.succeed("a", "import", "tree/")
        let listener = try Talker(world, ["a", "sync", "--listen", "127.0.0.1:0", "--once"])
        let address = try #require(await listener.line(with: "listening on")?.words.last)
        try await world.succeed("b", "sync", "--connect", address, "--once")
        #expect(await listener.finished().ending == .exit(0))
        try await world.succeed("b", "export", "out")
        #expect(try Tree(world.path("out")).differences(from: original) == [])
        // All is unchanged now, in both directions.
        try await world.succeed("b", "export", "out")
        let before = try await world.succeed("a", "list").lines.count
        try await world.succeed("a", "import", "tree/")
        #expect(try await world.succeed("a", "list").lines.count == before)
        let link = try await world.succeed("a", "key").lines[0]
        try await world.succeed("b", "export", "alone", "--link", link)
        #expect(try Tree(world.path("alone")).differences(from: original) == [])
        try await world.succeed("b", "verify")
    }

    @Test func `a folder arrives under its name, and its contents with a slash`() async throws {
        let world = try World()
        try world.makeFile("src/inner/file", "x")
        try await world.succeed("a", "import", "src")
        try await world.succeed("b", "import", "src/")
        try await world.succeed("c", "import", "src", "--to", "deep/er")
        try await world.succeed("d", "import", world.path("src/inner/file"), "--to", "/there/")
        #expect(try await world.succeed("a", "cat", "src/inner/file").text == "x")
        #expect(try await world.succeed("b", "cat", "inner/file").text == "x")
        #expect(try await world.succeed("c", "cat", "deep/er/src/inner/file").text == "x")
        #expect(try await world.succeed("d", "cat", "there/file").text == "x")
    }

    @Test func `both sides of a conflict are listed and exported`() async throws {
        let world = try World()
        try await world.succeed("a", "write", "file", input: "from a")
        try await world.succeed("b", "write", "file", input: "from b")
        let pair = try SyncedPair(world, ["a", "sync", "--once"], ["b", "sync", "--once"])
        _ = await (pair.first.finished(), pair.second.finished())
        let listings = try await (
            world.succeed("a", "ls").lines, world.succeed("b", "ls").lines
        )
        #expect(listings.0 == listings.1)
        #expect(listings.0.count == 1 && listings.0[0].contains("conflict"))
        #expect(try await world.succeed("a", "ls", "-l").lines.count == 2)
        #expect(try await world.succeed("a", "ls", "--json").text.contains(#""conflict":true"#))
        let shown = try await world.succeed("a", "cat", "file").text
        #expect(try await world.succeed("b", "cat", "file").text == shown)
        let outcome = try await world.run("a", "export", "out")
        #expect(outcome.ending == .exit(0), "\(outcome)")
        let names = try FileManager.default.contentsOfDirectory(atPath: world.path("out"))
        #expect(names.count == 2 && names.contains("file"))
        let contents = try Set(
            names.map { String(decoding: try world.content("out/" + $0), as: UTF8.self) })
        #expect(contents == ["from a", "from b"])
        // Writing once more settles it.
        try await world.succeed("a", "write", "file", input: "settled")
        #expect(try await world.succeed("a", "ls").lines == ["file"])
    }

    @Test func `an export goes through no link that leads out`() async throws {
        let world = try World()
        try await world.succeed("a", "write", "way/file", input: "x")
        try world.makeFile("elsewhere/keep", "kept")
        try FileManager.default.createDirectory(
            atPath: world.path("out"), withIntermediateDirectories: true)
        try FileManager.default.createSymbolicLink(
            atPath: world.path("out/way"), withDestinationPath: "../elsewhere")
        let outcome = try await world.run("a", "export", "out")
        expectFailure(outcome, naming: "way")
        #expect(!world.exists("elsewhere/file"))
    }

    private func makeTree(in world: World) throws {
        let names = [
            "plain.txt", "with space", "ünïcödé", "日本語/ファイル", "emoji 🎉", "a'b\"c", "-dash",
            ".hidden", "tab\tand\nnewline", "combining e\u{301}", "precomposed \u{E9}",
            "back\\slash",
            String(repeating: "long", count: 60), "deep/er/and/deep/er/file", "*?[x]", "$HOME", "~",
            "%41", "end.", "\u{200B}zero width",
        ]
        for (number, name) in names.enumerated() {
            try world.makeFile("tree/\(name)", "content \(number)")
        }
        for number in 0..<200 {
            let size = number * number * 13 % 150_000
            try world.makeFile(
                "tree/many/\(number % 13)/\(number)", (0..<size).map { UInt8($0 * number & 0xFF) })
        }
        try world.makeFile("tree/empty", "")
        try world.makeFile("tree/run.sh", "#!/bin/sh\n")
        try world.makeFile("tree/secret", "s")
        try world.makeFile("tree/old", "from before 1970")
        let files = FileManager.default
        for name in ["hollow", "hollow/nested/deeper", "private"] {
            try files.createDirectory(
                atPath: world.path("tree/\(name)"), withIntermediateDirectories: true)
        }
        for (name, target) in [
            ("link", "plain.txt"), ("dangling", "no/such/file"), ("absolute", "/etc/passwd"),
            ("up", "../../.."), ("unicode", "ünïcödé"), ("folder", "deep/er"),
        ] {
            try files.createSymbolicLink(
                atPath: world.path("tree/\(name).link"), withDestinationPath: target)
        }
        chmod(world.path("tree/run.sh"), 0o755)
        chmod(world.path("tree/secret"), 0o400)
        setTime(world.path("tree/plain.txt"), seconds: 1_000_000_007, nanoseconds: 123_456_789)
        setTime(world.path("tree/old"), seconds: -86_400, nanoseconds: 1)
        setTime(world.path("tree/link.link"), seconds: 1_234_567_890, nanoseconds: 987_654_321)
        chmod(world.path("tree/private"), 0o700)
        setTime(world.path("tree/hollow"), seconds: 1_400_000_000, nanoseconds: 1)
    }

    private func setTime(_ path: String, seconds: Int, nanoseconds: Int) {
        let time = timespec(tv_sec: seconds, tv_nsec: nanoseconds)
        utimensat(AT_FDCWD, path, [time, time], AT_SYMLINK_NOFOLLOW)
    }
}
