import Feeds
import Multiplexing
import Replication
import Testing

/// Requests that leave out the nodes that earlier ones bring, and answers in any order.
@Suite struct LeaningScenarioTests {
    private let blockCount: UInt64 = 200

    /// A reader that has asked for all blocks, and whose answers come one in a frame.
    private func asked() throws -> (source: Site, reader: Site, Writer, Link) {
        let (source, reader) = (try Site(), try Site())
        source.outgoingLimit = 1
        let writer = try Writer(source)
        try writer.append(count: Int(blockCount), in: source)
        try reader.add(writer.key)
        let (link, other) = try connect(source, reader)
        while link.incoming.count < 1 || link.sent.count < 3 {
            _ = try source.turn()
            _ = try reader.turn()
        }
        return (source, reader, writer, other)
    }

    /// Lets the source answer all it was asked, and takes the frames from the wire.
    private func answers(_ source: Site, _ link: Link) throws -> [[UInt8]] {
        while try source.turn() {}
        defer { link.incoming = [] }
        return link.incoming
    }

    private func expectComplete(_ reader: Site, _ writer: Writer) throws {
        #expect(try reader.head(writer.key).isComplete)
        #expect(try reader.head(writer.key).length == blockCount)
        #expect(!reader.events.contains { if case .invalidData = $0 { true } else { false } })
    }

    @Test func `each node travels once`() throws {
        let (source, reader, writer, link) = try asked()
        let frames = try answers(source, link)
        let nodeByteCount =
            frames.reduce(0) { $0 + $1.count }
            - Int(
                try source.head(writer.key).byteLength)
        // One node of 32 bytes and two numbers for each block, and the frame of the answer.
        #expect(nodeByteCount < 60 * Int(blockCount))
        link.incoming = frames
        try settle([source, reader])
        try expectComplete(reader, writer)
    }

    @Test(arguments: seeds(20))
    func `answers in any order are stored`(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let (source, reader, writer, link) = try asked()
        let requestCount = link.sent.count
        link.incoming = try answers(source, link).shuffled(using: &generator)
        while !link.incoming.isEmpty { _ = try reader.turn(maximumFrameCount: 7) }
        try expectComplete(reader, writer)
        // Nothing was asked for twice: what came early was kept.
        let again = link.sent.dropFirst(requestCount).reduce(0) { $0 + $1.count }
        #expect(again < 100, "seed \(seed)")
    }

    @Test(arguments: [0, 1, 7, 150])
    func `an answer that is lost holds back no other once its peer has left`(
        lost: Int
    ) throws {
        let (source, reader, writer, link) = try asked()
        link.incoming = try answers(source, link)
        link.incoming.remove(at: lost)
        try settle([reader])
        #expect(try !reader.head(writer.key).isComplete)
        disconnect(link)
        try connect(source, reader, seed: 2)
        try settle([source, reader])
        try expectComplete(reader, writer)
    }

    @Test(arguments: [0, 1, 7, 150])
    func `blocks whose proofs lean on a refused one are asked for again`(
        refused: Int
    ) throws {
        let (source, reader, writer, link) = try asked()
        var frames = try answers(source, link)
        // After the length of the message come its type, its flags and the request's number.
        let place = frames[refused][3] == 0xFD ? 6 : 4
        #expect(frames[refused][place] == 3)
        let number = UInt64(frames[refused][place + 2])
        let refusal = WireMessage.noData(request: number, reason: 0)
        let remote = try #require(link.remote)
        let channel = try #require(remote.channel(of: writer.key)?.channel)
        remote.multiplexer.send(
            refusal.kind.rawValue, on: channel, body: refusal.body)
        remote.multiplexer.takeFrames().forEach { frames[refused] = [UInt8]($0) }
        link.incoming = frames
        try settle([source, reader])
        // The refused block too, once the peer has said again that it holds it.
        try expectComplete(reader, writer)
    }
}
