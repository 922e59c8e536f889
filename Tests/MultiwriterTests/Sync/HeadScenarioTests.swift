import Archives
import CompactEncoding
import Cryptography
import Feeds
import Multiplexing
import Testing

@testable import Multiwriter

/// Drives that have much in common talk about what differs, and about nothing else.
@Suite struct HeadScenarioTests {
    /// Two drives that follow the same archives besides their own, and have met before.
    private func acquainted(
        _ count: Int, seed: UInt64 = 1, rightOptions: DriveOptions = DriveOptions()
    ) throws -> SyncWorld {
        let world = try SyncWorld(1, seed: seed)
        try world.addDrive("right", rightOptions)
        for index in 0..<2 { try world.fill(index, with: 0..<count) }
        let wire = world.connect(0, 1)
        try world.run()
        world.cut(wire)
        try world.run()
        return world
    }

    @Test(arguments: [10, 100, 1000])
    func `nothing to tell costs less than a kilobyte and opens nothing`(count: Int) throws {
        let world = try acquainted(count)
        let wire = world.connect(0, 1)
        try world.run()
        #expect(wire.byteCount < 1000)
        for node in world.nodes {
            let peer = try #require(node.hub.status.peers.last)
            #expect(peer.feedCount == 0)
            #expect(peer.isSettled)
        }
    }

