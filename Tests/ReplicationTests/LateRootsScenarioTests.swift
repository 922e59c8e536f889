import Feeds
import Replication
import Testing

@Suite struct LateRootsScenarioTests {
    /// The relay knows the head before the blocks, so at first it cannot prove it to the reader.
    @Test func `who holds an older head hears of a newer one when the blocks have come`() throws {
        let (origin, relay, reader) = (try Site(), try Site(), try Site())
        let writer = try Writer(origin)
        try writer.append(count: 3, in: origin)
        try reader.add(writer.key)
        let (link, _) = try connect(origin, reader)
        try settle([origin, reader])
        disconnect(link)
        try writer.append(count: 2, in: origin)
        try relay.add(writer.key, wantsEverything: false)
        try connect(origin, relay, seed: 2)
        try settle([origin, relay])
        try connect(relay, reader, seed: 3)
        try settle([origin, relay, reader])
        relay.sessions[writer.key]?.wantsEverything = true
        try settle([origin, relay, reader])
        #expect(try relay.head(writer.key).isComplete)
        #expect(try reader.head(writer.key).length == 5)
    }
}
