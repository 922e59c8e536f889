import Foundation
import TestSupport
import Testing

@Suite struct BadSyncTests {
    @Test(arguments: [
        "hello world\n", "GET / HTTP/1.1\r\nHost: x\r\n\r\n",
        String(repeating: "x", count: 200_000),
        "", "m",
    ])
    func `garbage on standard input is told in one line`(garbage: String) async throws {
        let world = try await world()
        let outcome = try await world.run(
            "a", "sync", input: Array(garbage.utf8))
        #expect(outcome.ending == .exit(1), "\(outcome)")
        #expect(outcome.errorLines.count == 1, "\(outcome)")
        try await expectIntact(world)
    }

    @Test func `an empty standard input is told in one line`() async throws {
        let world = try await world()
        let outcome = try await world.run(["a", "sync"], input: .file("/dev/null", O_RDONLY))
        #expect(outcome.ending == .exit(1), "\(outcome)")
        #expect(outcome.errors.contains("hung up"), "\(outcome)")
        #expect(outcome.errorLines.count == 1, "\(outcome)")
    }

    @Test func `a far end that echoes is told in one line`() async throws {
        let world = try await world()
        let (reader, writer) = try Descriptor.pipe()
        let outcome = try await world.run(["a", "sync"], input: reader, output: writer)
        #expect(outcome.ending == .exit(1), "\(outcome)")
        #expect(outcome.errorLines.count == 1, "\(outcome)")
        try await expectIntact(world)
    }

    @Test func `a drive does not sync with itself`() async throws {
        let world = try await world()
        let pair = try SyncedPair(world, ["a", "sync"], ["a", "sync"])
        let outcomes = await [pair.first.finished(), pair.second.finished()]
        #expect(outcomes.contains { $0.errors.contains("this very drive") }, "\(outcomes)")
        #expect(outcomes.allSatisfy { $0.ending == .exit(1) }, "\(outcomes)")
        try await expectIntact(world)
    }

    @Test func `closed standard streams are told in one line`() async throws {
        let world = try await world()
        for redirection in ["<&-", ">&-"] {
            let outcome = try await world.run(
                "a", "sync", prefix: ["sh", "-c", "exec \"$0\" \"$@\" \(redirection)"])
            #expect(outcome.ending == .exit(1), "\(outcome)")
            #expect(outcome.errorLines.count == 1, "\(outcome)")
        }
        try await expectIntact(world)
    }

    @Test func `an address that is taken is named`() async throws {
        let world = try await world()
        let listener = try Talker(world, ["a", "sync", "--listen", "127.0.0.1:0"])
        let address = try #require(await listener.line(with: "listening on")).words.last ?? ""
        try await world.succeed("b", "write", "x")
        expectFailure(try await world.run("b", "sync", "--listen", address), naming: address)
        listener.program.send(SIGTERM)
        #expect(await listener.finished().ending == .exit(0))
        let refused = try await world.run("b", "sync", "--connect", address, "--wait", "0")
        expectFailure(refused, naming: address)
    }

    @Test(arguments: [[], ["--once"]])
    func `an unknown host is named`(options: [String]) async throws {
        let world = try await world()
        let outcome = try await world.run(
            ["a", "sync", "--connect", "no-such-host.invalid:4747"] + options,
            input: .file("/dev/null", O_RDONLY))
        expectFailure(outcome, naming: "no-such-host.invalid")
    }

    @Test(arguments: [
        ["--listen", "nonsense"], ["--connect", "::1:99"], ["--connect", "host:99999"],
        ["--initiator", "--responder"], ["--listen", "127.0.0.1:0", "--initiator"],
        ["--wait", "x"], ["--nonsense"],
    ])
    func `wrong options are usage`(options: [String]) async throws {
        let world = try World()
        let outcome = try await world.run(
            ["a", "sync"] + options, input: .file("/dev/null", O_RDONLY))
        #expect(outcome.ending == .exit(64), "\(outcome)")
        #expect(outcome.output.isEmpty)
        #expect(!world.exists("a"))
    }

    @Test func `strangers do not disturb a listener`() async throws {
        let world = try await world()
        try await world.succeed("b", "write", "b.txt", input: "from b")
        let listener = try Talker(world, ["a", "sync", "--listen", "127.0.0.1:0", "--once"])
        let address = try #require(await listener.line(with: "listening on")).words.last ?? ""
        try LoopbackClient(address).send(Array("GET / HTTP/1.0\r\n\r\n".utf8))
        #expect(await listener.line(with: "does not speak") != nil)
        try await world.succeed("b", "sync", "--connect", address, "--once")
        #expect(await listener.finished().ending == .exit(0))
        #expect(try await world.succeed("a", "cat", "b.txt").text == "from b")
    }

    private func world() async throws -> World {
        let world = try World()
        try await world.succeed("a", "write", "file.txt", input: "content")
        return world
    }

    private func expectIntact(_ world: World) async throws {
        #expect(try await world.succeed("a", "list").lines.count == 1)
        try await world.succeed("a", "verify")
    }
}