    @Test(arguments: 1...10 as ClosedRange<UInt64>)
    func `both leave at once when nothing differs`(seed: UInt64) throws {
        let world = try acquainted(20, seed: seed)
        let wire = world.connect(0, 1, leftIsOnce: true, rightIsOnce: seed % 2 == 0)
        try world.run()
        #expect(try wire.left.ending?.get() != nil)
        if seed % 2 == 0 { #expect(try wire.right.ending?.get() != nil) }
    }

    @Test(arguments: 1...10 as ClosedRange<UInt64>)
    func `one changed archive of many is the only one that is opened`(seed: UInt64) throws {
        let world = try acquainted(200, seed: seed)
        try world.writeAs(7, "new", to: "news", on: 0)
        let wire = world.connect(0, 1, isOnce: seed % 2 == 0)
        try world.run()
        try world.expectEqual([0, 1])
        #expect(wire.byteCount < 4000)
        if seed % 2 == 0 {
            for end in [wire.left, wire.right] { #expect(try end.ending?.get() != nil) }
        } else {
            #expect(world.nodes[0].hub.status.peers.last?.feedCount == 2)
        }
    }

    @Test(arguments: 1...10 as ClosedRange<UInt64>)
    func `changes on both sides, and archives that one side lacks`(seed: UInt64) throws {
        let world = try acquainted(60, seed: seed)
        for number in 0..<10 { try world.writeAs(number, "left", to: "a", on: 0) }
        for number in 20..<25 { try world.writeAs(number, "right", to: "b", on: 1) }
        try world.fill(0, with: 100..<106)
        try world.fill(1, with: 200..<203)
        let wire = world.connect(0, 1, isOnce: true)
        try world.run()
        for end in [wire.left, wire.right] { #expect(try end.ending?.get() != nil) }
        try world.expectEqual([0, 1])
    }

    @Test(arguments: 1...5 as ClosedRange<UInt64>)
    func `a change while nothing is open opens its feed`(seed: UInt64) throws {
        let world = try acquainted(30, seed: seed)
        world.connect(0, 1)
        try world.run()
        for number in 0..<4 {
            try world.writeAs(number, "late", to: "late", on: 0)
            try world.write("text \(number)", to: "own", on: 1)
            try world.run()
            try world.expectEqual([0, 1])
        }
        #expect(world.nodes[0].hub.status.peers.last?.feedCount == 10)
    }

    @Test(arguments: 1...20 as ClosedRange<UInt64>)
    func `a change in the middle of the comparison is not missed`(seed: UInt64) throws {
        let world = try acquainted(30, seed: seed)
        world.chunk = 60
        let wire = world.connect(0, 1)
        for _ in 0..<Int(seed) * 2 { world.step() }
        try world.writeAs(3, "late", to: "late", on: Int(seed) % 2)
        try world.write("own", to: "own", on: 0)
        try world.run()
        #expect(wire.left.ending == nil && wire.right.ending == nil)
        try world.expectEqual([0, 1])
    }

    @Test func `a change passes along connections on which nothing is open`() throws {
        let world = try SyncWorld(3)
        for index in 0..<3 { try world.fill(index, with: 0..<20) }
        for (left, right) in [(0, 1), (1, 2), (0, 1)] {
            let wire = world.connect(left, right)
            try world.run()
            world.cut(wire)
            try world.run()
        }
        world.connect(0, 1)
        world.connect(1, 2)
        try world.run()
        try world.writeAs(5, "far", to: "far", on: 0)
        try world.run()
        try world.expectEqual([0, 1, 2])
    }

    @Test func `blocks that one side lacks are a difference`() throws {
        let world = try acquainted(10)
        let feed = try #require(
            try world[1].readNow { try world[1].writers(in: $0) }.last?.content?.key)
        try world[1].writeNow { transaction in
            let feed = try #require(try transaction.snapshot.feed(for: feed))
            try transaction.clear(0..<1, of: feed)
        }
        world.connect(0, 1, isOnce: true)
        try world.run()
        try world.expectEqual([0, 1])
    }

    @Test func `a sparse drive gets what somebody asks for later`() throws {
        var sparse = DriveOptions()
        sparse.isSparse = true
        let world = try SyncWorld(1)
        try world.addDrive("sparse", sparse)
        try world.write("hello", to: "a", on: 0)
        for _ in 0..<2 {
            let wire = world.connect(0, 1)
            try world.run()
            world.cut(wire)
            try world.run()
        }
        world.connect(0, 1)
        try world.run()
        let key = try #require(
            try world[1].readNow { try world[1].writers(in: $0) }.last?.content?.key)
        try world[1].writeNow { _ = try world[1].want([Want(feed: key, blocks: 0..<1)], in: $0) }
        try world.run()
        #expect(try world.read("a", on: 1) == "hello")
    }

    @Test(arguments: [true, false])
    func `a version that compares nothing is spoken to as before`(isOnce: Bool) throws {
        let world = try acquainted(20)
        world.nodes[1].hub.describesHeads = false
        try world.writeAs(3, "left", to: "a", on: 0)
        try world.writeAs(4, "right", to: "b", on: 1)
        let wire = world.connect(0, 1, isOnce: isOnce)
        try world.run()
        try world.expectEqual([0, 1])
        if isOnce {
            for end in [wire.left, wire.right] { #expect(try end.ending?.get() != nil) }
        }
    }

    @Test func `a peer that describes nothing is offered everything after a while`() throws {
        let world = try acquainted(5)
        let wire = world.connect(0, 1)
        let peer = try #require(world.nodes[0].hub.peers[wire.left.number])
        while peer.coordinator.remote == nil { #expect(world.step()) }
        peer.isReconciled = false
        peer.heads = HeadReconciliation([1])
        try world.advance(seconds: 12)
        #expect(peer.isReconciled && peer.feeds.count >= 12)
    }

    @Test func `a description without end ends the connection`() throws {
        let world = try acquainted(5)
        let wire = world.connect(0, 1)
        let peer = try #require(world.nodes[1].hub.peers[wire.right.number])
        while peer.coordinator.remote == nil { #expect(world.step()) }
        let channel = try #require(peer.coordinatorChannel)
        peer.multiplexer.send(
            7, on: channel, body: CoordinatorMessage.moreHeads(1 << 40).encoded)
        try world.run()
        try world.advance(seconds: 1)
        #expect(throws: SyncError(.violation, "")) { try wire.left.ending?.get() }
    }

    @Test func `a chain of ten`() throws {
        let world = try SyncWorld(10)
        for index in 0..<10 { try world.write("from \(index)", to: "f\(index)", on: index) }
        for index in 0..<9 { world.connect(index, index + 1) }
        try world.run()
        try world.expectEqual(Array(0..<10))
    }
}

extension SyncWorld {
    /// The archive of a made-up writer, which any drive can write to the same effect.
    private func archive(
        _ number: Int, in transaction: borrowing StoreTransaction
    ) throws -> Archive {
        var bytes = [UInt8](repeating: 9, count: 32)
        bytes[0] = UInt8(truncatingIfNeeded: number)
        bytes[1] = UInt8(truncatingIfNeeded: number >> 8)
        return try Archive.own(
            primaryKey: try #require(PrimaryKey(bytes)), in: transaction)
    }

    /// Lets a drive follow made-up writers, each with one file.
    func fill(_ index: Int, with numbers: Range<Int>) throws {
        let drive = nodes[index].drive
        try drive.writeNow { transaction in
            for number in numbers {
                let archive = try archive(number, in: transaction)
                try archive.put(Array("\(number)".utf8), at: "/file", in: transaction)
                _ = try drive.add([archive.key], in: transaction)
            }
        }
    }

    /// Writes a file as a made-up writer.
    func writeAs(_ number: Int, _ text: String, to name: String, on index: Int) throws {
        try nodes[index].drive.writeNow { transaction in
            let archive = try archive(number, in: transaction)
            try archive.put(Array(text.utf8), at: "/" + name, in: transaction)
        }
    }
}
