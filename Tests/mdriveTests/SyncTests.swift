import Foundation
import Testing

@Suite struct SyncTests {
    @Test func `once ends by itself when both have everything`() async throws {
        let world = try World()
        for drive in ["a", "b"] {
            for number in 0..<20 {
                try await world.succeed(
                    drive, "write", "\(drive)/\(number)", input: "\(drive) \(number)")
            }
        }
        let pair = try SyncedPair(world, ["a", "sync", "--once"], ["b", "sync", "--once"])
        for side in [pair.first, pair.second] {
            let outcome = await side.finished()
            #expect(outcome.ending == .exit(0), "\(outcome)")
            #expect(outcome.errors.isEmpty, "\(outcome)")
        }
        let listings = try await (
            world.succeed("a", "ls", "-R").lines, world.succeed("b", "ls", "-R").lines
        )
        #expect(listings.0 == listings.1)
        #expect(try await world.succeed("b", "cat", "a/7").text == "a 7")
        #expect(try await world.succeed("a", "cat", "b/19").text == "b 19")
    }

    @Test func `one side with once and the other live`() async throws {
        let world = try World()
        try await world.succeed("a", "write", "x", input: "x")
        let pair = try SyncedPair(world, ["a", "sync"], ["b", "sync", "--once"])
        #expect(await pair.second.finished().ending == .exit(0))
        #expect(await pair.first.finished().ending == .exit(0))
        #expect(try await world.succeed("b", "cat", "x").text == "x")
    }

    @Test(arguments: [("--initiator", "--responder"), ("--responder", "--initiator")])
    func `roles that were settled beforehand need no greeting`(
        roles: (String, String)
    ) async throws {
        let world = try World()
        try await world.succeed("a", "write", "x", input: "x")
        let pair = try SyncedPair(
            world, ["a", "sync", "--once", roles.0], ["b", "sync", "--once", roles.1])
        #expect(await pair.first.finished().ending == .exit(0))
        #expect(await pair.second.finished().ending == .exit(0))
        #expect(try await world.succeed("b", "cat", "x").text == "x")
    }

    @Test func `what a third process writes appears at the far end of a live sync`() async throws {
        let world = try World()
        try await world.succeed("a", "write", "first", input: "1")
        let pair = try SyncedPair(world, ["a", "sync"], ["b", "sync"])
        try await appears("first", "1", in: "b", of: world)
        try await world.succeed("a", "write", "second", input: "2")
        try await appears("second", "2", in: "b", of: world)
        try await world.succeed("b", "write", "third", input: "3")
        try await appears("third", "3", in: "a", of: world)
        try await world.succeed("b", "rm", "first")
        try await world.eventually("the removal arrives") {
            try await world.run("a", "cat", "first").ending == .exit(1)
        }
        await pair.interrupt()
    }

    private func appears(
        _ name: String, _ content: String, in drive: String, of world: World
    ) async throws {
        try await world.eventually("\(name) appears in \(drive)") {
            let outcome = try await world.run(drive, "cat", name)
            return outcome.ending == .exit(0) && outcome.text == content
        }
    }

    @Test(arguments: ["127.0.0.1:0", "[::1]:0", ":0", "localhost:0"])
    func `drives sync over TCP`(address: String) async throws {
        let world = try World()
        try await world.succeed("a", "write", "a.txt", input: "from a")
        try await world.succeed("b", "write", "b.txt", input: "from b")
        let listener = try Talker(world, ["a", "sync", "--listen", address, "--once"])
        let line = try #require(await listener.line(with: "listening on"))
        let bound = try #require(line.words.last)
        let port = try #require(bound.split(separator: ":").last)
        let host = address.dropLast(2)
        try await world.succeed("b", "sync", "--connect", "\(host):\(port)", "--once")
        #expect(await listener.finished().ending == .exit(0))
        #expect(try await world.succeed("a", "cat", "b.txt").text == "from b")
        #expect(try await world.succeed("b", "cat", "a.txt").text == "from a")
    }

    @Test func `several drives sync with one listener and hear of one another`() async throws {
        let world = try World()
        let listener = try Talker(world, ["hub", "sync", "--listen", "127.0.0.1:0"])
        let line = try #require(await listener.line(with: "listening on"))
        let address = try #require(line.words.last)
        var others: [Talker] = []
        for drive in ["b", "c", "d"] {
            try await world.succeed(drive, "write", drive, input: drive)
            others.append(try Talker(world, [drive, "sync", "--connect", address]))
        }
        for drive in ["b", "c", "d"] {
            try await world.eventually("\(drive) has all") {
                try await world.run(drive, "ls").lines == ["b", "c", "d"]
            }
        }
        for talker in others + [listener] {
            talker.program.send(SIGTERM)
            let outcome = await talker.finished()
            #expect(outcome.ending == .exit(0), "\(outcome)")
        }
    }

    @Test func `who dials waits for somebody to listen, and dials again`() async throws {
        let world = try World()
        try await world.succeed("a", "write", "a.txt", input: "from a")
        // A port that was free a moment ago.
        let probe = try Talker(world, ["a", "sync", "--listen", "127.0.0.1:0"])
        let address = try #require(await probe.line(with: "listening on")?.words.last)
        probe.program.send(SIGINT)
        _ = await probe.finished()
        let dialler = try Talker(world, ["b", "sync", "--connect", address, "--wait", "60"])
        for round in 1...2 {
            let listener = try Talker(world, ["a", "sync", "--listen", address])
            try await world.eventually("round \(round) arrives") {
                try await world.run("b", "ls").lines.count == round
            }
            listener.program.send(SIGINT)
            #expect(await listener.finished().ending == .exit(0))
            try await world.succeed("a", "write", "another.txt", input: "another")
        }
        dialler.program.send(SIGINT)
        #expect(await dialler.finished().ending == .exit(0))
    }

    @Test func `an interrupted once is told`() async throws {
        let world = try World()
        let (reader, writer) = try Descriptor.pipe()
        let talker = try Talker(world, ["a", "sync", "--once", "-v"], input: reader)
        try await world.eventually("the drive is made") {
            try await world.run("a", "list").ending == .exit(0)
        }
        talker.program.send(SIGTERM)
        let outcome = await talker.finished()
        withExtendedLifetime(writer) {}
        #expect(outcome.ending == .exit(1), "\(outcome)")
        #expect(outcome.errors.contains("interrupted"), "\(outcome)")
    }

    @Test func `SIGINT is heard in the background of a shell, SIGHUP not under nohup`() async throws
    {
        let world = try World()
        let ignoring = ["/bin/sh", "-c", "trap '' INT HUP; exec \"$0\" \"$@\""]
        let talker = try Talker(
            world, ["a", "sync", "--listen", "127.0.0.1:0"], prefix: ignoring)
        #expect(await talker.line(with: "listening on") != nil)
        talker.program.send(SIGHUP)
        #expect(try await world.succeed("a", "status").lines.count > 3)
        #expect(!talker.program.hasEnded)
        talker.program.send(SIGINT)
        #expect(await talker.finished().ending == .exit(0))
    }
}
