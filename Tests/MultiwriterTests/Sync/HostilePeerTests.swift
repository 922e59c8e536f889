import CompactEncoding
import Cryptography
import Feeds
import Multiplexing
import Testing

@testable import Multiwriter

@Suite struct HostilePeerTests {
    @Test(arguments: 1...40)
    func `bytes that are flipped on the way end the connection and nothing else`(
        seed: UInt64
    ) throws {
        let world = try SyncWorld(3, seed: seed)
        for index in 0..<3 { try world.write("from \(index)", to: "f\(index)", on: index) }
        world.chunk = 300
        let honest = world.connect(0, 1)
        let damaged = world.connect(0, 2)
        for _ in 0..<Int(seed) { world.step() }
        world.damage(damaged)
        try world.run()
        #expect(honest.left.ending == nil && honest.right.ending == nil)
        try world.expectHolds("f1", on: 0)
        try world.expectHolds("f0", on: 1)
    }

    @Test func `a drive that meets itself is told so`() throws {
        let world = try SyncWorld(1)
        let wire = world.connect(0, 0)
        try world.run()
        for end in [wire.left, wire.right] {
            #expect(throws: SyncError(.ourselves, "")) { try end.ending?.get() }
        }
    }

    @Test func `silence is dropped after a while`() throws {
        let world = try SyncWorld(2)
        let wire = world.connect(0, 1)
        wire.right.incoming = []
        wire.left.incoming = []
        try world.advance(seconds: 29)
        #expect(wire.left.ending == nil)
        try world.advance(seconds: 2)
        #expect(throws: SyncError(.silence, "")) { try wire.left.ending?.get() }
    }

    @Test func `keep-alives keep an idle connection`() throws {
        let world = try SyncWorld(2)
        let wire = world.connect(0, 1)
        try world.run()
        // Until then the channels of what both have are closed.
        try world.advance(seconds: 70)
        let before = wire.byteCount
        try world.advance(seconds: 200)
        #expect(wire.left.ending == nil)
        #expect((2 * 39 * 20...2 * 41 * 20).contains(wire.byteCount - before))
    }

    @Test func `one byte a second is dropped`() throws {
        let world = try SyncWorld(2)
        let wire = world.connect(0, 1)
        try world.run()
        wire.right.node.hub.end(wire.right.number, .success(()))
        for _ in 0..<70 where wire.left.ending == nil {
            world.receive([0xff], at: wire.left, on: wire)
            try world.advance(seconds: 1)
        }
        #expect(throws: SyncError(.silence, "")) { try wire.left.ending?.get() }
    }

    @Test func `links beyond the limit are refused with one sentence`() throws {
        let world = try SyncWorld(2)
        var limits = SyncLimits()
        limits.archiveCount = 10
        let links = (0..<5000).map(Self.link)
        try world[1].addNow(links)
        world.connect(0, 1, limits: limits)
        try world.run()
        #expect(try world[0].readNow { try world[0].archiveCount(in: $0) } == 11)
        #expect(world.nodes[0].events.filter { $0.kind == .refused }.count == 1)
        #expect(world.nodes[1].events.contains { $0.kind == .refusedByPeer })
    }

    @Test func `the drive's own limit holds over all connections`() throws {
        var options = DriveOptions()
        options.maximumArchiveCount = 20
        let world = try SyncWorld(1, options: options)
        for number in 1...4 {
            try world.addDrive("d\(number)")
            try world[number].addNow((0..<8).map { Self.link(number * 100 + $0) })
            world.connect(0, number)
            try world.run()
        }
        #expect(try world[0].readNow { try world[0].archiveCount(in: $0) } == 20)
    }

