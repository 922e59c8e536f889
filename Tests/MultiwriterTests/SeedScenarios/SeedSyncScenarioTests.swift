import Cryptography
import Testing

@testable import Multiwriter

/// The scenarios of the 2016 original about replication, each under its own name, on the real
/// state machines over wires in memory.
@Suite struct SeedSyncScenarioTests {
    private func names(_ drive: Drive) throws -> [String] {
        var names: [String] = []
        try drive.forEachRow { names.append($0.name) }
        return names
    }

    private func links(_ drive: Drive) throws -> Set<FeedKey> {
        Set(try drive.readNow { try drive.links(in: $0) })
    }

    @Test func `gossip-three`() throws {
        let world = try SyncWorld(3)
        try world.write("HI", to: "hello.txt", on: 0)
        try world.write("COOL", to: "cool.txt", on: 1)
        try world.write("HOWDY ALL", to: "hello.txt", on: 2)
        for (left, right) in [(0, 1), (1, 2), (0, 1)] {
            let wire = world.connect(left, right)
            try world.run()
            world.cut(wire)
            try world.run()
        }
        for index in 0..<3 {
            #expect(try names(world[index]).sorted() == ["cool.txt", "hello.txt", "hello.txt"])
            #expect(try names(world[index]).first == (index == 1 ? "cool.txt" : "hello.txt"))
        }
        try world.expectEqual([0, 1, 2])
    }

    @Test func `links-spread-over-open-connections`() throws {
        let world = try SyncWorld(3)
        for (index, name) in ["a", "b", "c"].enumerated() {
            try world.write(name, to: name, on: index)
        }
        world.connect(0, 1)
        try world.run()
        world.connect(1, 2)
        try world.run()
        #expect(try links(world[0]).count == 3)
        #expect(try names(world[0]).sorted() == ["a", "b", "c"])
        try world.write("c2", to: "c2", on: 2)
        try world.run()
        #expect(try names(world[0]).sorted() == ["a", "b", "c", "c2"])
    }

    @Test func `gossip-needs-own-write`() throws {
        let world = try SyncWorld(3)
        try world.write("x", to: "x", on: 0)
        for (left, right) in [(0, 1), (1, 2)] {
            let wire = world.connect(left, right)
            try world.run()
            world.cut(wire)
            try world.run()
        }
        #expect(try names(world[2]) == ["x"])
        #expect(try links(world[2]) == [world[0].link, world[1].link, world[2].link])
    }

    @Test func `live-replication`() throws {
        let world = try SyncWorld(2)
        try world.write("x", to: "x", on: 0)
        let wire = world.connect(0, 1)
        try world.run()
        try world.write("y", to: "y", on: 0)
        try world.run()
        #expect(try names(world[1]) == ["x", "y"])
        world.cut(wire)
        try world.run()
        try world.write("z", to: "z", on: 0)
        try world.run()
        #expect(try names(world[1]) == ["x", "y"])
        world.connect(0, 1)
        try world.run()
        #expect(try names(world[1]) == ["x", "y", "z"])
    }

    @Test func `replicate-before-ready, option-live-false`() throws {
        let world = try SyncWorld(2)
        world.connect(0, 1)
        try world.write("x", to: "x", on: 0)
        try world.run()
        #expect(try names(world[1]) == ["x"])
    }

    @Test func `replicate-stream-does-not-end`() throws {
        let world = try SyncWorld(2)
        try world.write("x", to: "x", on: 0)
        try world.write("y", to: "y", on: 1)
        let wire = world.connect(0, 1)
        try world.run()
        try world.advance(seconds: 60)
        #expect(wire.left.ending == nil && wire.right.ending == nil)
        world.cut(wire)
        try world.run()
        #expect(wire.left.ending != nil && wire.right.ending != nil)
        for index in 0..<2 { #expect(try names(world[index]).sorted() == ["x", "y"]) }
    }

    @Test func `events, events-after-reopening`() async throws {
        let world = try SyncWorld(2)
        try world.write("hello", to: "f", on: 0)
        let uploads = try await world[0].events()
        let downloads = try await world[1].events()
        world.connect(0, 1)
        try world.run()
        try world.write("again", to: "f", on: 0)
        try world.run()
        let link = world[0].link
        let other = world[1].link
        for node in world.nodes { node.drive.close() }
        let sent = await uploads.reduce(into: []) { $0.append($1) }
        let received = await downloads.reduce(into: []) { $0.append($1) }
        #expect(sent.first == .archive(link) && received.first == .archive(other))
        #expect(sent.contains(.archive(other)) && received.contains(.archive(link)))
        let up = sent.compactMap { if case .upload(let block) = $0 { block } else { nil } }
        let down = received.compactMap { if case .download(let block) = $0 { block } else { nil } }
        #expect(Set(up) == Set(down) && up.count == down.count && Set(up).count == up.count)
        #expect(up.filter { $0.part == .content }.map(\.byteCount) == [5, 5])
        #expect(up.allSatisfy { $0.link == link })
    }

    @Test func `option-not-sparse`() throws {
        let world = try SyncWorld(2)
        try world.write("hello", to: "x", on: 0)
        world.connect(0, 1)
        try world.run()
        let writers = try world[1].readNow { try world[1].writers(in: $0) }
        #expect(writers[1].content?.heldCount == 1)
    }

    @Test func `option-sparse, download`() async throws {
        let world = try SyncWorld(1)
        try world.addDrive("sparse", DriveOptions(isSparse: true))
        try world.write("hello", to: "x", on: 0)
        try world.write("goodbye", to: "y", on: 0)
        world.connect(0, 1)
        try world.run()
        let drive = world[1]
        let link = world[0].link
        #expect(try names(drive) == ["x", "y"])
        func heldCount() throws -> UInt64? {
            try drive.readNow { try drive.writers(in: $0) }[1].content?.heldCount
        }
        #expect(try heldCount() == 0)
        let reference = EntryReference(name: "x", link: link)
        await #expect(throws: DriveError(.timedOut, "")) {
            try await drive.download(reference, timeout: .milliseconds(1))
        }
        // What was asked for is remembered, and comes with the next chance.
        let wants = try drive.readNow { try drive.wants(in: $0) }
        #expect(wants.map(\.blocks) == [0..<1])
        try world.run()
        #expect(try heldCount() == 1)
        try await drive.download(reference)
        #expect(try world.read("x", on: 1) == "hello")
        await #expect(throws: DriveError(.unknownLink, "")) {
            try await drive.download(
                EntryReference(name: "x", link: FeedKey(Digest.hash(of: [1]))))
        }
        await #expect(throws: DriveError(.unknownName, "")) {
            try await drive.download(EntryReference(name: "none", link: link))
        }
    }

    @Test func `download-with-opts`() async throws {
        let world = try SyncWorld(2)
        try world.write("hello", to: "x", on: 0)
        world.connect(0, 1)
        try world.run()
        let row = try await world[1].row(at: 0, of: world[0].link)
        try await world[1].download(row.reference, timeout: .seconds(1))
        try await world[1].download(row.reference)
    }
}
