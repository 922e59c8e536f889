import Testing

@testable import Multiwriter

/// What is on the wire is doubled, swapped, repeated or cut: the encryption tells.
@Suite struct DamagedWireTests {
    enum Damage: CaseIterable { case doubled, swapped, repeated, dropped, shortened }

    @Test(arguments: Damage.allCases)
    func `frames that did not come as they were sent`(damage: Damage) throws {
        for place in 0..<6 {
            let hostile = try HostileWorld(seed: UInt64(place) + 1)
            let imposter = try hostile.imposter()
            let state = try hostile.state()
            let channel = try imposter.openCoordinator()
            _ = channel
            imposter.flush()
            var frames = (0..<8).map { imposter.encrypted([0, 9, UInt8($0)]) }
            switch damage {
            case .doubled: frames.insert(frames[place], at: place)
            case .swapped: frames.swapAt(place, place + 1)
            case .repeated: frames.append(frames[place])
            case .dropped: frames.remove(at: place)
            case .shortened: frames[place].removeLast()
            }
            for frame in frames { imposter.send(raw: frame) }
            try hostile.world.run()
            // A frame that is too short waits for bytes of the next.
            #expect(imposter.reason.contains("encrypted stream"))
            #expect(try hostile.state() == state)
            try hostile.expectHonestIsServed()
        }
    }

    /// Well encrypted, and twice: the channel is opened twice, and messages are told twice.
    @Test(arguments: 1...12)
    func `frames that are sent twice by their sender`(seed: UInt64) throws {
        let world = try SyncWorld(3, seed: seed)
        for index in 0..<3 { try world.write("from \(index)", to: "f\(index)", on: index) }
        var random = SplitMix(seed: seed)
        var past: [[UInt8]] = []
        let tampering = Tampering { frame in
            past.append(frame)
            guard Int.random(in: 0..<4, using: &random) == 0,
                let old = past.randomElement(using: &random)
            else { return [frame] }
            return [frame, old]
        }
        world.connect(2, 0) { $0.tampering = tampering }
        world.connect(0, 1)
        try world.run()
        try world.advance(seconds: 5)
        #expect(try world.read("f1", on: 0) == "from 1")
        #expect(try world.read("f0", on: 1) == "from 0")
        #expect(try world[0].verify().problems.isEmpty)
    }
}
