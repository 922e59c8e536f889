import Archives
import Cryptography
import Feeds
import Synchronization
import Testing

@testable import Multiwriter

/// A full drive and a sparse one that are connected, with files of several blocks.
@Suite struct OnDemandScenarioTests {
    private static let blockByteCount = DriveLimits.blockByteCount

    private static func text(_ letter: String, blocks: Int) -> String {
        String(repeating: letter, count: blocks * blockByteCount - 7)
    }

    private func meet(sparseCount: Int = 1) throws -> SyncWorld {
        let world = try SyncWorld(1)
        for (name, letter) in [("f/a", "a"), ("f/b", "b"), ("g", "g")] {
            try world.write(Self.text(letter, blocks: 3), to: name, on: 0)
        }
        for number in 1...sparseCount {
            try world.addDrive("sparse\(number)", DriveOptions(isSparse: true))
            world.connect(0, number)
        }
        try world.run()
        return world
    }

    private func held(_ world: SyncWorld, on index: Int) throws -> UInt64? {
        let drive = world[index]
        let writers = try drive.readNow { try drive.writers(in: $0) }
        return writers.first { $0.link == world[0].link }?.content?.heldCount
    }

    private func contentKey(_ world: SyncWorld) throws -> FeedKey {
        try #require(try world[0].readNow { try world[0].writers(in: $0) }[0].content?.key)
    }

    /// Lets what another task asked for be fetched, as often as it asks.
    private func run<Value>(
        _ world: SyncWorld, until task: Task<Value, any Error>
    ) async throws -> Value {
        let isOver = Flag()
        let watch = Task {
            _ = await task.result
            isOver.set()
        }
        while !isOver.isSet {
            try world.run()
            await Task.yield()
        }
        await watch.value
        return try await task.value
    }

    @Test func `content is fetched while somebody reads it`() async throws {
        let world = try meet()
        let drive = world[1]
        let version = try #require(try await drive.entry(at: "f/b")?.shown)
        let task = Task {
            try await drive.contents(of: version, timeout: .seconds(60)).collected()
        }
        let bytes = try await run(world, until: task)
        #expect(String(decoding: bytes, as: UTF8.self) == Self.text("b", blocks: 3))
        #expect(try held(world, on: 1) == 3)
        #expect(try drive.readNow { try drive.wants(in: $0) }.isEmpty)
    }

