import CompactEncoding
import Cryptography
import Merkle
import Multiplexing
import Replication
import Testing

@testable import Multiwriter

/// Peers that send more than anybody should take.
@Suite struct FloodingPeerTests {
    private static func link(_ number: Int) -> FeedKey {
        FeedKey(Digest.hash(of: withUnsafeBytes(of: number) { Array($0) }))
    }

    /// Sends something, and expects that the connection ends with the name of the rule.
    private func expectDropped(
        _ rule: String, memory: Int = 96 << 20, _ body: (HostileWorld, Imposter) throws -> Void
    ) throws {
        let hostile = try HostileWorld()
        let imposter = try hostile.imposter()
        let state = try hostile.state()
        let before = residentByteCount()
        try body(hostile, imposter)
        imposter.flush()
        imposter.wire.right.incoming = []
        try hostile.world.run()
        try hostile.world.advance(seconds: 1)
        #expect(imposter.reason.contains(rule))
        #expect(residentByteCount() - before < memory)
        #expect(try hostile.state() == state)
        try hostile.expectHonestIsServed()
    }

    @Test func `channels out of turn`() throws {
        try expectDropped("out of turn") { _, imposter in
            imposter.send(frame: [0, 1, 9, 1, 0x61, 0])
        }
    }

    @Test func `channels without end`() throws {
        try expectDropped("maximumRemoteChannelCount") { _, imposter in
            for number in 0..<20_000 {
                _ = imposter.multiplexer.open(
                    ChannelName("hypercore/alpha", id: Self.link(number).bytes), handshake: [1])
            }
        }
    }

    @Test func `messages for channels that wait`() throws {
        try expectDropped("maximumHeldByteCount") { hostile, imposter in
            let coordinator = try imposter.openCoordinator()
            imposter.tell([Self.link(0)], on: coordinator)
            let channel = imposter.multiplexer.open(
                ChannelName("hypercore/alpha", id: Self.link(1).discoveryKey.bytes),
                handshake: [1])
            guard let channel else { return }
            // All at once, so that the drive cannot answer in between.
            imposter.multiplexer.corked { multiplexer in
                for _ in 0..<9_000 {
                    multiplexer.send(5, on: channel, body: [UInt8](repeating: 0, count: 64))
                }
            }
            imposter.flush()
            let victim = imposter.wire.left
            let bytes = victim.incoming
            victim.incoming = []
            hostile.world.receive(bytes, at: victim, on: imposter.wire)
        }
    }

    @Test(
        arguments: [
            (
                "maximumProtocolByteCount",
                [0xfd, 0xff, 0x7f] + [UInt8](repeating: 0x61, count: 0x7fff)
            ),
            (
                "maximumIDByteCount",
                [1, 0x61, 0xfd, 0xff, 0x7f] + [UInt8](repeating: 0x61, count: 0x7fff)
            ),
            ("malformed", [0xff, 255, 255, 255, 255, 255, 255, 255, 255, 0x61]),
            ("malformed", [1, 0x61, 0xff, 0, 0, 0, 0, 0, 0, 0x20, 0]),
            ("maximumHandshakeByteCount", [1, 0x61, 0] + [UInt8](repeating: 0, count: 70_000)),
        ] as [(String, [UInt8])])
    func `an opening that claims too much`(rule: String, body: [UInt8]) throws {
        try expectDropped(rule) { _, imposter in imposter.send(frame: [0, 1, 1] + body) }
    }

    @Test func `batches in batches`() throws {
        try expectDropped("batch inside a batch") { _, imposter in
            imposter.send(frame: [0, 0, 0, 2, 0, 0])
        }
    }

    @Test func `many empty batch items in a frame of the largest size`() throws {
        let hostile = try HostileWorld()
        let imposter = try hostile.imposter()
        imposter.send(frame: [UInt8](repeating: 0, count: 8 << 20))
        try hostile.world.run()
        try hostile.expectHonestIsServed()
    }

