import Cryptography
import Feeds
import Foundation
import Testing

@testable import Multiwriter

/// A drive with some files that meets a hostile peer, and an honest drive beside it.
final class HostileWorld {
    let world: SyncWorld
    var victim: Drive { world[0] }

    init(seed: UInt64 = 1, limits: SyncLimits = SyncLimits(), large: Int = 0) throws {
        world = try SyncWorld(2, seed: seed)
        world.chunk = 1 << 16
        try world.write("of the victim", to: "victim", on: 0)
        try world.write("of the honest", to: "honest", on: 1)
        if large > 0 {
            try world.write(
                String(repeating: "0123456789abcdef", count: large / 16), to: "large", on: 0)
        }
    }

    /// A peer that has completed the handshake.
    func imposter(limits: SyncLimits = SyncLimits()) throws -> Imposter {
        let imposter = try Imposter(world, limits: limits)
        try imposter.shakeHands()
        return imposter
    }

    /// Everything that is stored of feeds; what is not proven must not change it.
    func state() throws -> [String] {
        try victim.readNow { snapshot in
            try snapshot.feeds().compactMap { feed in
                let head = try snapshot.head(of: feed)
                if head.length == 0 { return nil }
                let held = try snapshot.heldRanges(in: 0..<head.length, of: feed)
                return "\(feed.key.id) \(head.fork) \(head.length) \(head.treeHash) \(held)"
            }.sorted()
        }
    }

    /// Lets time pass until the hostile peer is dropped.
    func wait(for imposter: Imposter, seconds: Int) throws {
        for _ in 0..<seconds where !imposter.isDropped { try world.advance(seconds: 1) }
    }

    /// The honest drive is served as if nothing had happened, and nothing unproven is stored.
    func expectHonestIsServed(sourceLocation: SourceLocation = #_sourceLocation) throws {
        let name = "live \(world.random.next() % 1000)"
        world.connect(1, 0)
        try world.write("live", to: name, on: 0)
        try world.run()
        try world.expectEqual([0, 1], sourceLocation: sourceLocation)
        #expect(try world.read(name, on: 1) == "live", sourceLocation: sourceLocation)
        #expect(try world.read("honest", on: 0) != nil, sourceLocation: sourceLocation)
        let problems = try victim.verify().problems
        #expect(problems.isEmpty, "\(problems)", sourceLocation: sourceLocation)
    }
}

/// The memory of this process that is in use, in bytes.
func residentByteCount() -> Int {
    guard let text = try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8) else {
        return 0
    }
    let fields = text.split(separator: " ")
    return fields.count > 1 ? (Int(fields[1]) ?? 0) * 4096 : 0
}
