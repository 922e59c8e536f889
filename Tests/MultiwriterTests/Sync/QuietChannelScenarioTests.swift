import Feeds
import Multiplexing
import Testing

@testable import Multiwriter

/// Channels of feeds that both sides have, and connections that end with a reason.
@Suite struct QuietChannelScenarioTests {
    @Test(arguments: 1...10 as ClosedRange<UInt64>)
    func `what both have is not talked about, until it changes`(seed: UInt64) throws {
        let world = try SyncWorld(3, seed: seed)
        for index in 0..<2 { try world.write("from \(index)", to: "f\(index)", on: index) }
        let wire = world.connect(0, 1)
        try world.run()
        let hubs = world.nodes.map(\.hub)
        #expect(hubs[0].status.peers.first?.feedCount == 4)
        try world.advance(seconds: 70)
        for hub in hubs.prefix(2) {
            #expect(hub.status.peers.first?.feedCount == 0)
            #expect(hub.status.peers.first?.isSettled == true)
        }
        // Either side's change opens what it needs, again and again.
        for round in 0..<3 {
            for index in 0..<2 {
                try world.write("round \(round)", to: "r\(index)", on: index)
                try world.run()
                #expect(try world.read("r\(index)", on: 1 - index) == "round \(round)")
            }
            try world.advance(seconds: 70)
            #expect(hubs[round % 2].status.peers.first?.feedCount == 0)
        }
        // What a third brings goes on to who is quiet.
        try world.write("from 2", to: "f2", on: 2)
        world.connect(1, 2)
        try world.run()
        try world.expectEqual([0, 1, 2])
        #expect(wire.left.ending == nil && wire.right.ending == nil)
    }

    @Test(arguments: 1...20 as ClosedRange<UInt64>)
    func `a write at the moment of closing arrives`(seed: UInt64) throws {
        let world = try SyncWorld(2, seed: seed)
        try world.write("first", to: "f", on: 0)
        world.connect(0, 1)
        try world.run()
        try world.advance(seconds: 55)
        // Every second of time one side ticks before the other, with a write in between.
        for second in 0..<12 {
            world.now += .seconds(1)
            let first = Int(seed) % 2
            world.perform([.tick], on: world.nodes[first])
            for _ in 0..<Int(seed) % 5 { world.step() }
            try world.write("at \(second)", to: "f", on: 1 - first)
            world.perform([.storeChanged, .tick], on: world.nodes[1 - first])
            try world.run()
            #expect(try world.read("f", on: first) == "at \(second)", "seed \(seed)")
            try world.advance(seconds: second * 3)
        }
    }

    @Test func `an incomplete feed stays open`() throws {
        let world = try SyncWorld(2)
        try world.write(String(repeating: "x", count: 300_000), to: "f", on: 0)
        world.connect(0, 1)
        try world.run()
        let blocks = try #require(try world[1].readNow { try world[1].writers(in: $0) }.last)
        #expect(blocks.isComplete)
        // A third that knows nothing of the file's bytes is not left alone with it.
        var options = DriveOptions()
        options.isSparse = true
        try world.addDrive("sparse", options)
        world.connect(1, 2)
        try world.run()
        try world.advance(seconds: 70)
        #expect((world.nodes[2].hub.status.peers.first?.feedCount ?? 0) > 0)
    }

    @Test func `who breaks a rule is told which one`() throws {
        let world = try SyncWorld(2)
        try world.write("first", to: "f", on: 0)
        let wire = world.connect(0, 1)
        try world.run()
        let peer = try #require(world.nodes[0].hub.peers.values.first)
        let channel = try #require(peer.coordinatorChannel)
        peer.multiplexer.send(6, on: channel, body: [0, 1, 99, 255])
        world.perform([.storeChanged, .tick], on: world.nodes[0])
        try world.write("second", to: "f", on: 0)
        world.perform([.storeChanged], on: world.nodes[0])
        try world.run()
        guard case .failure(let here) = wire.right.ending,
            case .failure(let there) = wire.left.ending
        else {
            Issue.record(
                "\(String(describing: wire.left.ending)) \(String(describing: wire.right.ending))")
            return
        }
        #expect(here.code == .violation)
        #expect(there.code == .dismissed)
        #expect(there.message.contains("You broke a rule of the protocol: "))
        #expect(world.nodes[0].events.last?.message.contains("rule") == true)
    }
}
