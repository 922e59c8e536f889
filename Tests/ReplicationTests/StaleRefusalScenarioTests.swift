import Testing

/// Found by the fuzz target `feed-session`.
@Suite struct StaleRefusalScenarioTests {
    @Test(arguments: 0..<16)
    func `a writer that leaves a fork while it is asked is followed`(turnCount: Int) throws {
        let (source, reader) = (try Site(), try Site())
        let writer = try Writer(source)
        try writer.append(count: 30, in: source)
        try reader.add(writer.key)
        try connect(source, reader)
        for turn in 0..<turnCount {
            _ = try (turn.isMultiple(of: 2) ? source : reader).turn(maximumFrameCount: 2)
        }
        try writer.truncate(to: 7, in: source)
        try settle([source, reader])
        #expect(try reader.head(writer.key) == source.head(writer.key))
    }
}
