import Feeds
import Replication
import Testing

/// A writer with two histories: who learns of it, and what goes on.
@Suite struct ConflictTests {
    /// Two sites with a history each, of which the first has been caught.
    private func withFrozenFeed(
        _ body: (_ frozen: Site, _ writer: Writer, _ other: Writer, _ apart: Site) throws -> Void
    ) throws {
        let (one, two) = (try Site(), try Site())
        let writer = try Writer(one)
        let twin = try Writer(two)
        try writer.append(count: 6, in: one)
        try twin.append(count: 7, in: two, salt: 3)
        // Another feed that both have.
        let other = try Writer(one, seed: 9)
        try two.add(other.key)
        // One that has seen the first history alone, long ago.
        let apart = try Site()
        try apart.add(writer.key)
        let (early, _) = try connect(one, apart, seed: 2)
        try settle([one, apart])
        disconnect(early)
        try connect(one, two, seed: 3)
        try settle([one, two])
        #expect(isFrozen(one, writer) && isFrozen(two, writer))
        #expect(conflicts(one) == 1 && conflicts(two) == 1)
        try body(one, writer, other, apart)
        // The other feed goes on.
        try other.append(count: 5, in: one)
        try settle([one, two])
        #expect(try two.head(other.key) == one.head(other.key))
        disconnect(one.links[0])
    }

    private func isFrozen(_ site: Site, _ writer: Writer) -> Bool {
        site.sessions[writer.key]?.isFrozen == true
    }

    private func conflicts(_ site: Site) -> Int {
        site.events.filter { if case .conflict = $0 { true } else { false } }.count
    }

    @Test func `a peer that comes later with one history hears of the other`() throws {
        try withFrozenFeed { one, writer, _, apart in
            #expect(!isFrozen(apart, writer))
            let (link, _) = try connect(one, apart, seed: 5)
            try settle([one, apart])
            #expect(isFrozen(apart, writer) && conflicts(apart) == 1)
            #expect(try apart.held(writer.key) == [0..<6])
            #expect(link.violation == nil)
            disconnect(link)
            // It hands the proof on in its turn.
            let third = try Site()
            try third.add(writer.key)
            let (last, _) = try connect(apart, third, seed: 6)
            try settle([apart, third])
            #expect(try third.held(writer.key) == [0..<6])
            #expect(isFrozen(third, writer) && conflicts(third) == 1)
            disconnect(last)
        }
    }

    @Test func `two histories of one length are found when they are compared`() throws {
        let (one, two) = (try Site(), try Site())
        let writer = try Writer(one)
        let twin = try Writer(two)
        try writer.append(count: 6, in: one)
        try twin.append(count: 6, in: two, salt: 3)
        let (link, _) = try connect(one, two)
        try settle([one, two])
        #expect(!isFrozen(one, writer) && !isFrozen(two, writer))
        let peer = try #require(one.sessions[writer.key]?.peers.first)
        one.sessions[writer.key]?.compareHistory(with: peer)
        try settle([one, two])
        #expect(isFrozen(one, writer) && isFrozen(two, writer))
        disconnect(link)
        // The same history stays what it is.
        let other = try Writer(one, seed: 9)
        try other.append(count: 6, in: one)
        try two.add(other.key)
        let (again, _) = try connect(one, two, seed: 4)
        try settle([one, two])
        let second = try #require(one.sessions[other.key]?.peers.first)
        one.sessions[other.key]?.compareHistory(with: second)
        try settle([one, two])
        #expect(!isFrozen(one, other) && conflicts(one) == 1)
        #expect(again.violation == nil && again.channel(of: other.key) != nil)
        disconnect(again)
    }

    @Test func `who is connected when it comes out gets everything, then hears`() throws {
        let (one, two, reader) = (try Site(), try Site(), try Site())
        let writer = try Writer(one)
        let twin = try Writer(two)
        try writer.append(count: 60, in: one)
        try twin.append(count: 2, in: two)
        try reader.add(writer.key)
        try connect(two, reader, seed: 2)
        try settle([two, reader])
        disconnect(reader.links[0])
        try twin.append(count: 70, in: two, salt: 3)
        // It has a part of what both have in common, and is slow.
        try connect(one, reader, seed: 3)
        try connect(one, two, seed: 4)
        for _ in 0..<400 {
            _ = try one.turn()
            _ = try two.turn()
            _ = try reader.turn(maximumFrameCount: 1)
        }
        try settle([one, two, reader])
        for site in [one, two, reader] {
            #expect(isFrozen(site, writer) && conflicts(site) == 1)
        }
        #expect(try reader.held(writer.key) == [0..<60])
    }

    @Test func `a new reader gets what is there before it hears`() throws {
        try withFrozenFeed { one, writer, _, _ in
            let reader = try Site()
            try reader.add(writer.key)
            let (link, _) = try connect(one, reader, seed: 7)
            try settle([one, reader])
            #expect(try reader.held(writer.key) == [0..<6])
            #expect(isFrozen(reader, writer))
            disconnect(link)
            // Nothing more is taken from the writer.
            let feed = try #require(one.sessions[writer.key]?.feed)
            #expect(throws: (any Error).self) {
                try one.store.write {
                    try $0.append([[1]], to: feed, signingWith: writer.keyPair)
                }
            }
        }
    }

    @Test func `a sparse reader hears after a while`() throws {
        try withFrozenFeed { one, writer, _, _ in
            let reader = try Site()
            try reader.add(writer.key, wantsEverything: false)
            let (link, _) = try connect(one, reader, seed: 8)
            try settle([one, reader])
            #expect(!isFrozen(reader, writer))
            try settle([one, reader], now: .seconds(3))
            #expect(isFrozen(reader, writer))
            disconnect(link)
            // What was signed before is still to be had.
            reader.sessions[writer.key]?.want(2..<4)
            let (again, _) = try connect(one, reader, seed: 9)
            try settle([one, reader], now: .seconds(4))
            #expect(try reader.held(writer.key) == [2..<4])
            disconnect(again)
        }
    }
}
