import Testing

@testable import Multiwriter

@Suite struct LiveWriteSimulationTests {
    @Test(arguments: 1...60)
    func `a write at any moment of a connection arrives`(seed: UInt64) throws {
        let world = try SyncWorld(2, seed: seed)
        world.chunk = 300
        try world.write("first", to: "a", on: 0)
        world.connect(0, 1)
        for _ in 0..<Int(seed) { world.step() }
        try world.write("second", to: "b", on: 0)
        try world.run()
        #expect(try world.read("b", on: 1) == "second", "seed \(seed)")
    }
}
