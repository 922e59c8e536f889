import Foundation
import Testing

@Suite struct GossipTests {
    static let contents = ["a": "HI\n", "b": "HOWDY\n", "c": "WHATEVER\n"]
    static let names = ["a": "hello.txt", "b": "hello.txt", "c": "cool.txt"]

    @Test(arguments: SyncedPair.Wire.allCases)
    func `three drives gossip their files to one another, each sync stopped by SIGINT`(
        wire: SyncedPair.Wire
    ) async throws {
        let world = try World()
        for (drive, content) in Self.contents {
            let name = try #require(Self.names[drive])
            let outcome = try await world.succeed(drive, "write", name, input: content)
            #expect(outcome.output.isEmpty)
        }
        try await meet(world, "a", "b", over: wire, until: 2)
        try await meet(world, "b", "c", over: wire, until: 3)
        try await meet(world, "a", "b", over: wire, until: 3)
        var listings: [Set<String>] = []
        for drive in ["a", "b", "c"] {
            let lines = try await world.succeed(drive, "list").lines
            listings.append(Set(lines))
            #expect(lines.count == 3)
            let own = try await world.succeed(drive, "key").lines.first ?? ""
            #expect(lines.first?.contains(own) == true)
            for line in lines {
                let content = try await world.succeed(drive, "read", line).text
                let writer = try await writer(of: line, in: world)
                #expect(content == Self.contents[writer])
            }
        }
        #expect(Set(listings).count == 1)
    }

    private func meet(
        _ world: World, _ first: String, _ second: String, over wire: SyncedPair.Wire,
        until count: Int
    ) async throws {
        let pair = try SyncedPair(world, [first, "sync"], [second, "sync"], over: wire)
        try await world.eventually("\(first) and \(second) have \(count) rows") {
            let counts = await (rows(world, first), rows(world, second))
            return counts == (count, count)
        }
        await pair.interrupt()
    }

    private func rows(_ world: World, _ drive: String) async -> Int {
        (try? await world.run(drive, "list").lines.count) ?? 0
    }

    private func writer(of row: String, in world: World) async throws -> String {
        for drive in ["a", "b", "c"] {
            let link = try await world.succeed(drive, "key").lines[0]
            if row.contains(link) { return drive }
        }
        return ""
    }

    @Test func `rows have the members of the original in their order`() async throws {
        let world = try World()
        try await world.succeed("a", "write", "hello.txt", input: "HI\n")
        let link = try await world.succeed("a", "key").lines[0]
        let expected =
            #"{"name":"hello.txt","linkname":"","length":3,"blocks":1,"mode":0,"uid":0,"gid":0,"#
            + #""mtime":0,"ctime":0,"content":{"blockOffset":0,"bytesOffset":0},"#
            + #""type":"file","link":"\#(link)"}"#
        #expect(try await world.succeed("a", "list").lines == [expected])
    }
}
