import Testing

@testable import Multiwriter

/// Honest drives under accidents: in the end everybody has everything, and nothing is lost.
@Suite struct DriveSimulationTests {
    @Test(arguments: simulationSeeds(150))
    func `three to six drives`(seed: UInt64) throws {
        let topology = Topology.allCases[Int(seed % 4)]
        var simulation = try Simulation(
            seed: seed, topology: topology, count: 3 + Int(seed / 4 % 3),
            lateCount: Int(seed / 12 % 2))
        simulation.watchEndings()
        try simulation.run(accidentCount: 10 + Int(seed % 20))
        try simulation.check()
    }

    @Test(arguments: simulationSeeds(6))
    func `eight to sixteen drives`(seed: UInt64) throws {
        let topology = Topology.allCases[Int(seed % 4)]
        var simulation = try Simulation(
            seed: 100_000 + seed, topology: topology, count: 8 + Int(seed % 9), lateCount: 2)
        simulation.watchEndings()
        simulation.world.chunk = max(simulation.world.chunk, 4096)
        try simulation.run(accidentCount: 40)
        try simulation.check()
    }

    @Test(arguments: Topology.allCases)
    func `fifty drives`(topology: Topology) throws {
        var simulation = try Simulation(
            seed: 200_000, topology: topology, count: topology == .random ? 50 : 25, lateCount: 3)
        simulation.world.chunk = 65_536
        try simulation.run(accidentCount: 60)
        try simulation.check()
    }
}
