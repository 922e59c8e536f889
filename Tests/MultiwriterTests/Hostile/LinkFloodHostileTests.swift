import Cryptography
import Feeds
import Testing

@testable import Multiwriter

/// Peers that tell of archives which nobody serves.
@Suite struct LinkFloodTests {
    private static func links(_ numbers: Range<Int>) -> [FeedKey] {
        numbers.map { FeedKey(Digest.hash(of: withUnsafeBytes(of: $0) { Array($0) })) }
    }

    private func count(_ drive: Drive) throws -> Int {
        try drive.readNow { try drive.archiveCount(in: $0) }
    }

    /// Feeds in the store, those of archives and of their contents.
    private func feedCount(_ drive: Drive) throws -> Int {
        try drive.readNow { try $0.feeds().count }
    }

    private func flood(
        _ world: SyncWorld, _ numbers: Range<Int>, to index: Int = 0
    ) throws -> Imposter {
        let imposter = try Imposter(world, to: index)
        try imposter.shakeHands()
        let coordinator = try imposter.openCoordinator()
        for start in stride(from: numbers.lowerBound, to: numbers.upperBound, by: 1000) {
            let end = min(start + 1000, numbers.upperBound)
            imposter.tell(Self.links(start..<end), on: coordinator)
        }
        imposter.flush()
        try world.run()
        return imposter
    }

    @Test func `an honest link is taken where others have filled the drive`() throws {
        var options = DriveOptions()
        options.maximumArchiveCount = 200
        let world = try SyncWorld(1, options: options)
        world.chunk = 1 << 16
        var imposters: [Imposter] = []
        for number in 0..<4 {
            imposters.append(try flood(world, number * 1000..<number * 1000 + 150))
        }
        #expect(try count(world[0]) == 200)
        try world.addDrive("honest")
        try world.write("of the honest", to: "honest", on: 1)
        try world.fill(1, with: 0..<30)
        world.connect(0, 1)
        try world.run()
        #expect(try count(world[0]) == 200)
        let known = try world[0].readNow { Set(try world[0].links(in: $0)) }
        let honest = try world[1].readNow { snapshot in
            try world[1].links(in: snapshot).filter { link in
                guard let feed = try snapshot.feed(for: link) else { return false }
                return try snapshot.head(of: feed).length > 0
            }
        }
        #expect(honest.count == 31)
        #expect(honest.allSatisfy(known.contains))
        #expect(try world.read("honest", on: 0) == "of the honest")
        #expect(imposters.allSatisfy { !$0.isDropped })
        // What is known to be nothing goes on giving way, what is proven does not.
        _ = try flood(world, 10_000..<10_400)
        let later = try world[0].readNow { Set(try world[0].links(in: $0)) }
        #expect(honest.allSatisfy(later.contains))
    }

    @Test func `links of nothing are forgotten with their teller, but for a few`() throws {
        let world = try SyncWorld(1)
        world.chunk = 1 << 16
        try world.write("own", to: "own", on: 0)
        let added = Self.links(90_000..<90_003)
        try world[0].addNow(added)
        for round in 0..<3 {
            let imposter = try flood(world, round * 10_000..<round * 10_000 + 1_500)
            #expect(try count(world[0]) >= 1_504)
            world.cut(imposter.wire)
            try world.run()
            #expect(try count(world[0]) == 4 + SyncLimits.keptVainCount)
            #expect(try feedCount(world[0]) == 5 + SyncLimits.keptVainCount)
        }
        let known = try world[0].readNow { Set(try world[0].links(in: $0)) }
        #expect(added.allSatisfy(known.contains))
        #expect(try world[0].verify().problems.isEmpty)
        // What was forgotten can be learnt anew, and by then be served.
        try world.addDrive("honest")
        try world.fill(1, with: 0..<20)
        let links = try world[1].readNow { try world[1].links(in: $0) }
        let imposter = try Imposter(world)
        try imposter.shakeHands()
        imposter.tell(links, on: try imposter.openCoordinator())
        imposter.flush()
        try world.run()
        world.cut(imposter.wire)
        world.connect(0, 1)
        try world.run()
        #expect(try world.read("file", on: 0) != nil)
    }

    @Test func `links of nothing do not spread`() throws {
        let world = try SyncWorld(3)
        world.chunk = 1 << 16
        for index in 0..<3 { try world.write("from \(index)", to: "f\(index)", on: index) }
        let early = try flood(world, 0..<1_500)
        world.connect(0, 1)
        world.connect(1, 2)
        try world.run()
        let late = try flood(world, 5_000..<6_500)
        for index in [1, 2] {
            #expect(try count(world[index]) <= 3 + SyncLimits.vainLinkCount)
        }
        try world.write("late", to: "late", on: 0)
        try world.run()
        #expect(try world.read("late", on: 2) == "late")
        #expect(!early.isDropped && !late.isDropped)
    }

    @Test func `a drive with many writers is told of at once`() throws {
        let world = try SyncWorld(3)
        world.chunk = 1 << 16
        try world.fill(0, with: 0..<700)
        world.connect(0, 1)
        world.connect(1, 2)
        try world.run()
        try world.expectEqual([0, 1, 2])
    }

    @Test func `two processes of one drive agree on what is forgotten`() throws {
        let world = try SyncWorld(1)
        world.chunk = 1 << 16
        try world.write("own", to: "own", on: 0)
        // A second hub on the same store stands for another process.
        let other = SyncWorld.Node(world[0], limits: SyncLimits())
        world.nodes.append(other)
        let imposter = try flood(world, 0..<1_000)
        try world.run()
        try world.addDrive("honest")
        try world.write("news", to: "news", on: 2)
        world.connect(1, 2)
        try world.run()
        world.cut(imposter.wire)
        try world.run()
        try world.advance(seconds: 3)
        try world.write("more", to: "more", on: 2)
        try world.run()
        #expect(try world.read("more", on: 1) == "more")
        #expect(other.hub.archives.count == (try count(world[0])))
        #expect(try count(world[0]) <= 2 + SyncLimits.keptVainCount + SyncLimits.vainLinkCount)
    }
}
