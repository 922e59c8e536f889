import Testing

@testable import Multiwriter

/// Peers without a coordinator, such as JavaScript ones: they have feeds and nothing else.
@Suite struct PlainPeerScenarioTests {
    /// Both know the link of the first drive; the second one speaks of feeds alone.
    private func meet(
        seed: UInt64, leftIsOnce: Bool = false
    ) throws -> (SyncWorld, SyncWorld.Wire) {
        let world = try SyncWorld(2, seed: seed)
        try world.write("hello", to: "a", on: 0)
        try world[1].addNow([world[0].link])
        world.nodes[1].hub.hasCoordinator = false
        let wire = world.connect(0, 1, leftIsOnce: leftIsOnce)
        try world.run()
        return (world, wire)
    }

    @Test(arguments: 1...5)
    func `is served what it knows the key of`(seed: UInt64) throws {
        let (world, wire) = try meet(seed: seed)
        #expect(try world.read("a", on: 1) == "hello")
        #expect(world.nodes[0].hub.status.peers.first?.isDrive == false)
        #expect(wire.left.ending == nil && wire.right.ending == nil)
        #expect(try world[0].readNow { try world[0].archiveCount(in: $0) } == 1)
    }

    @Test func `is followed live`() throws {
        let (world, _) = try meet(seed: 1)
        try world.write("again", to: "a", on: 0)
        try world.run()
        #expect(try world.read("a", on: 1) == "again")
    }

    @Test func `is left after a quiet while when once was asked for`() throws {
        let (world, wire) = try meet(seed: 1, leftIsOnce: true)
        #expect(wire.left.ending == nil)
        try world.advance(seconds: 3)
        #expect(try wire.left.ending?.get() != nil)
        #expect(try world.read("a", on: 1) == "hello")
    }
}
