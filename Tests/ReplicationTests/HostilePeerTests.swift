import CompactEncoding
import Cryptography
import Feeds
import Merkle
import Multiplexing
import Replication
import Testing

/// Peers that lie; what is stored must be true all the same, and others are served.
@Suite struct HostilePeerTests {
    @Test(arguments: seeds(60))
    func `nothing untrue is stored, whichever bits are flipped`(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let (source, reader) = (try Site(), try Site())
        reader.asksForRuns = seed % 2 == 0
        let writer = try Writer(source)
        try writer.append(count: 60, in: source)
        try reader.add(writer.key)
        let (link, _) = try connect(source, reader)
        for round in 0..<60 {
            _ = try source.turn(maximumFrameCount: 2)
            damage(link, using: &generator)
            _ = try reader.turn(maximumFrameCount: 2)
            if round % 17 == 9 { try writer.append(count: 3, in: source) }
        }
        try expectTruth(reader, source, writer, "seed \(seed)")
        // An honest peer beside it brings everything.
        disconnect(link)
        try connect(source, reader, seed: 2)
        try settle([source, reader])
        #expect(try reader.head(writer.key) == source.head(writer.key), "seed \(seed)")
        #expect(try reader.head(writer.key).isComplete, "seed \(seed)")
    }

    private func damage(_ link: Link, using generator: inout SeededGenerator) {
        guard let remote = link.remote else { return }
        for index in remote.incoming.indices where Int.random(in: 0..<4, using: &generator) == 0 {
            guard !remote.incoming[index].isEmpty else { continue }
            switch Int.random(in: 0..<5, using: &generator) {
            case 0:
                remote.incoming[index].removeLast(
                    Int.random(in: 0..<remote.incoming[index].count, using: &generator))
            case 1:
                remote.incoming[index].append(contentsOf: [255, 255, 255, 255, 255, 255])
            default:
                let place = Int.random(in: 0..<remote.incoming[index].count, using: &generator)
                remote.incoming[index][place] ^= 1 << UInt8.random(in: 0...7, using: &generator)
            }
        }
    }

    private func expectTruth(
        _ reader: Site, _ source: Site, _ writer: Writer, _ comment: String
    ) throws {
        for range in try reader.held(writer.key) {
            for index in range {
                let block = try reader.block(index, of: writer.key)
                #expect(try block == source.block(index, of: writer.key), "\(comment)")
            }
        }
        let length = try reader.head(writer.key).length
        #expect(try length <= source.head(writer.key).length, "\(comment)")
    }

    @Test func `a wrong capability ends the connection`() throws {
        let (source, reader) = (try Site(), try Site())
        let writer = try Writer(source)
        try reader.add(writer.key)
        let (left, right) = try connect(source, reader)
        // Both say that they are the initiator.
        let liar = Link(site: reader, isInitiator: true, handshakeHash: right.handshakeHash)
        liar.remote = left
        left.remote = liar
        reader.links = [liar]
        try reader.open(writer.key, on: liar)
        try settle([source, reader])
        let violation = left.violation ?? liar.violation
        #expect(violation as? ProtocolViolation == .invalidMessage("capability"))
    }

    /// Sends raw messages in the name of a reader.
    private func flood(
        _ body: (inout Multiplexer, Channel) -> Void
    ) throws -> (source: Site, link: Link) {
        let (source, reader) = (try Site(), try Site())
        let writer = try Writer(source)
        try writer.append(count: 10, in: source)
        try reader.add(writer.key, wantsEverything: false)
        let (link, other) = try connect(source, reader)
        try settle([source, reader])
        let channel = try #require(other.channel(of: writer.key)?.channel)
        body(&other.multiplexer, channel)
        _ = try reader.turn()
        _ = try source.turn()
        return (source, link)
    }

    @Test func `too many requests end the connection`() throws {
        let (_, link) = try flood { multiplexer, channel in
            for id in 0..<20_000 as Range<UInt64> {
                multiplexer.send(
                    1, on: channel,
                    body: RequestMessage(
                        id: id, proof: ProofRequest(fork: 0, block: .init(index: 1, nodes: 0))
                    ).body)
            }
        }
        #expect(
            link.violation as? ProtocolViolation
                == .limitExceeded("maximumQueuedRequestCount"))
    }

    @Test func `requests for runs count like others`() throws {
        let request = RunRequest(fork: 0, index: TreeIndex(1), nodes: 0, maximumByteCount: 9)
        let (_, link) = try flood { multiplexer, channel in
            for id in 0..<20_000 as Range<UInt64> {
                multiplexer.send(
                    10, on: channel, body: WireMessage.runRequest(id: id, request).encoded)
            }
        }
        #expect(
            link.violation as? ProtocolViolation
                == .limitExceeded("maximumQueuedRequestCount"))
    }

    @Test func `runs that nobody can prove end the connection at last`() throws {
        let (source, link) = try flood { multiplexer, channel in
            for id in 0..<100 as Range<UInt64> {
                let index = id % 2 == 0 ? TreeIndex(.max >> id) : TreeIndex(21)
                let request = RunRequest(
                    fork: 0, index: TreeIndex(min(index.value, 1 << 53 - 1)), nodes: id,
                    maximumByteCount: 1 << 53 - 1)
                multiplexer.send(
                    10, on: channel, body: WireMessage.runRequest(id: id, request).encoded)
            }
        }
        try settle([source])
        #expect(
            link.violation as? ProtocolViolation
                == .limitExceeded("maximumInvalidRequestCount"))
    }

    @Test func `requests that nobody can prove end the connection at last`() throws {
        let (source, link) = try flood { multiplexer, channel in
            for id in 0..<100 as Range<UInt64> {
                multiplexer.send(
                    1, on: channel,
                    body: RequestMessage(
                        id: id,
                        proof: ProofRequest(fork: 0, upgrade: .init(start: 0, length: 99 + id))
                    ).body)
            }
        }
        _ = source
        #expect(
            link.violation as? ProtocolViolation
                == .limitExceeded("maximumInvalidRequestCount"))
    }

    @Test func `huge claims cost nothing`() throws {
        let (source, link) = try flood { multiplexer, channel in
            let huge: UInt64 = 1 << 52
            for message in [
                WireMessage.range(isDrop: false, start: 5, length: huge),
                .range(isDrop: false, start: 0, length: huge),
                .range(isDrop: true, start: 77, length: huge),
                .bitfield(start: huge, words: [1, 2, 3]),
                .want(start: huge, length: 2_097_152, any: false),
                .sync(
                    SyncMessage(
                        fork: huge, length: huge, remoteLength: huge, canUpgrade: true,
                        isDownloading: true, hasManifest: true)),
                .cancel(request: huge), .noData(request: huge, reason: 9),
            ] {
                multiplexer.send(message.kind.rawValue, on: channel, body: message.body)
            }
            for page in 0..<2_000 as Range<UInt64> {
                let message = WireMessage.range(isDrop: false, start: page * 99_991, length: 1)
                multiplexer.send(message.kind.rawValue, on: channel, body: message.body)
            }
        }
        #expect(link.violation == nil)
        _ = try source.turn()
    }
}
