import CompactEncoding
import Cryptography
import Feeds
import Merkle
import Multiplexing
import Replication
import Testing

@testable import Multiwriter

/// Peers that say what is not so: nothing of it is stored, and nobody else suffers.
@Suite struct LyingPeerTests {
    private static let edges: [UInt64] = [
        0, 1, 31, 32, 1 << 20, 1 << 32, (1 << 52) - 1, 1 << 52, (1 << 53) - 32, (1 << 53) - 1,
        1 << 53, 1 << 63, .max - 31, .max,
    ]

    /// Says something on the channel of the victim's index, and looks what has changed.
    private func withLie(
        of key: ((HostileWorld) throws -> FeedKey)? = nil,
        _ body: (HostileWorld, Imposter, Channel) throws -> Void
    ) throws -> (HostileWorld, Imposter) {
        let hostile = try HostileWorld()
        let imposter = try hostile.imposter()
        let state = try hostile.state()
        let channel = try imposter.open(key?(hostile) ?? hostile.victim.link)
        imposter.flush()
        try hostile.world.run()
        let before = residentByteCount()
        try body(hostile, imposter, channel)
        imposter.flush()
        try hostile.world.run()
        try hostile.world.advance(seconds: 3)
        #expect(residentByteCount() - before < 64 << 20)
        #expect(try hostile.state() == state)
        try hostile.expectHonestIsServed()
        return (hostile, imposter)
    }

    @Test(arguments: edges)
    func `numbers at the edges`(number: UInt64) throws {
        _ = try withLie { _, imposter, channel in
            // Bytes as they are: an honest encoder refuses what is above 2^53.
            let value: [UInt8] = [0xff] + withUnsafeBytes(of: number.littleEndian) { Array($0) }
            for body in [
                [7] + value + value + value, [7, 0] + value + [0], [0, 0] + value + [0],
            ] {
                imposter.multiplexer.send(0, on: channel, body: body)
            }
            for type in [2, 4] as [UInt64] {
                imposter.multiplexer.send(type, on: channel, body: value)
            }
            for type in [5, 6, 8] as [UInt64] {
                for body in [value + value, value + [1], [0] + value + value, [1] + value + value] {
                    imposter.multiplexer.send(type, on: channel, body: body)
                }
            }
            imposter.multiplexer.send(7, on: channel, body: value + [1, 255, 255, 255, 255])
            imposter.multiplexer.send(7, on: channel, body: [0] + value)
            // Requests: of a block, a hash, a seek, an upgrade.
            for flags in [1, 2, 4, 8] as [UInt8] {
                imposter.multiplexer.send(
                    1, on: channel, body: [flags, 9, 0] + value + value + value)
            }
        }
    }

    @Test func `one edge at a time`() throws {
        for number in Self.edges {
            for type in 0..<10 as Range<UInt64> {
                let hostile = try HostileWorld()
                let imposter = try hostile.imposter()
                let state = try hostile.state()
                let channel = try imposter.open(hostile.victim.link)
                let value: [UInt8] =
                    [0xff] + withUnsafeBytes(of: number.littleEndian) { Array($0) }
                imposter.multiplexer.send(type, on: channel, body: [1] + value + value + value)
                imposter.multiplexer.send(type, on: channel, body: value + value + value)
                imposter.flush()
                try hostile.world.run()
                #expect(try hostile.state() == state, "\(type) \(number)")
            }
        }
    }

    @Test func `a length of 2^52 without data costs nothing`() throws {
        let (_, imposter) = try withLie(of: { $0.world[0].link }) { _, imposter, channel in
            let huge: UInt64 = 1 << 52
            imposter.say(
                .sync(
                    SyncMessage(
                        fork: 0, length: huge, remoteLength: 0, canUpgrade: true,
                        isDownloading: true, hasManifest: true)), on: channel)
            imposter.say(.range(isDrop: false, start: 0, length: huge), on: channel)
        }
        #expect(!imposter.isDropped)
    }

    /// A feed that the victim follows and has nothing of: the claim is the only one there is.
    @Test func `a claimed length of a feed that nobody else has`() throws {
        let key = FeedKey(Digest.hash(of: [1, 2, 3]))
        let (hostile, imposter) = try withLie(of: { hostile in
            try hostile.victim.addNow([key])
            return key
        }) { _, imposter, channel in
            let huge: UInt64 = (1 << 52) - 1
            for fork in 0..<50 as Range<UInt64> {
                imposter.say(
                    .sync(
                        SyncMessage(
                            fork: fork, length: huge, remoteLength: 0, canUpgrade: true,
                            isDownloading: true, hasManifest: true)), on: channel)
                imposter.say(.range(isDrop: false, start: 0, length: huge), on: channel)
            }
        }
        _ = hostile
        #expect(!imposter.isDropped)
    }

