import Archives
import Cryptography
import Feeds
import Replication
import Testing

@testable import Multiwriter

/// A drive with many entries, and one that holds of its index only what it looks up.
@Suite struct IndexLookupScenarioTests {
    private func meet(entryCount: Int) throws -> (SyncWorld, SyncWorld.Wire) {
        let world = try SyncWorld(1)
        var batch = EntryBatch(world[0])
        for number in 0..<entryCount {
            var entry = NewEntry(name: Self.name(number))
            entry.type = .directory
            try batch.add(entry)
            if batch.entryCount == 1_000 { try batch.commit() }
        }
        try batch.commit()
        var options = DriveOptions()
        options.isIndexSparse = true
        try world.addDrive("reader", options)
        let wire = world.connect(0, 1)
        try world.run()
        return (world, wire)
    }

    private static func name(_ number: Int) -> String {
        "folder \(number / 100)/entry \(number % 100)"
    }

    private func index(_ world: SyncWorld) throws -> SyncFeed {
        try #require(world.nodes[1].hub.archives[world[0].link]?.index)
    }

    private func heldCount(_ world: SyncWorld) throws -> UInt64? {
        let writers = try world[1].readNow { try world[1].writers(in: $0) }
        return writers.first { $0.link == world[0].link }?.index.heldCount
    }

    /// Lets everything that is on its way arrive, and nothing that is sent because of it.
    private func fly(_ world: SyncWorld, _ wire: SyncWorld.Wire) {
        let flights = [wire.left, wire.right].map { end -> (SyncWorld.End, [UInt8]) in
            defer { end.incoming = [] }
            return (end, end.incoming)
        }
        for (end, bytes) in flights where !bytes.isEmpty { world.receive(bytes, at: end, on: wire) }
    }

    /// Looks a path up as a waiting reader does; returns how many round trips that took.
    private func lookUp(
        _ name: String, in world: SyncWorld, _ wire: SyncWorld.Wire, telling: Bool = true
    ) throws -> (found: ViewEntry?, roundTrips: Double) {
        let path = try DrivePath(naming: name)
        let drive = world[1]
        var asked: [IndexLack] = []
        var flights = 0
        while flights < 200 {
            let (entry, lacks) = try drive.readNow { snapshot in
                var view = try MergedView(of: drive, in: snapshot)
                let entry = view.entry(at: path, includesDeleted: false, in: snapshot)
                if !view.problems.lacks.isEmpty { view.gatherLacks(at: path, in: snapshot) }
                return (entry, view.problems.lacks)
            }
            if lacks.isEmpty { return (entry, Double(flights) / 2) }
            let news = lacks.map {
                telling ? $0 : IndexLack(feed: $0.feed, block: $0.block, hint: [])
            }
            if news != asked {
                try drive.writeNow { transaction in
                    try drive.unwant(asked, in: transaction)
                    try drive.want(news, in: transaction)
                }
                asked = news
                world.perform([.storeChanged], on: world.nodes[1])
            }
            fly(world, wire)
            flights += 1
        }
        Issue.record("the lookup comes to no end")
        return (nil, .infinity)
    }

    @Test(arguments: [10_000])
    func `a lookup in a sparse index costs two round trips`(count: Int) throws {
        for telling in [false, true] {
            let (world, wire) = try meet(entryCount: count)
            #expect(try #require(try heldCount(world)) <= 2)
            let name = Self.name(count * 5 / 7)
            let (entry, roundTrips) = try lookUp(name, in: world, wire, telling: telling)
            #expect(entry?.path.name == name)
            #expect(telling ? roundTrips == 2 : roundTrips > 10)
            let held = try #require(try heldCount(world))
            #expect(held < 100)
            let again = try lookUp(Self.name(count / 3), in: world, wire, telling: telling)
            #expect(again.found != nil)
            #expect(telling ? again.roundTrips <= 2 : again.roundTrips > 6)
        }
    }

