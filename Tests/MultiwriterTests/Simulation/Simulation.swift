import Cryptography
import Foundation
import Testing

@testable import Multiwriter

/// The seeds to try: as many as `MDRIVE_SEEDS` says, or the usual number, from `MDRIVE_FIRST_SEED`;
/// or the one that `MDRIVE_SEED` names.
func simulationSeeds(_ usual: UInt64) -> Range<UInt64> {
    let environment = ProcessInfo.processInfo.environment
    if let seed = environment["MDRIVE_SEED"].flatMap({ UInt64($0) }) { return seed..<seed + 1 }
    let first = environment["MDRIVE_FIRST_SEED"].flatMap { UInt64($0) } ?? 1
    let count = environment["MDRIVE_SEEDS"].flatMap { UInt64($0) }
    return first..<first + (count ?? usual)
}

/// Many drives, a schedule of writes and accidents that a seed decides, and what must hold after.
///
/// The seed decides everything: keys, chunks, order, accidents. Whether the same seed makes the
/// same run to the byte depends on Swift's hashing, which `SWIFT_DETERMINISTIC_HASHING=1` fixes.
struct Simulation {
    let seed: UInt64
    let topology: Topology
    let world: SyncWorld
    /// The drives that lie; nothing is expected of them.
    private(set) var liars: Set<Int> = []
    /// Every write that returned, by drive and name: the text, or `nil` for a removal.
    private(set) var acknowledged: [[String: String?]] = []
    private(set) var edges: [(Int, Int)] = []
    /// Drives that join in the course of the run.
    private var lateCount: Int
    private var mtime: Int64 = 1_000

    var note: Comment { "seed \(seed), \(topology), \(world.nodes.count) drives" }

    init(seed: UInt64, topology: Topology, count: Int, lateCount: Int = 0) throws {
        self.seed = seed
        self.topology = topology
        self.lateCount = lateCount
        world = try SyncWorld(0, seed: seed &* 0x9E37_79B9)
        world.chunk = [150, 700, 4096, 65_536].randomElement(using: &world.random) ?? 4096
        for _ in 0..<count { try addDrive() }
        edges = topology.edges(count, using: &world.random)
    }

    private mutating func addDrive() throws {
        try world.addDrive("d\(world.nodes.count)")
        // Some are of a version that sends blocks one by one.
        let index = world.nodes.count - 1
        world.nodes[index].hub.sendsRuns = (seed / 2 + UInt64(index)) % 3 != 0
        acknowledged.append([:])
    }

    /// Takes in the drive that was added last as one of which nothing is expected.
    mutating func addLiar(_ index: Int) {
        liars.insert(index)
        acknowledged.append([:])
    }

    mutating func connectAll() {
        for (left, right) in edges where !isConnected(left, right) { world.connect(left, right) }
    }

    private func isConnected(_ left: Int, _ right: Int) -> Bool {
        let (one, other) = (world.nodes[left], world.nodes[right])
        return world.wires.contains { wire in
            let ends = [wire.left.node, wire.right.node]
            return world.isAlive(wire) && ends.contains { $0 === one }
                && ends.contains { $0 === other }
        }
    }

    // MARK: What happens

    mutating func run(accidentCount: Int) throws {
        connectAll()
        for _ in 0..<accidentCount {
            try happen()
            for _ in 0..<Int.random(in: 0...60, using: &world.random) { world.step() }
        }
        while lateCount > 0 { try join() }
        try settle()
    }

    /// Connects everybody for long enough.
    mutating func settle() throws {
        for wire in world.wires { wire.isHeld = false }
        for node in world.nodes { node.doom = nil }
        for _ in 0..<3 {
            try world.run()
            world.dropDeadWires()
            connectAll()
            try world.advance(seconds: 2)
        }
        try world.advance(seconds: 25)
    }

    private mutating func happen() throws {
        let index = Int.random(in: 0..<world.nodes.count, using: &world.random)
        switch Int.random(in: 0..<20, using: &world.random) {
        case 0..<7: try write(on: index)
        case 7: try remove(on: index)
        case 8..<10: cut()
        case 10..<12: connectAll()
        case 12: world.wires.randomElement(using: &world.random)?.isHeld = true
        case 13: for wire in world.wires { wire.isHeld = false }
        case 14: try world.restart(index)
        case 15: world.nodes[index].doom = .beforeCommit
        case 16: world.nodes[index].doom = .afterCommit
        case 17: try pass(seconds: Int.random(in: 1...12, using: &world.random))
        case 18: try join()
        default: connectOnce(index)
        }
    }

    mutating func write(on index: Int) throws {
        mtime += 1
        let name = ["a", "b", "folder/c", "d\(index)"].randomElement(using: &world.random) ?? "a"
        let count = [0, 10, 3_000, 150_000].randomElement(using: &world.random) ?? 10
        let text = String(repeating: "\(index).\(mtime) ", count: count / 8 + 1)
        var entry = NewEntry(name: name)
        entry.mtime = Timestamp(milliseconds: mtime)
        var writer = try world[index].makeWriter(for: entry)
        try Array(text.utf8).withUnsafeBytes { try writer.writeNow($0) }
        try writer.finishNow()
        acknowledged[index][name] = text
        world.nudge(index)
    }

    private mutating func remove(on index: Int) throws {
        guard let name = acknowledged[index].keys.sorted().randomElement(using: &world.random),
            try world[index].removeNow(name) > 0
        else { return }
        acknowledged[index][name] = .some(nil)
        world.nudge(index)
    }

    private func cut() {
        guard let wire = world.wires.randomElement(using: &world.random),
            let style = SyncWorld.Cut.allCases.randomElement(using: &world.random)
        else { return }
        world.cut(wire, style)
    }

    private func pass(seconds: Int) throws {
        for _ in 0..<seconds {
            world.now += .seconds(1)
            for node in world.nodes { world.perform([.tick], on: node) }
            for _ in 0..<Int.random(in: 0...20, using: &world.random) { world.step() }
        }
    }

    private mutating func join() throws {
        guard lateCount > 0 else { return }
        lateCount -= 1
        let index = world.nodes.count
        try addDrive()
        edges.append((Int.random(in: 0..<index, using: &world.random), index))
        connectAll()
        try write(on: index)
    }

    private func connectOnce(_ index: Int) {
        let other = Int.random(in: 0..<world.nodes.count, using: &world.random)
        guard other != index else { return }
        world.connect(index, other, isOnce: true)
    }
}