    @Test func `one who waits in vain is told so, and nothing stays asked for`() async throws {
        let world = try meet()
        let drive = world[1]
        let version = try #require(try await drive.entry(at: "f/b")?.shown)
        var reader = try await drive.reader(of: version, waiting: .milliseconds(1))
        await #expect(throws: DriveError(.timedOut, "")) {
            try await reader.next(waiting: .milliseconds(1))
        }
        #expect(try drive.readNow { try drive.wants(in: $0) }.isEmpty)
        await #expect(throws: DriveError(.notHere, "")) { try await reader.next(waiting: .zero) }
    }

    @Test func `a byte cursor waits as well`() async throws {
        let world = try meet()
        let drive = world[1]
        let version = try #require(try await drive.entry(at: "g")?.shown)
        let task = Task {
            var cursor = drive.makeByteCursor(for: version, timeout: .seconds(60))
            cursor.seek(to: 2 * Self.blockByteCount + 5)
            return try await cursor.next()
        }
        let piece = try await run(world, until: task)
        #expect(piece?.count == Self.blockByteCount - 7 - 5)
        // The first block of the file tells where the others are.
        #expect(try held(world, on: 1) == 2)
    }

    @Test func `a folder is fetched, and nothing else`() async throws {
        let world = try meet()
        let drive = world[1]
        let task = Task { try await drive.download(at: "f", timeout: .seconds(60)) }
        let report = try await run(world, until: task)
        #expect(report.progress.isComplete)
        #expect(report.progress.fileCount == 2)
        #expect(report.progress.blockCount == 6)
        #expect(try held(world, on: 1) == 6)
        #expect(try world.read("f/a", on: 1) == Self.text("a", blocks: 3))
        #expect(throws: DriveError(.notHere, "")) { try world.read("g", on: 1) }
        #expect(try drive.readNow { try drive.wants(in: $0) }.isEmpty)
    }

    @Test func `bytes of a file are fetched, and nothing else`() async throws {
        let world = try meet()
        let drive = world[1]
        let version = try #require(try await drive.entry(at: "f/b")?.shown)
        let bytes = BlobRange(from: UInt64(Self.blockByteCount) + 5, length: 10)
        let task = Task {
            try await drive.download(version, bytes: bytes, timeout: .seconds(60))
        }
        try await run(world, until: task)
        // The first block of the file tells where the others are.
        #expect(try held(world, on: 1) == 2)
    }

    @Test func `what did not come is named, and stays asked for`() async throws {
        let world = try meet()
        world.wires[0].isHeld = true
        let report = try await world[1].download(at: "/", timeout: .milliseconds(1))
        #expect(!report.progress.isComplete)
        #expect(report.progress.missingCount == 9)
        #expect(report.missing.map(\.name) == ["f/a", "f/b", "g"])
        #expect(report.missing.map(\.presence.missingCount) == [3, 3, 3])
        #expect(try world[1].readNow { try world[1].wants(in: $0) }.map(\.blocks) == [0..<9])
        await #expect(throws: DriveError(.unknownName, "")) {
            try await world[1].download(at: "none")
        }
    }

    @Test func `peers are told what was freed`() throws {
        let world = try meet(sparseCount: 2)
        let key = try contentKey(world)
        try world[1].writeNow { _ = try world[1].want([Want(feed: key, blocks: 0..<9)], in: $0) }
        try world.run()
        world.cut(world.wires[1])
        world.connect(1, 2)
        try world.run()
        let feed = try #require(
            world.nodes[2].hub.feeds[key.discoveryKey])
        let report = try world[1].clearNow("f/a")
        #expect(report.fileCount == 1 && report.blockCount == 3)
        #expect(report.byteCount == UInt64(Self.text("a", blocks: 3).utf8.count))
        try world.run()
        #expect(feed.links.count == 1)
        // The one that could serve these blocks cannot any more; the other six it can.
        try world[2].writeNow { _ = try world[2].want([Want(feed: key, blocks: 0..<9)], in: $0) }
        try world.run()
        #expect(try held(world, on: 2) == 6)
        let areSettled = world.nodes[2].hub.status.peers.allSatisfy { $0.isSettled }
        #expect(areSettled)
    }

    @Test func `two sparse drives fetch from each other what they want, and come to rest`() throws {
        let world = try meet(sparseCount: 2)
        let key = try contentKey(world)
        func want(_ blocks: Range<UInt64>, on index: Int) throws {
            try world[index].writeNow {
                _ = try world[index].want([Want(feed: key, blocks: blocks)], in: $0)
            }
        }
        try want(0..<4, on: 1)
        try want(3..<8, on: 2)
        try world.run()
        for wire in world.wires { world.cut(wire) }
        try world.run()
        try want(5..<7, on: 1)
        try want(0..<2, on: 2)
        // Nobody here has the last one.
        try want(8..<9, on: 2)
        let wire = world.connect(1, 2, isOnce: true)
        try world.run(limit: 5000)
        for end in [wire.left, wire.right] { #expect(try end.ending?.get() != nil) }
        #expect(try held(world, on: 1) == 6)
        #expect(try held(world, on: 2) == 7)
        let again = world.connect(1, 2, isOnce: true)
        try world.run(limit: 5000)
        for end in [again.left, again.right] { #expect(try end.ending?.get() != nil) }
        #expect(again.byteCount < 20_000)
    }

    @Test func `what the drive is told lasts, and a sync that runs follows it`() throws {
        let world = try SyncWorld(2)
        try world.write(Self.text("x", blocks: 2), to: "x", on: 0)
        try world[1].setSparseNow(true)
        world.connect(0, 1)
        try world.run()
        #expect(try held(world, on: 1) == 0)
        #expect(!world[1].options.isSparse)
        try world[1].setSparseNow(false)
        try world.run()
        #expect(try held(world, on: 1) == 2)
        try world[1].setSparseNow(true)
        try world.run()
        try world.write("later", to: "y", on: 0)
        try world.run()
        #expect(try held(world, on: 1) == 2)
        #expect(try world[1].entryNow(at: "y") != nil)
    }
}

final class Flag: Sendable {
    private let value = Mutex(false)
    var isSet: Bool { value.withLock { $0 } }
    func set() { value.withLock { $0 = true } }
}
