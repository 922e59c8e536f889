import Archives
import Feeds
import Replication
import Testing

@testable import Multiwriter

@Suite struct SyncFeedTests {
    @Test func `a peer that looks something up in an index is told what it will need`() throws {
        let world = try SyncWorld(2)
        for number in 0..<3 { try world.write("\(number)", to: "f\(number)", on: 0) }
        let wire = world.connect(0, 1)
        try world.run()
        let link = world[0].link
        let hub = world.nodes[1].hub
        let key = try #require(world.nodes[0].hub.archives[link]?.index.feed.discoveryKey)
        let length = try world[0].readNow { snapshot in
            try snapshot.feed(for: link).map { try snapshot.head(of: $0).length } ?? 0
        }
        let hint = IndexHint.lookup(of: Array("files".utf8), version: length)
        let before = wire.byteCount
        let feed = try #require(hub.feeds[key])
        feed.session.broadcastExtension(IndexHintResponder.extensionName, body: hint)
        hub.mark(feed)
        try world.write("wake", to: "up", on: 1)
        try world.run()
        #expect(wire.byteCount > before)
        let other = try #require(world.nodes[0].hub.feeds[key])
        let peer = try #require(other.links.values.first?.peer)
        #expect(!other.note(hint: hint, from: peer))
        try world[0].readNow { try other.answerHints(now: .seconds(1), from: $0) }
        #expect(other.session.hasOutput(for: peer))
        #expect(wire.left.ending == nil && wire.right.ending == nil)
    }
}
