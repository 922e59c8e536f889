import Cryptography
import Feeds
import Merkle
import Multiplexing
import Replication
import Testing

/// Many sites, one writer, and a schedule that a seed decides.
@Suite struct SimulationTests {
    @Test(arguments: seeds(25))
    func `all who are connected in the end hold the same`(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let count = Int.random(in: 2...5, using: &generator)
        let sites = try (0..<count).map { _ in try Site() }
        for site in sites { site.asksForRuns = Bool.random(using: &generator) }
        let writer = try Writer(sites[0])
        for site in sites.dropFirst() { try site.add(writer.key) }
        var links: [Link] = []
        for round in 0..<Int.random(in: 3...8, using: &generator) {
            try change(sites[0], writer, round: round, using: &generator)
            if links.count > 2, Bool.random(using: &generator) {
                disconnect(links.remove(at: Int.random(in: 0..<links.count, using: &generator)))
            }
            let left = Int.random(in: 0..<count, using: &generator)
            let right = Int.random(in: 0..<count, using: &generator)
            if left != right {
                links.append(try connect(sites[left], sites[right], seed: UInt8(round)).0)
            }
            for _ in 0..<Int.random(in: 0...60, using: &generator) {
                let site = sites[Int.random(in: 0..<count, using: &generator)]
                _ = try site.turn(maximumFrameCount: Int.random(in: 0...3, using: &generator))
            }
        }
        // A ring in the end, so that everybody is reached.
        for index in 0..<count where count > 1 {
            links.append(try connect(sites[index], sites[(index + 1) % count], seed: 200).0)
        }
        try settle(sites, using: &generator)
        for link in links { #expect(link.violation == nil, "seed \(seed)") }
        try expectSame(sites, writer, "seed \(seed)")
    }

    private func change(
        _ site: Site, _ writer: Writer, round: Int, using generator: inout SeededGenerator
    ) throws {
        let length = try site.head(writer.key).length
        if length > 4, Int.random(in: 0..<4, using: &generator) == 0 {
            let kept = UInt64.random(in: 0...length, using: &generator)
            try writer.truncate(to: kept, in: site)
        }
        let count = Int.random(in: 1...40, using: &generator)
        try writer.append(count: count, in: site, salt: round)
    }

    private func expectSame(_ sites: [Site], _ writer: Writer, _ comment: String) throws {
        let head = try sites[0].head(writer.key)
        for site in sites {
            #expect(try site.head(writer.key) == head, "\(comment)")
            for index in 0..<head.length {
                let block = try site.block(index, of: writer.key)
                #expect(try block == sites[0].block(index, of: writer.key), "\(comment)")
            }
        }
    }

    @Test(arguments: seeds(6))
    func `three sources share the work, and parts make a whole`(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let origin = try Site()
        let writer = try Writer(origin)
        try writer.append(count: 300, in: origin)
        let reader = try Site()
        reader.asksForRuns = seed % 2 == 0
        try reader.add(writer.key)
        var sources: [Site] = []
        for part in 0..<3 {
            let source = try Site()
            try source.add(writer.key, wantsEverything: false)
            for index in 0..<300 as Range<UInt64>
            where index % 3 == UInt64(part) || Int.random(in: 0..<3, using: &generator) == 0 {
                source.sessions[writer.key]?.want(index..<index + 1)
            }
            let (link, _) = try connect(origin, source)
            try settle([origin, source])
            disconnect(link)
            sources.append(source)
            try connect(source, reader, seed: UInt8(part))
        }
        try settle(sources + [reader], using: &generator)
        #expect(try reader.held(writer.key) == [0..<300], "seed \(seed)")
        let session = try #require(reader.sessions[writer.key])
        let counts = session.peers.compactMap {
            session.status(of: $0)?.progress.receivedBlockCount
        }
        #expect(counts.reduce(0, +) == 300, "seed \(seed): \(counts)")
        #expect(counts.allSatisfy { $0 > 5 }, "seed \(seed): \(counts)")
    }

    @Test(arguments: [false, true])
    func `a peer that falls silent does not hold up the others`(asksForRuns: Bool) throws {
        let (fast, slow, reader) = (try Site(), try Site(), try Site())
        reader.asksForRuns = asksForRuns
        let writer = try Writer(fast)
        try writer.append(count: 400, in: fast)
        try slow.add(writer.key)
        let (link, _) = try connect(fast, slow)
        try settle([fast, slow])
        disconnect(link)
        try reader.add(writer.key)
        try connect(slow, reader, seed: 1)
        try connect(fast, reader, seed: 2)
        // The slow one says what it has, and then nothing more.
        for _ in 0..<4 { for site in [slow, fast, reader] { _ = try site.turn() } }
        try settle([fast, reader])
        #expect(try reader.head(writer.key).length == 400)
        for second in 1...60 {
            try settle([fast, reader], now: .seconds(second))
        }
        #expect(try reader.held(writer.key) == [0..<400])
    }
}
