import Cryptography
import Feeds
import Testing

@testable import Multiwriter

@Suite struct SyncHubStatusTests {
    @Test func `says in one sentence why nothing moves`() throws {
        let world = try SyncWorld(2)
        try world.write(String(repeating: "x", count: 200_000), to: "f", on: 0)
        let wire = world.connect(0, 1)
        let hub = world.nodes[1].hub
        #expect(hub.status.peers.first?.waitingFor == "The handshake is not complete.")
        var reasons: Set<String> = []
        world.chunk = 100
        while world.step() {
            if let reason = hub.status.peers.first?.waitingFor { reasons.insert(reason) }
        }
        #expect(reasons.contains { $0.hasSuffix("are on their way.") })
        #expect(hub.status.peers.first?.waitingFor == nil)
        #expect(hub.status.peers.first?.isSettled == true)
        #expect(wire.left.ending == nil)
    }

    @Test func `names what nobody has, and over which connection the rest can come`() throws {
        let world = try SyncWorld(3)
        try world.write(String(repeating: "x", count: 200_000), to: "f", on: 0)
        let stranger = try #require(FeedKey([UInt8](repeating: 7, count: 32)))
        try world[2].addNow([stranger])
        world.connect(1, 2)
        world.connect(0, 2)
        let hub = world.nodes[2].hub
        var holders: Set<[Int]> = []
        world.chunk = 100
        while world.step() {
            for lack in hub.status.lacks where lack.blockCount > 0 {
                #expect(lack.link == world[0].link)
                holders.insert(lack.connections)
            }
        }
        #expect(holders.contains([2]))
        #expect(!holders.contains { $0.contains(1) })
        let lacks = hub.status.lacks
        // Who has written nothing has no blocks either.
        #expect(Set(lacks.map(\.link)) == [stranger, world[1].link])
        #expect(lacks.allSatisfy { $0.connections.isEmpty && $0.blockCount == 0 })
    }

    @Test func `counts bytes and blocks`() throws {
        let world = try SyncWorld(2)
        try world.write("hello", to: "f", on: 0)
        let wire = world.connect(0, 1)
        try world.run()
        let (left, right) = (world.nodes[0].hub.status, world.nodes[1].hub.status)
        #expect(left.servedBlockCount == 3)
        #expect(right.receivedBlockCount == 3)
        #expect(right.missingBlockCount == 0)
        #expect(Int(left.receivedByteCount + right.receivedByteCount) == wire.byteCount)
    }

    @Test func `an exchange without news is small`() throws {
        let world = try SyncWorld(2)
        for index in 0..<2 { try world.write("from \(index)", to: "f\(index)", on: index) }
        world.connect(0, 1, isOnce: true)
        try world.run()
        let again = world.connect(0, 1, isOnce: true)
        try world.run()
        #expect(try again.left.ending?.get() != nil)
        #expect(again.byteCount < 3000)
    }

    @Test func `reports what happens, with the feed and the peer`() throws {
        let world = try SyncWorld(2)
        try world.write("hello", to: "f", on: 0)
        let wire = world.connect(0, 1)
        try world.run()
        world.cut(wire)
        try world.run()
        let events = world.nodes[1].events
        let kinds = events.map(\.kind)
        #expect(kinds.filter { $0 != .opened } == [.connected, .learned, .settled, .ended])
        // Both feeds of the one, and the index of the other, who has written nothing.
        #expect(kinds.count { $0 == .opened } == 3)
        #expect(events[1].feed == world[0].link)
        #expect(events.allSatisfy { $0.peer != nil })
    }
}
