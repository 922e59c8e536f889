import Testing

@testable import Multiwriter

@Suite struct GossipScenarioTests {
    /// The thin thread: two drives, one file.
    @Test(arguments: 1...5)
    func `two drives exchange a file`(seed: UInt64) throws {
        let world = try SyncWorld(2, seed: seed)
        try world.write("hello", to: "a.txt", on: 0)
        world.connect(0, 1)
        try world.run()
        #expect(try world.read("a.txt", on: 1) == "hello")
        try world.expectEqual([0, 1])
    }

    /// A–B, B–C, A–B: everyone has everything.
    @Test func `gossip-three`() throws {
        let world = try SyncWorld(3)
        for index in 0..<3 { try world.write("from \(index)", to: "f\(index)", on: index) }
        for (left, right) in [(0, 1), (1, 2), (0, 1)] {
            let wire = world.connect(left, right)
            try world.run()
            world.cut(wire)
            try world.run()
        }
        try world.expectEqual([0, 1, 2])
        for index in 0..<3 { #expect(try world.read("f2", on: index) == "from 2") }
    }

    @Test(arguments: 1...5)
    func `links-spread-over-open-connections`(seed: UInt64) throws {
        let world = try SyncWorld(3, seed: seed)
        for index in 0..<3 { try world.write("from \(index)", to: "f\(index)", on: index) }
        world.connect(0, 1)
        try world.run()
        world.connect(1, 2)
        try world.run()
        try world.expectEqual([0, 1, 2])
    }

    @Test(arguments: 1...5)
    func `a chain of five`(seed: UInt64) throws {
        let world = try SyncWorld(5, seed: seed)
        for index in 0..<5 { try world.write("from \(index)", to: "f\(index)", on: index) }
        for index in 0..<4 { world.connect(index, index + 1) }
        try world.run()
        try world.expectEqual([0, 1, 2, 3, 4])
        #expect(try world.read("f4", on: 0) == "from 4")
    }

    @Test func `a write during a connection arrives`() throws {
        let world = try SyncWorld(2)
        world.connect(0, 1)
        try world.run()
        for number in 0..<10 {
            try world.write("text \(number)", to: "live", on: number % 2)
            try world.run()
            #expect(try world.read("live", on: 1 - number % 2) == "text \(number)")
        }
        try world.expectEqual([0, 1])
    }

    @Test func `a large file passes and a small one is not held up`() throws {
        let world = try SyncWorld(2)
        world.chunk = 1 << 18
        let large = String(repeating: "0123456789abcdef", count: 1 << 17)
        try world.write(large, to: "large", on: 0)
        try world.write("small", to: "small", on: 0)
        world.connect(0, 1)
        try world.run()
        #expect(try world.read("large", on: 1) == large)
        #expect(try world.read("small", on: 1) == "small")
    }

    @Test(arguments: 1...10)
    func `cut anywhere and connected again, nothing is missing`(seed: UInt64) throws {
        let world = try SyncWorld(2, seed: seed)
        world.chunk = 700
        for number in 0..<5 {
            try world.write(String(repeating: "x", count: 5000), to: "f\(number)", on: 0)
        }
        let wire = world.connect(0, 1)
        world.cut(wire, afterSteps: Int(seed) * 7)
        try world.run()
        world.connect(0, 1)
        try world.run()
        try world.expectEqual([0, 1])
    }
}