    @Test(
        arguments: [
            (0, [0]), (0, [0, 200]), (0, [0, 1, 1, 2, 3]), (0, [0, 0xfe, 255, 255, 255, 255]),
            (1, [0, 1]), (2, []), (3, [0]), (4, [0xff, 0, 0]), (6, [0, 1]), (6, [0, 1, 0, 200]),
            (7, []), (8, [0]), (8, [0, 5, 1]),
        ] as [(UInt64, [UInt8])])
    func `a malformed coordinator message ends the connection with its name`(
        type: UInt64, body: [UInt8]
    ) throws {
        let (world, wire) = try Self.connected()
        let peer = try #require(world.nodes[1].hub.peers[wire.right.number])
        let channel = try #require(peer.coordinatorChannel)
        peer.multiplexer.send(type, on: channel, body: body)
        try world.run()
        try world.advance(seconds: 1)
        #expect {
            try wire.left.ending?.get()
        } throws: { "\($0)".contains("coordinator message") }
    }

    @Test func `unknown messages and trailing bytes are skipped`() throws {
        let (world, wire) = try Self.connected()
        let peer = try #require(world.nodes[1].hub.peers[wire.right.number])
        let channel = try #require(peer.coordinatorChannel)
        for type: UInt64 in [5, 9, 99, 1 << 40] {
            peer.multiplexer.send(type, on: channel, body: [1, 2, 3])
        }
        let key = Self.link(1)
        peer.multiplexer.send(
            0, on: channel, body: CoordinatorMessage.links([key], hasMore: false).encoded + [9, 9])
        try world.run()
        #expect(wire.left.ending == nil)
        #expect(try world[0].links(now: ()).contains(key))
    }

    @Test func `a key of zeros is not taken`() throws {
        let (world, wire) = try Self.connected()
        let peer = try #require(world.nodes[1].hub.peers[wire.right.number])
        let channel = try #require(peer.coordinatorChannel)
        let zero = FeedKey(Digest.hash(of: [])).zeroed
        peer.multiplexer.send(
            0, on: channel, body: CoordinatorMessage.links([zero], hasMore: false).encoded)
        try world.run()
        #expect(try world[0].links(now: ()).count == 2)
        #expect(world.nodes[1].events.contains { $0.kind == .refusedByPeer })
    }

    @Test func `a wrong proof of a feed's key ends the connection`() throws {
        let (world, wire) = try Self.connected()
        let peer = try #require(world.nodes[1].hub.peers[wire.right.number])
        let unknown = Self.link(7)
        try world[0].addNow([unknown])
        _ = peer.multiplexer.open(
            ChannelName("hypercore/alpha", id: unknown.discoveryKey.bytes),
            handshake: [1] + [UInt8](repeating: 5, count: 32))
        try world.run()
        #expect(throws: SyncError(.violation, "")) { try wire.left.ending?.get() }
    }

    @Test func `channels of unknown feeds and protocols are rejected`() throws {
        let (world, wire) = try Self.connected()
        let peer = try #require(world.nodes[1].hub.peers[wire.right.number])
        for number in 0..<50 {
            _ = peer.multiplexer.open(
                ChannelName("hypercore/alpha", id: Self.link(number).bytes), handshake: [1])
            _ = peer.multiplexer.open(ChannelName("other/\(number)"))
        }
        try world.run()
        #expect(wire.left.ending == nil)
        #expect(world.nodes[0].hub.peers[wire.left.number]?.requested.isEmpty == true)
    }

    private static func link(_ number: Int) -> FeedKey {
        FeedKey(Digest.hash(of: withUnsafeBytes(of: number) { Array($0) }))
    }

    private static func connected() throws -> (SyncWorld, SyncWorld.Wire) {
        let world = try SyncWorld(2)
        let wire = world.connect(0, 1)
        try world.run()
        return (world, wire)
    }
}

extension FeedKey {
    fileprivate var zeroed: FeedKey {
        [UInt8](repeating: 0, count: 32).withUnsafeBytes { FeedKey($0) } ?? self
    }
}

extension Drive {
    fileprivate func links(now: Void) throws -> [FeedKey] { try readNow { try links(in: $0) } }
}
