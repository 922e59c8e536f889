import Feeds
import Testing

/// Found by the fuzz target `feed-session`.
@Suite struct StaleRefusalScenarioTests {
    @Test(arguments: 0..<16)
    func `a writer that leaves a fork while it is asked is followed`(turnCount: Int) throws {
        let (source, reader, writer) = try connected(blockCount: 30)
        try work(source, reader, turnCount)
        try writer.truncate(to: 7, in: source)
        try settle([source, reader])
        #expect(try reader.head(writer.key) == source.head(writer.key))
    }

    /// The refusal of a part of the fork between comes when the last fork was announced.
    @Test(arguments: 0..<12, 0..<12)
    func `a writer that leaves a fork while it is followed is copied`(
        before: Int, between: Int
    ) throws {
        let (source, reader, writer) = try connected(blockCount: 30)
        try work(source, reader, before)
        try writer.truncate(to: 6, in: source)
        try work(reader, source, between)
        try writer.truncate(to: 6, in: source)
        try settle([source, reader])
        #expect(try reader.head(writer.key) == source.head(writer.key))
    }

    /// All requests that wait are refused at once, since their fork is no more.
    @Test func `a writer that leaves forks while all of them is asked for is copied`() throws {
        let (source, reader, writer) = try connected(blockCount: 1_200)
        for round in 1...40 {
            var turnCount = 0
            while try reader.head(writer.key).fork != source.head(writer.key).fork
                || reader.head(writer.key).length == 0
            {
                try work(source, reader, 2)
                turnCount += 1
                try #require(turnCount < 1_000, "round \(round)")
            }
            try writer.truncate(to: UInt64(1_200 - round), in: source)
        }
        try settle([source, reader])
        #expect(try reader.head(writer.key) == source.head(writer.key))
    }

    /// A writer of some blocks, and one who follows it.
    private func connected(blockCount: Int) throws -> (source: Site, reader: Site, Writer) {
        let (source, reader) = (try Site(), try Site())
        let writer = try Writer(source)
        try writer.append(count: blockCount, in: source)
        try reader.add(writer.key)
        try connect(source, reader)
        return (source, reader, writer)
    }

    private func work(_ first: Site, _ second: Site, _ turnCount: Int) throws {
        for turn in 0..<turnCount {
            _ = try (turn.isMultiple(of: 2) ? first : second).turn(maximumFrameCount: 2)
        }
    }
}
