import Foundation
import TestSupport
import Testing

/// What `status` tells of programs that sync the same drive.
@Suite struct SyncDeskTests {
    /// A link that nobody has.
    static let stranger = String(repeating: "ab", count: 32)

    @Test func `status tells who is connected, and what nobody has`() async throws {
        let world = try World()
        try await world.succeed("a", "write", "a.txt", input: "from a")
        try await world.succeed("b", "write", "b.txt", input: "from b")
        try await world.succeed("a", "add", Self.stranger)
        #expect(try await world.succeed("a", "status").text.contains("none runs here"))
        let (listener, address) = try await listen(world)
        let dialler = try Talker(world, ["b", "sync", "--connect", address])
        let key = try await world.succeed("a", "key").lines.last ?? ""
        #expect(key.count == 64)
        try await world.eventually("both are up to date") {
            let connections = try await syncs(of: "a", world).first?.list("connections")
            return connections?.first?["settled"] as? Bool == true
        }
        let here = try #require(try await syncs(of: "a", world).first)
        let there = try #require(try await syncs(of: "b", world).first)
        #expect(here["process"] as? Int == Int(listener.program.identifier))
        #expect(here.list("meetings").first?["kind"] as? String == "listen")
        #expect(here.list("meetings").first?["address"] as? String == address)
        #expect(there.list("meetings").first?["kind"] as? String == "connect")
        #expect(there.list("connections").first?["address"] as? String == address)
        #expect(there.list("connections").first?["drive"] as? Bool == true)
        #expect((there["received"] as? Int ?? 0) > 500)
        for side in [here, there] {
            let lack = try #require(side.list("lacks").first)
            #expect(lack["link"] as? String == Self.stranger)
            #expect((lack["connections"] as? [Int])?.isEmpty == true)
        }
        let text = try await world.succeed("b", "status").text
        #expect(text.contains("dials \(address)"))
        #expect(text.contains("up to date"))
        #expect(text.contains("nobody connected has anything of archive \(Self.stranger)"))
        for talker in [dialler, listener] {
            talker.program.send(SIGINT)
            #expect(await talker.finished().ending == .exit(0))
        }
        #expect(try await world.succeed("a", "status").text.contains("none runs here"))
        #expect(try sockets("a", world).isEmpty)
    }

    @Test func `a sync that was killed is not shown`() async throws {
        let world = try World()
        let (listener, address) = try await listen(world)
        let dialler = try Talker(world, ["b", "sync", "--connect", address])
        try await world.eventually("b is connected") {
            try await syncs(of: "b", world).first?.list("connections").isEmpty == false
        }
        listener.program.send(SIGKILL)
        _ = await listener.finished()
        #expect(try await world.succeed("a", "status").text.contains("none runs here"))
        // The other side tells why it is alone.
        try await world.eventually("the failure is told") {
            try await world.run("b", "status").text.contains("Connection refused")
        }
        #expect(try await world.succeed("b", "status").text.contains("connected to nobody"))
        dialler.program.send(SIGINT)
        #expect(await dialler.finished().ending == .exit(0))
        // The next one takes away what the killed one left.
        #expect(try sockets("a", world).count == 1)
        let (next, _) = try await listen(world)
        #expect(try sockets("a", world).count == 1)
        #expect(try await syncs(of: "a", world).count == 1)
        next.program.send(SIGTERM)
        _ = await next.finished()
    }

    @Test func `a sync that is stopped is named, and status does not wait for it`() async throws {
        let world = try World()
        let (listener, _) = try await listen(world)
        listener.program.send(SIGSTOP)
        let start = ContinuousClock.now
        let text = try await world.succeed("a", "status").text
        #expect(ContinuousClock.now - start < .seconds(20))
        #expect(text.contains("process \(listener.program.identifier) cannot be asked"))
        let problem = try #require(try await syncs(of: "a", world).first?["problem"] as? String)
        #expect(!problem.isEmpty)
        listener.program.send(SIGCONT)
        listener.program.send(SIGINT)
        #expect(await listener.finished().ending == .exit(0))
    }

    @Test func `a drive with a long path is asked as well`() async throws {
        let world = try World()
        let folder = String(repeating: "x", count: 120)
        let (listener, address) = try await listen(world, folder)
        let report = try #require(try await syncs(of: folder, world).first)
        #expect(report.list("meetings").first?["address"] as? String == address)
        listener.program.send(SIGINT)
        #expect(await listener.finished().ending == .exit(0))
        #expect(try sockets(folder, world).isEmpty)
    }

    @Test func `verbose says in a line each what happens`() async throws {
        let world = try World()
        try await world.succeed("a", "write", "a.txt", input: "from a")
        try await world.succeed("b", "write", "b.txt", input: "from b")
        try await world.succeed("b", "add", Self.stranger)
        let (listener, address) = try await listen(world, options: ["-v"])
        try LoopbackClient(address).send(Array("GET / HTTP/1.0\r\n\r\n".utf8))
        #expect(await listener.line(with: "disconnected: The far end does not speak") != nil)
        let dialler = try Talker(world, ["b", "sync", "-v", "--connect", address])
        for words in [
            "connected (\(address)", "Learnt of archive", "talking about feed",
            "up to date", "nobody connected has anything of archive \(Self.stranger)",
        ] {
            #expect(await dialler.line(with: words) != nil, "\(words)")
        }
        listener.program.send(SIGTERM)
        #expect(await dialler.line(with: "disconnected") != nil)
        #expect(await dialler.line(with: "dialling \(address) again") != nil)
        dialler.program.send(SIGTERM)
        for talker in [listener, dialler] {
            let outcome = await talker.finished()
            #expect(outcome.errorLines.allSatisfy { $0.hasPrefix("mdrive: ") }, "\(outcome)")
        }
    }

    @Test func `dialling ends at once when it is interrupted`() async throws {
        let world = try World()
        // Nobody answers there: the attempt itself takes twenty seconds.
        let deaf = try DeafListener()
        defer { withExtendedLifetime(deaf) {} }
        let dialler = try Talker(world, ["a", "sync", "--connect", deaf.address])
        try await world.eventually("it dials") {
            try await syncs(of: "a", world).first?.list("meetings").isEmpty == false
        }
        let start = ContinuousClock.now
        dialler.program.send(SIGINT)
        let outcome = await dialler.finished()
        #expect(outcome.ending == .exit(0), "\(outcome)")
        #expect(ContinuousClock.now - start < .seconds(5))
    }

    private func listen(
        _ world: World, _ folder: String = "a", options: [String] = []
    ) async throws -> (Talker, String) {
        let talker = try Talker(world, [folder, "sync", "--listen", "127.0.0.1:0"] + options)
        let line = try #require(await talker.line(with: "listening on"))
        return (talker, try #require(line.words.last))
    }

    private func syncs(of drive: String, _ world: World) async throws -> [[String: Any]] {
        let outcome = try await world.run(drive, "status", "--json")
        guard outcome.ending == .exit(0) else { return [] }
        let json = try JSONSerialization.jsonObject(with: Data(outcome.output))
        return (json as? [String: Any])?.list("syncs") ?? []
    }

    private func sockets(_ drive: String, _ world: World) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: world.path(drive))
            .filter { $0.hasSuffix(".socket") }
    }
}

extension [String: Any] {
    fileprivate func list(_ name: String) -> [[String: Any]] {
        self[name] as? [[String: Any]] ?? []
    }
}
