import Cryptography
import Feeds
import Testing

@testable import Multiwriter

/// A writer whose two histories are equally long, at drives that never meet it together.
@Suite struct TwoHistoriesScenarioTests {
    /// Readers 0, 1 and 2; 0 has one history of drive 3, 1 has the other one, from its twin 4.
    private func makeWorld() throws -> (SyncWorld, FeedKey) {
        let world = try SyncWorld(3)
        var options = DriveOptions()
        options.primaryKey = PrimaryKey(Randomness.seeded(77).bytes(count: 32))
        for name in ["writer", "twin"] { try world.addDrive(name, options) }
        try world.write("one", to: "f", on: 3)
        try world.write("two", to: "f", on: 4)
        #expect(world[3].link == world[4].link)
        for index in 0..<3 { try world.write("own \(index)", to: "own\(index)", on: index) }
        for (writer, reader) in [(3, 0), (4, 1)] {
            let wire = world.connect(writer, reader)
            try world.run()
            world.cut(wire)
            try world.run()
        }
        for index in 0..<2 { #expect(try mark(of: world[3].link, on: index, world) == nil) }
        return (world, world[3].link)
    }

    private func mark(of link: FeedKey, on index: Int, _ world: SyncWorld) throws -> String? {
        let writers = try world[index].readNow { try world[index].writers(in: $0) }
        return writers.first { $0.link == link }?.mark
    }

    private func conflicts(on index: Int, _ world: SyncWorld) -> [String] {
        world.nodes[index].events.filter { $0.kind == .problem }.map(\.message)
            .filter { $0.contains("two histories") }
    }

    @Test(arguments: [false, true])
    func `both sides find it out and name the writer`(isOnce: Bool) throws {
        let (world, writer) = try makeWorld()
        let wire = world.connect(0, 1, isOnce: isOnce)
        try world.run()
        for index in 0..<2 {
            #expect(try mark(of: writer, on: index, world) == "signed two histories")
            #expect(conflicts(on: index, world).allSatisfy { $0.contains(writer.id) })
            #expect(!conflicts(on: index, world).isEmpty)
            #expect(try world.read("own\(1 - index)", on: index) == "own \(1 - index)")
        }
        for end in [wire.left, wire.right] {
            #expect((end.ending == nil) == !isOnce)
            if isOnce { #expect(throws: Never.self) { try end.ending?.get() } }
        }
        // The other writers go on.
        guard !isOnce else { return }
        try world.write("later", to: "later", on: 0)
        try world.run()
        #expect(try world.read("later", on: 1) == "later")
    }

    @Test func `a third drive hears of it, from either side`() throws {
        for teller in 0..<2 {
            let (world, writer) = try makeWorld()
            // It has the history that the teller has not.
            let early = world.connect(2, 1 - teller)
            try world.run()
            world.cut(early)
            try world.run()
            world.connect(0, 1)
            try world.run()
            #expect(try mark(of: writer, on: 2, world) == nil)
            world.connect(2, teller)
            try world.run()
            try world.advance(seconds: 3)
            #expect(try mark(of: writer, on: 2, world) == "signed two histories")
            #expect(!conflicts(on: 2, world).isEmpty)
            let reasons = world.nodes[2].hub.status.problems
            #expect(reasons.contains { $0.contains(writer.id) })
        }
    }

    @Test func `drives that hold different parts of one history are left in peace`() throws {
        let world = try SyncWorld(3)
        try world.write(String(repeating: "x", count: 200_000), to: "f", on: 0)
        let wire = world.connect(0, 1)
        for _ in 0..<40 { world.step() }
        world.cut(wire)
        try world.run()
        world.connect(0, 1)
        try world.run()
        world.connect(1, 2)
        try world.run()
        try world.expectEqual([0, 1, 2])
        for index in 0..<3 {
            #expect(conflicts(on: index, world).isEmpty)
            #expect(world.nodes[index].hub.status.peers.allSatisfy { $0.isSettled })
        }
    }

    @Test func `a peer that knows feeds alone is asked for nothing`() throws {
        let (world, writer) = try makeWorld()
        world.nodes[1].hub.hasCoordinator = false
        let wire = world.connect(0, 1)
        try world.run()
        try world.advance(seconds: 4)
        #expect(wire.left.ending == nil)
        #expect(try mark(of: writer, on: 0, world) == nil)
    }
}