    @Test func `data that nobody asked for`() throws {
        _ = try withLie { hostile, imposter, channel in
            let proof = try Self.proof(ofBlock: 0, of: hostile.world[1].link, in: hostile.world[1])
            for request in [0, 1, 2, 77, 1 << 40] as [UInt64] {
                imposter.say(.data(DataMessage(request: request, proof: proof)), on: channel)
            }
        }
    }

    /// The victim follows the honest drive's feed; the imposter answers with blocks of another.
    @Test func `valid answers of another feed`() throws {
        let hostile = try HostileWorld()
        try hostile.victim.addNow([hostile.world[1].link])
        let imposter = try hostile.imposter()
        let key = hostile.world[1].link
        let channel = try imposter.open(key)
        imposter.say(
            .sync(
                SyncMessage(
                    fork: 0, length: 2, remoteLength: 0, canUpgrade: true, isDownloading: false,
                    hasManifest: true)), on: channel)
        imposter.flush()
        let state = try hostile.state()
        try hostile.world.run()
        let proof = try Self.proof(ofBlock: 0, of: hostile.victim.link, in: hostile.victim)
        for request in 1...40 as ClosedRange<UInt64> {
            imposter.say(.data(DataMessage(request: request, proof: proof)), on: channel)
        }
        imposter.flush()
        try hostile.world.run()
        #expect(try hostile.state() == state)
        try hostile.expectHonestIsServed()
    }

    @Test func `the wrong capability`() throws {
        let hostile = try HostileWorld()
        let imposter = try hostile.imposter()
        try imposter.open(hostile.victim.link, capability: Digest.hash(of: [1]))
        imposter.flush()
        try hostile.world.run()
        #expect(imposter.reason.contains("capability"))
        try hostile.expectHonestIsServed()
    }

    @Test func `the capability of the other end, sent back`() throws {
        let hostile = try HostileWorld()
        let imposter = try hostile.imposter()
        let hash = try #require(imposter.handshakeHash)
        let theirs = Capability.make(
            feedKey: hostile.victim.link, handshakeHash: hash, isInitiator: false)
        try imposter.open(hostile.victim.link, capability: theirs)
        imposter.flush()
        try hostile.world.run()
        #expect(imposter.reason.contains("capability"))
        try hostile.expectHonestIsServed()
    }

    @Test func `a link alone gives no content to who does not know it`() throws {
        let hostile = try HostileWorld()
        let imposter = try hostile.imposter()
        _ = imposter.multiplexer.open(
            ChannelName("hypercore/alpha", id: hostile.victim.link.discoveryKey.bytes),
            handshake: [1])
        imposter.flush()
        try hostile.world.run()
        #expect(imposter.isDropped)
        try hostile.expectHonestIsServed()
    }

    @Test func `unknown types on every channel`() throws {
        let (_, imposter) = try withLie { _, imposter, channel in
            let coordinator = try imposter.openCoordinator()
            for type in [12, 13, 99, 1 << 20, 1 << 52] as [UInt64] {
                for channel in [channel, coordinator] {
                    imposter.multiplexer.send(type, on: channel, body: [1, 2, 3])
                }
            }
            for type in [10, 11] as [UInt64] {
                imposter.multiplexer.send(type, on: coordinator, body: [1, 2, 3])
            }
            imposter.send(frame: [0, 9, 1, 2, 3])
        }
        #expect(!imposter.isDropped)
    }

    @Test(arguments: [10, 11] as [UInt64])
    func `a run that cannot be read ends the connection`(type: UInt64) throws {
        let (_, imposter) = try withLie { _, imposter, channel in
            imposter.multiplexer.send(type, on: channel, body: [1, 2])
        }
        #expect(imposter.isDropped)
    }

    static func proof(
        ofBlock block: UInt64, of key: FeedKey, in drive: Drive
    ) throws -> Proof {
        try drive.readNow { snapshot in
            let feed = try #require(try snapshot.feed(for: key))
            let length = try snapshot.head(of: feed).length
            let request = ProofRequest(
                fork: 0, block: .init(index: block, nodes: 0),
                upgrade: .init(start: 0, length: length), manifest: true)
            return try #require(try snapshot.proof(for: request, of: feed))
        }
    }
}