    @Test func `a reader that waits finds an entry and then a folder`() async throws {
        let (world, _) = try meet(entryCount: 3_000)
        let drive = world[1]
        let isOver = Flag()
        let task = Task {
            defer { isOver.set() }
            let entry = try await drive.entry(at: Self.name(1_234), waiting: .seconds(60))
            var names: [String] = []
            for try await entry in try drive.entries(in: "folder 7", waiting: .seconds(60)) {
                names.append(entry.path.name)
            }
            return (entry?.path.name, names)
        }
        while !isOver.isSet {
            try world.run()
            await Task.yield()
        }
        let (name, names) = try await task.value
        #expect(name == Self.name(1_234))
        #expect(names.count == 100)
        #expect(try #require(try heldCount(world)) < 600)
        #expect(try drive.readNow { try drive.lacks(in: $0) }.isEmpty)
    }

    @Test func `a path that is nowhere is waited for no longer than stated`() async throws {
        let (world, wire) = try meet(entryCount: 500)
        wire.isHeld = true
        let drive = world[1]
        await #expect(throws: DriveError(.timedOut, "")) {
            try await drive.entry(at: "nowhere", waiting: .milliseconds(1))
        }
        #expect(try drive.readNow { try drive.lacks(in: $0) }.isEmpty)
    }

    // MARK: Hostile answers

    private func cache(_ blocks: [UInt64], end: UInt64? = nil) -> [UInt8] {
        IndexHint(
            cache: IndexHint.Cache(
                start: 0, end: end ?? ((blocks.max() ?? 0) &+ 1), blocks: blocks)
        ).message
    }

    @Test func `an answer that nobody asked for fetches nothing`() throws {
        let (world, _) = try meet(entryCount: 500)
        let feed = try index(world)
        let peer = try #require(feed.links.values.first?.peer)
        #expect(!feed.note(hint: cache(Array(1..<400)), from: peer))
        world.nodes[1].hub.mark(feed)
        try world.advance(seconds: 1)
        #expect(try #require(try heldCount(world)) <= 2)
    }

    @Test func `a peer that was asked can name only so many blocks, and none that is not there`()
        throws
    {
        let (world, wire) = try meet(entryCount: 10_000)
        wire.isHeld = true
        let feed = try index(world)
        let peer = try #require(feed.links.values.first?.peer)
        let drive = world[1]
        let lacks = try drive.readNow { snapshot in
            var view = try MergedView(of: drive, in: snapshot)
            _ = view.entry(at: try DrivePath(naming: "x"), includesDeleted: false, in: snapshot)
            return view.problems.lacks
        }
        try drive.writeNow { try drive.want(lacks, in: $0) }
        world.perform([.storeChanged], on: world.nodes[1])
        let length = feed.session.length
        // Beyond the end, beyond its own bounds, and numbers that no feed reaches.
        #expect(!feed.note(hint: cache([length, length + 1, .max - 1], end: .max), from: peer))
        #expect(!feed.note(hint: cache([5, 6, 7], end: 3), from: peer))
        var taken = 0
        for round in 0..<200 {
            let start = UInt64(round) * 50
            if feed.note(hint: cache(Array(start..<start + 50)), from: peer) { taken += 1 }
        }
        #expect(taken > 0 && (taken - 1) * 50 < ArchiveLimits.maximumHintedBlocks)
        // All of it again, and one message with far more than any honest one has.
        #expect(!feed.note(hint: cache(Array(0..<9_000)), from: peer))
        #expect(!feed.note(hint: Array(repeating: 0xff, count: 70_000), from: peer))
        wire.isHeld = false
        try world.run()
        #expect(wire.right.ending == nil)
        let most = UInt64(ArchiveLimits.maximumHintedBlocks + 100)
        #expect(try #require(try heldCount(world)) <= most)
    }

    @Test func `an answer from one who has left is not listened to`() throws {
        let (world, wire) = try meet(entryCount: 500)
        let feed = try index(world)
        let peer = try #require(feed.links.values.first?.peer)
        world.cut(wire)
        try world.run()
        #expect(!feed.note(hint: cache(Array(1..<400)), from: peer))
    }
}
