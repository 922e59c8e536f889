import Testing

@testable import Multiwriter

/// Drives that send runs among drives that send blocks one by one, with wires that break in the
/// middle of what is sent.
@Suite struct MixedRunSimulationTests {
    @Test(arguments: simulationSeeds(48))
    func `cut in the middle of runs, everybody has everything in the end`(seed: UInt64) throws {
        let note: Comment = "seed \(seed)"
        let world = try SyncWorld(3, seed: seed &* 0x9E37_79B9)
        world.chunk = [4096, 20_000, 65_536].randomElement(using: &world.random) ?? 4096
        for index in 0..<3 { world.nodes[index].hub.sendsRuns = seed >> UInt64(index) & 1 == 0 }
        var large = ""
        for _ in 0..<40_000 { large += String(world.random.next(), radix: 36) }
        try world.write(large, to: "large", on: 0)
        for number in 0..<60 { try world.write("small \(number)", to: "s\(number)", on: 0) }
        try world.write("other", to: "other", on: 2)
        var wires: [SyncWorld.Wire] = []
        var brokenCount = 0
        for round in 0..<14 {
            for (left, right) in [(0, 1), (1, 2)]
            where !wires.contains(where: { world.isAlive($0) && joins($0, world, left, right) }) {
                wires.append(world.connect(left, right))
            }
            if round == 0 {
                // At least once something large is on its way.
                for _ in 0..<1000 where byteCount(world) < 10_000 { world.step() }
            } else {
                for _ in 0..<Int.random(in: 5...60, using: &world.random) { world.step() }
            }
            if byteCount(world) >= 10_000 { brokenCount += 1 }
            let busiest = wires.filter(world.isAlive).max { byteCount($0) < byteCount($1) }
            let any = wires.filter(world.isAlive).randomElement(using: &world.random)
            guard let wire = round % 2 == 0 ? busiest : any,
                let style = SyncWorld.Cut.allCases.randomElement(using: &world.random)
            else { continue }
            world.cut(wire, style)
            try world.advance(seconds: 1)
            try expectNothingUnproven(world, note)
        }
        for (left, right) in [(0, 1), (1, 2)] { world.connect(left, right) }
        try world.run()
        try world.advance(seconds: 12)
        #expect(brokenCount > 0, note)
        try world.expectEqual([0, 1, 2])
        for index in 0..<3 {
            #expect(try world.read("large", on: index) == large, note)
            #expect(try world.read("s59", on: index) == "small 59", note)
        }
    }

    private func byteCount(_ wire: SyncWorld.Wire) -> Int {
        wire.left.incoming.count + wire.right.incoming.count
    }

    private func byteCount(_ world: SyncWorld) -> Int {
        world.wires.map(byteCount).max() ?? 0
    }

    private func joins(
        _ wire: SyncWorld.Wire, _ world: SyncWorld, _ left: Int, _ right: Int
    ) -> Bool {
        wire.left.node === world.nodes[left] && wire.right.node === world.nodes[right]
    }

    private func expectNothingUnproven(_ world: SyncWorld, _ note: Comment) throws {
        for node in world.nodes {
            let problems = try node.drive.verify().problems
            #expect(problems.isEmpty, note)
        }
    }
}