    @Test func `of many who ask and never read, those who ask most are dropped`() throws {
        let hostile = try HostileWorld(large: 12 << 20)
        let writers = try hostile.victim.readNow { try hostile.victim.writers(in: $0) }
        let content = try #require(writers[0].content)
        var imposters: [Imposter] = []
        for number in 0..<20 {
            let imposter = try hostile.imposter()
            imposter.wire.left.isStuck = true
            let channel = try imposter.open(content.key)
            for id in 1...UInt64(number < 10 ? 15_000 : 100) {
                let proof = ProofRequest(
                    fork: 0, block: .init(index: id % content.length, nodes: 0))
                imposter.say(.request(RequestMessage(id: id, proof: proof)), on: channel)
            }
            imposter.flush()
            imposters.append(imposter)
            try hostile.world.run()
        }
        try hostile.world.advance(seconds: 1)
        let peers = hostile.world.nodes[0].hub.peers.values
        let requests = peers.reduce(0) { $0 + $1.budget.queuedRequestCount }
        #expect(requests <= SyncLimits.sharedRequestCount)
        let sums = hostile.world.nodes[0].hub.sums
        #expect(sums.budgets.queuedRequestCount == requests)
        #expect(sums.budgets.pageCount == peers.reduce(0) { $0 + $1.budget.pageCount })
        #expect(sums.outgoingByteCount == peers.reduce(0) { $0 + $1.outgoingByteCount })
        // Together they are served no more than what all peers share.
        let bytes = peers.reduce(0) { $0 + $1.outgoingByteCount }
        #expect(bytes <= SyncLimits.sharedOutgoingByteCount * 2)
        #expect(imposters[..<10].contains { $0.reason.contains("sharedRequestCount") })
        #expect(imposters[10...].allSatisfy { !$0.isDropped })
        try hostile.expectHonestIsServed()
    }

    @Test func `links without end are taken up to the limit`() throws {
        let hostile = try HostileWorld()
        var limits = SyncLimits()
        limits.archiveCount = 50
        let imposter = try hostile.imposter(limits: limits)
        let coordinator = try imposter.openCoordinator()
        let before = residentByteCount()
        for page in 0..<100 {
            imposter.tell((0..<1000).map { Self.link(page * 1000 + $0) }, on: coordinator)
            imposter.flush()
        }
        try hostile.world.run()
        #expect(!imposter.isDropped)
        #expect(residentByteCount() - before < 64 << 20)
        let count = try hostile.victim.readNow { try hostile.victim.archiveCount(in: $0) }
        #expect(count == 51)
        try hostile.expectHonestIsServed()
    }

    @Test func `requests without end, while nothing is read`() throws {
        try expectDropped("maximumQueuedRequestCount") { hostile, imposter in
            imposter.wire.left.isStuck = true
            let channel = try imposter.open(hostile.victim.link)
            for id in 1...40_000 as ClosedRange<UInt64> {
                let proof = ProofRequest(fork: 0, block: .init(index: 1, nodes: 0))
                imposter.say(.request(RequestMessage(id: id, proof: proof)), on: channel)
            }
        }
    }

    @Test func `big blocks are asked for and never read`() throws {
        let hostile = try HostileWorld(large: 12 << 20)
        let imposter = try hostile.imposter()
        imposter.wire.left.isStuck = true
        let writers = try hostile.victim.readNow { try hostile.victim.writers(in: $0) }
        let content = try #require(writers[0].content)
        let channel = try imposter.open(content.key)
        imposter.flush()
        try hostile.world.run()
        let start = imposter.receivedByteCount
        for id in 1...2_000 as ClosedRange<UInt64> {
            let proof = ProofRequest(
                fork: 0, block: .init(index: id % content.length, nodes: 0))
            imposter.say(.request(RequestMessage(id: id, proof: proof)), on: channel)
        }
        imposter.flush()
        try hostile.world.run()
        let limits = SyncLimits()
        let bound = limits.outgoingByteCount + SyncLimits.servingByteCount + (1 << 17)
        #expect(imposter.receivedByteCount - start <= bound)
        #expect(imposter.receivedByteCount - start > limits.outgoingByteCount / 2)
        try hostile.expectHonestIsServed()
    }

    @Test(arguments: [WireMessage.Kind.sync, .noData, .want, .range, .bitfield, .cancel])
    func `one message again and again`(kind: WireMessage.Kind) throws {
        let hostile = try HostileWorld()
        let imposter = try hostile.imposter()
        let state = try hostile.state()
        let channel = try imposter.open(hostile.victim.link)
        let before = residentByteCount()
        for number in 0..<20_000 as Range<UInt64> {
            imposter.say(Self.message(kind, number), on: channel)
            if number % 1000 == 0 { imposter.flush() }
        }
        imposter.flush()
        try hostile.world.run()
        #expect(residentByteCount() - before < 64 << 20)
        #expect(try hostile.state() == state)
        try hostile.expectHonestIsServed()
    }

    private static func message(_ kind: WireMessage.Kind, _ number: UInt64) -> WireMessage {
        switch kind {
        case .sync:
            .sync(
                SyncMessage(
                    fork: number % 3, length: number, remoteLength: 0, canUpgrade: true,
                    isDownloading: number % 2 == 0, hasManifest: true))
        case .noData: .noData(request: number, reason: number % 4)
        case .want: .want(start: number << 20, length: 1 << 20, any: number % 2 == 0)
        case .range: .range(isDrop: number % 5 == 0, start: number &* 99_991, length: number % 7)
        case .bitfield: .bitfield(start: number &* 32_768, words: [1, 2, .max])
        default: .cancel(request: number)
        }
    }
}
