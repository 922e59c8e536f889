import Feeds
import Testing

@testable import Multiwriter

@Suite struct SparseSyncScenarioTests {
    private func meet() throws -> (SyncWorld, SyncWorld.Wire) {
        var sparse = DriveOptions()
        sparse.isSparse = true
        let world = try SyncWorld(1)
        try world.addDrive("sparse", sparse)
        try world.write("hello", to: "a", on: 0)
        try world.write("world", to: "b", on: 0)
        try world.write("own", to: "c", on: 1)
        let wire = world.connect(0, 1)
        try world.run()
        return (world, wire)
    }

    @Test func `takes the index whole and content when it is wanted`() throws {
        let (world, _) = try meet()
        let drive = world[1]
        let writer = try #require(try drive.readNow { try drive.writers(in: $0) }.last)
        #expect(writer.index.missingCount == 0)
        #expect(writer.content?.heldCount == 0)
        let key = try #require(writer.content?.key)
        try drive.writeNow { _ = try drive.want([Want(feed: key, blocks: 1..<2)], in: $0) }
        try world.run()
        #expect(try world.read("b", on: 1) == "world")
        let later = try #require(try drive.readNow { try drive.writers(in: $0) }.last)
        #expect(later.content?.heldCount == 1)
        #expect(try drive.readNow { try drive.wants(in: $0) }.isEmpty)
    }

    @Test func `is settled when nothing more is wanted`() throws {
        let (world, _) = try meet()
        for node in world.nodes { #expect(node.hub.status.peers.allSatisfy { $0.isSettled }) }
        #expect(world.nodes[1].hub.status.missingBlockCount == 0)
        #expect(try world.read("c", on: 0) == "own")
    }
}
