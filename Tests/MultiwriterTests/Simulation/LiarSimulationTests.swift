import Cryptography
import Feeds
import Foundation
import Testing

@testable import Multiwriter

/// Honest drives with a liar among them: they lose nothing but the liar.
@Suite struct LiarSimulationTests {
    /// The liar's drive is in order; what it says is damaged before it is encrypted.
    @Test(arguments: simulationSeeds(60))
    func `frames that are damaged before they are encrypted`(seed: UInt64) throws {
        var simulation = try Simulation(
            seed: 300_000 + seed, topology: Topology.allCases[Int(seed % 4)],
            count: 3 + Int(seed % 3))
        let world = simulation.world
        try world.addDrive("liar")
        let liar = world.nodes.count - 1
        simulation.addLiar(liar)
        for index in 0...liar { try simulation.write(on: index) }
        simulation.connectAll()
        for round in 0..<4 {
            for index in 0..<liar where Bool.random(using: &world.random) {
                connect(liar, to: index, in: world, rate: 3 + 3 * round)
            }
            for _ in 0..<Int.random(in: 0...200, using: &world.random) { world.step() }
            try simulation.write(on: Int.random(in: 0...liar, using: &world.random))
        }
        try simulation.settle()
        try simulation.check()
    }

    private func connect(_ liar: Int, to index: Int, in world: SyncWorld, rate: Int) {
        var random = SplitMix(seed: world.random.next())
        let tampering = Tampering { frame in
            guard Int.random(in: 0..<rate, using: &random) == 0 else { return [frame] }
            return Self.damaged(frame, using: &random)
        }
        world.connect(liar, index) { $0.tampering = tampering }
    }

    /// What a careless or hostile peer might make of a frame.
    static func damaged(_ frame: [UInt8], using random: inout SplitMix) -> [[UInt8]] {
        var frame = frame
        guard !frame.isEmpty else { return [frame] }
        let place = Int.random(in: 0..<frame.count, using: &random)
        switch Int.random(in: 0..<8, using: &random) {
        case 0: return []
        case 1: return [frame, frame]
        case 2: frame.removeLast(frame.count - place)
        case 3: frame.insert(contentsOf: [0xff, 0xff, 0xff, 0xff], at: place)
        case 4: frame.remove(at: place)
        case 5: frame[place] = UInt8.random(in: 0...255, using: &random)
        default: frame[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
        }
        return [frame]
    }

    /// A writer with two copies of its drive who signs another history in each.
    @Test(arguments: simulationSeeds(20))
    func `a writer who signs two histories`(seed: UInt64) throws {
        var simulation = try Simulation(
            seed: 400_000 + seed, topology: Topology.allCases[Int(seed % 4)],
            count: 3 + Int(seed % 4))
        let world = simulation.world
        let count = world.nodes.count
        try world.addDrive("liar")
        simulation.addLiar(count)
        try simulation.write(on: count)
        try world.addTwin(of: count)
        simulation.addLiar(count + 1)
        for index in 0..<world.nodes.count { try simulation.write(on: index) }
        // Histories of different lengths: whoever has one cannot go on with the other.
        for _ in 0...seed % 3 { try simulation.write(on: count) }
        simulation.connectAll()
        for liar in [count, count + 1] {
            world.connect(liar, Int.random(in: 0..<count, using: &world.random))
        }
        for _ in 0..<6 {
            let index = Int.random(in: 0..<world.nodes.count, using: &world.random)
            do {
                try simulation.write(on: index)
            } catch let error as DriveError {
                // The liar may have met its own other history.
                #expect(simulation.liars.contains(index), "\(simulation.note): \(error)")
            }
            for _ in 0..<Int.random(in: 0...60, using: &world.random) { world.step() }
        }
        // Both histories are in the world, of one length and both feeds.
        for liar in [count, count + 1] {
            world.connect(liar, Int.random(in: 0..<count, using: &world.random))
        }
        try simulation.settle()
        // Who froze a feed has closed its channel; what was cut off by that comes anew.
        for wire in world.wires { world.cut(wire) }
        try simulation.settle()
        try simulation.check()
        try expectCaught(count, simulation)
    }

    /// Whoever sees both histories says so by name; nobody goes on with one of them.
    private func expectCaught(_ liar: Int, _ simulation: Simulation) throws {
        let link = simulation.world[liar].link
        var heads: [String] = []
        var marks: [String?] = []
        for index in simulation.honest {
            let drive = simulation.world[index]
            let writers = try drive.readNow { try drive.writers(in: $0) }
            marks.append(writers.first { $0.link == link }?.mark)
            let head = try drive.readNow { snapshot in
                try Simulation.feeds(of: link, drive, snapshot).map { feed in
                    let head = try snapshot.head(of: feed)
                    let isFrozen = try snapshot.traits(of: feed).isFrozen
                    return "\(head.length) \(head.treeHash.hexadecimal.prefix(6)) \(isFrozen)"
                }
            }
            heads.append("\(head)")
        }
        if Set(heads).count > 1 {
            #expect(!marks.contains(nil), "\(simulation.note): \(heads)")
        }
    }
}

extension SyncWorld {
    /// Adds a drive with the same keys and the same files as another.
    func addTwin(of index: Int) throws {
        let drive = nodes[index].drive
        var options = drive.options
        options.presence = .mustExist
        options.primaryKey = nil
        let path = drive.path + "-twin"
        drive.close()
        try FileManager.default.copyItem(atPath: drive.path, toPath: path)
        for (place, path) in [(index, drive.path), (nodes.count, path)] {
            let node = Node(try Drive.open(at: path, options: options), limits: SyncLimits())
            if place < nodes.count { nodes[place] = node } else { nodes.append(node) }
        }
    }
}
