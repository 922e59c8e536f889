import CompactEncoding
import Cryptography
import Foundation
import Replication
import Testing

@testable import Multiwriter

/// What connections cost in memory; `MDRIVE_CONNECTIONS=1000` measures what docs/limits.md says.
///
/// Each is measured in a process of its own, where no other test takes or gives back memory.
@Suite struct ConnectionCostTests {
    @Test func `an idle connection costs little`() async {
        await #expect(processExitsWith: .success) { try ConnectionCost.idle() }
    }

    @Test func `a connection that floods costs what is said and no more`() async {
        await #expect(processExitsWith: .success) { try ConnectionCost.flooding() }
    }
}

private enum ConnectionCost {
    static func idle() throws {
        let text = ProcessInfo.processInfo.environment["MDRIVE_CONNECTIONS"]
        let count = text.flatMap { Int($0) } ?? 60
        let hostile = try HostileWorld()
        let before = residentByteCount()
        var imposters: [Imposter] = []
        for _ in 0..<count {
            let imposter = try hostile.imposter()
            _ = try imposter.openCoordinator()
            imposter.flush()
            imposters.append(imposter)
        }
        try hostile.world.run()
        // Both ends are in this process.
        let cost = (residentByteCount() - before) / count
        #expect(imposters.allSatisfy { !$0.isDropped })
        if text != nil { report("\(count) idle connections: \(cost) bytes each") }
        #expect(cost < 256 << 10, "\(cost) bytes for each of \(count)")
        try hostile.expectHonestIsServed()
    }

    static func flooding() throws {
        let hostile = try HostileWorld()
        let imposter = try hostile.imposter()
        imposter.wire.left.isStuck = true
        let channel = try imposter.open(hostile.victim.link)
        imposter.flush()
        try hostile.world.run()
        let before = residentByteCount()
        var most = before
        let words = [UInt32](repeating: 0x5555_5555, count: 65_536)
        for round in 0..<120 as Range<UInt64> {
            imposter.say(.bitfield(start: round << 21, words: words), on: channel)
            imposter.say(.range(isDrop: false, start: round << 22 | 7, length: 3), on: channel)
            imposter.flush()
            imposter.send(frame: [UInt8](repeating: 0, count: 1 << 20))
            try hostile.world.run()
            most = max(most, residentByteCount())
        }
        if ProcessInfo.processInfo.environment["MDRIVE_CONNECTIONS"] != nil {
            report("one flood: \(most - before) bytes")
        }
        #expect(most - before < 96 << 20, "\(most - before) bytes")
        try hostile.expectHonestIsServed()
    }

    private static func report(_ line: String) {
        FileHandle.standardError.write(Data((line + "\n").utf8))
    }
}
