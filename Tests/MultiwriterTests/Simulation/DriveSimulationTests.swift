import Testing

@testable import Multiwriter

/// Honest drives under accidents: in the end everybody has everything, and nothing is lost.
@Suite struct DriveSimulationTests {
    @Test(arguments: simulationSeeds(120))
    func `three to six drives`(seed: UInt64) throws {
        let topology = Topology.allCases[Int(seed % 4)]
        var simulation = try Simulation(
            seed: seed, topology: topology, count: 3 + Int(seed / 4 % 3),
            lateCount: Int(seed / 12 % 2))
        simulation.watchEndings()
        try simulation.run(accidentCount: 10 + Int(seed % 20))
        try simulation.check()
    }

    @Test(arguments: simulationSeeds(20))
    func `eight to sixteen drives`(seed: UInt64) throws {
        let topology = Topology.allCases[Int(seed % 4)]
        var simulation = try Simulation(
            seed: 100_000 + seed, topology: topology, count: 8 + Int(seed % 9), lateCount: 2)
        simulation.watchEndings()
        simulation.world.chunk = max(simulation.world.chunk, 4096)
        try simulation.run(accidentCount: 40)
        try simulation.check()
    }

    /// What these have found was seen in one of a hundred runs at the most.
    @Test(arguments: [815, 4576])
    func `three to six drives, where something went wrong`(seed: UInt64) throws {
        try `three to six drives`(seed: seed)
    }

    @Test(arguments: [453, 688])
    func `eight to sixteen drives, where something went wrong`(seed: UInt64) throws {
        try `eight to sixteen drives`(seed: seed)
    }

    @Test(arguments: zip(Topology.allCases, [16, 20, 16, 50]))
    func `up to fifty drives`(topology: Topology, count: Int) throws {
        var simulation = try Simulation(
            seed: 200_000, topology: topology, count: count, lateCount: 2)
        simulation.world.chunk = 65_536
        try simulation.run(accidentCount: 25)
        try simulation.check()
    }
}
