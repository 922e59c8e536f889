import Testing

@testable import Multiwriter

@Suite struct OnceScenarioTests {
    @Test(arguments: 1...10)
    func `both leave when both have everything`(seed: UInt64) throws {
        let world = try SyncWorld(2, seed: seed)
        for index in 0..<2 { try world.write("from \(index)", to: "f\(index)", on: index) }
        let wire = world.connect(0, 1, isOnce: true)
        try world.run()
        for end in [wire.left, wire.right] { #expect(try end.ending?.get() != nil) }
        try world.expectEqual([0, 1])
    }

    @Test func `nothing to exchange ends at once`() throws {
        let world = try SyncWorld(2)
        for _ in 0..<2 {
            let wire = world.connect(0, 1, isOnce: true)
            try world.run()
            for end in [wire.left, wire.right] { #expect(try end.ending?.get() != nil) }
        }
    }

    @Test(arguments: 1...10)
    func `one that stays and one that leaves`(seed: UInt64) throws {
        let world = try SyncWorld(2, seed: seed)
        for index in 0..<2 { try world.write("from \(index)", to: "f\(index)", on: index) }
        let wire = world.connect(0, 1, leftIsOnce: true, rightIsOnce: false)
        try world.run()
        #expect(try wire.left.ending?.get() != nil)
        #expect(try wire.right.ending?.get() != nil)
        try world.expectEqual([0, 1])
    }

    @Test(arguments: 1...20)
    func `a write in the middle makes another round`(seed: UInt64) throws {
        let world = try SyncWorld(2, seed: seed)
        world.chunk = 200
        for index in 0..<2 { try world.write("from \(index)", to: "f\(index)", on: index) }
        let wire = world.connect(0, 1, isOnce: true)
        for _ in 0..<Int(seed) * 3 { world.step() }
        let isEarly = wire.left.ending == nil
        try world.write("late", to: "late", on: 0)
        try world.run()
        for end in [wire.left, wire.right] { #expect(try end.ending?.get() != nil) }
        if isEarly { #expect(try world.read("late", on: 1) == "late") }
    }

    @Test func `a connection that breaks before the end is incomplete`() throws {
        let world = try SyncWorld(2)
        world.chunk = 500
        // Nothing that becomes small on the wire.
        let noise = (0..<100_000).map { _ in Character(Unicode.Scalar(UInt8.random(in: 33...126))) }
        try world.write(String(noise), to: "f", on: 0)
        let wire = world.connect(0, 1, isOnce: true)
        world.cut(wire, afterSteps: 30)
        try world.run()
        #expect(throws: SyncError(.incomplete, "")) { try wire.right.ending?.get() }
    }

    @Test func `a relay that waits for a third does not hold up a round`() throws {
        let world = try SyncWorld(3)
        for index in 0..<3 { try world.write("from \(index)", to: "f\(index)", on: index) }
        world.connect(0, 1)
        try world.run()
        let wire = world.connect(1, 2, leftIsOnce: false, rightIsOnce: true)
        try world.run()
        #expect(try wire.right.ending?.get() != nil)
        try world.expectEqual([0, 1, 2])
    }
}
