import Cryptography
import Feeds
import Merkle
import Multiplexing
import Replication
import Testing

@Suite struct PairScenarioTests {
    @Test(arguments: FeedKind.allCases)
    func `a reader gets all blocks`(kind: FeedKind) throws {
        let (source, reader) = (try Site(), try Site())
        let writer = try Writer(source, kind: kind)
        try writer.append(count: 100, in: source)
        try reader.add(writer.key)
        try connect(source, reader)
        try settle([source, reader])
        #expect(try reader.head(writer.key) == source.head(writer.key))
        #expect(try reader.held(writer.key) == [0..<100])
        for index in 0..<100 {
            #expect(try reader.block(UInt64(index), of: writer.key) == Writer.block(index))
        }
        for (site, other) in [(source, reader), (reader, source)] {
            let session = try #require(site.sessions[writer.key])
            let status = try #require(session.peers.first.flatMap { session.status(of: $0) })
            #expect(status.weHaveEverythingRemoteHas && status.remoteHasEverythingWeHave)
            #expect(other.links.allSatisfy { $0.violation == nil })
        }
    }

    @Test func `what is appended while connected arrives`() throws {
        let (source, reader) = (try Site(), try Site())
        let writer = try Writer(source)
        try reader.add(writer.key)
        try connect(source, reader)
        try settle([source, reader])
        for round in 1...5 {
            try writer.append(count: round, in: source)
            try settle([source, reader])
            #expect(try reader.head(writer.key) == source.head(writer.key))
        }
        #expect(try reader.held(writer.key) == [0..<15])
    }

    @Test func `a sparse reader gets what it wants and nothing else`() throws {
        let (source, reader) = (try Site(), try Site())
        let writer = try Writer(source)
        try writer.append(count: 200, in: source)
        try reader.add(writer.key, wantsEverything: false)
        try connect(source, reader)
        try settle([source, reader])
        #expect(try reader.head(writer.key).length == 200)
        #expect(try reader.held(writer.key) == [])
        reader.sessions[writer.key]?.want(10..<20)
        reader.sessions[writer.key]?.want(block: 150)
        try settle([source, reader])
        #expect(try reader.held(writer.key) == [10..<20, 150..<151])
        reader.sessions[writer.key]?.wantsEverything = true
        try settle([source, reader])
        #expect(try reader.held(writer.key) == [0..<200])
    }

    @Test func `two halves become two wholes`() throws {
        let source = try Site()
        let writer = try Writer(source)
        try writer.append(count: 70, in: source)
        let halves = [0..<35 as Range<UInt64>, 35..<70]
        let sites = try halves.map { half in
            let site = try Site()
            try site.add(writer.key, wantsEverything: false)
            site.sessions[writer.key]?.want(half)
            let (link, _) = try connect(source, site)
            try settle([source, site])
            #expect(try site.held(writer.key) == [half])
            disconnect(link)
            return site
        }
        for site in sites { site.sessions[writer.key]?.wantsEverything = true }
        try connect(sites[0], sites[1])
        try settle(sites)
        for site in sites { #expect(try site.held(writer.key) == [0..<70]) }
    }

    @Test func `a higher fork is followed, and the common part is kept`() throws {
        let (source, reader) = (try Site(), try Site())
        let writer = try Writer(source)
        try writer.append(count: 40, in: source)
        try reader.add(writer.key)
        let (link, _) = try connect(source, reader)
        try settle([source, reader])
        disconnect(link)
        try writer.truncate(to: 21, in: source)
        try writer.append(count: 30, in: source, salt: 9)
        let (again, _) = try connect(source, reader)
        try settle([source, reader])
        #expect(try reader.head(writer.key) == source.head(writer.key))
        #expect(try reader.head(writer.key).fork == 1)
        #expect(try reader.held(writer.key) == [0..<51])
        // The blocks of the common part were not fetched again.
        let status = reader.sessions[writer.key]?.peers.first.flatMap {
            reader.sessions[writer.key]?.status(of: $0)
        }
        #expect(status?.progress.receivedBlockCount == 30)
        #expect(again.violation == nil)
        // And once more while connected.
        try writer.truncate(to: 50, in: source)
        try settle([source, reader])
        try writer.append(count: 2, in: source, salt: 5)
        try settle([source, reader])
        #expect(try reader.head(writer.key) == source.head(writer.key))
        #expect(try reader.held(writer.key) == [0..<52])
    }

    @Test func `cleared blocks are announced and not asked for`() throws {
        let (source, reader) = (try Site(), try Site())
        let writer = try Writer(source)
        try writer.append(count: 20, in: source)
        try reader.add(writer.key, wantsEverything: false)
        try connect(source, reader)
        try settle([source, reader])
        let feed = try #require(source.sessions[writer.key]?.feed)
        _ = try source.store.write { try $0.clear(4..<8, of: feed) }
        try source.refresh(writer.key)
        try settle([source, reader])
        reader.sessions[writer.key]?.wantsEverything = true
        try settle([source, reader])
        #expect(try reader.held(writer.key) == [0..<4, 8..<20])
    }

    @Test func `a channel closes when nobody wants anything, and opens again`() throws {
        let (source, reader) = (try Site(), try Site())
        let writer = try Writer(source)
        try writer.append(count: 5, in: source)
        try reader.add(writer.key)
        let (link, _) = try connect(source, reader)
        try settle([source, reader])
        source.sessions[writer.key]?.isDownloading = false
        reader.sessions[writer.key]?.isDownloading = false
        try settle([source, reader])
        #expect(link.multiplexer.channels.isEmpty)
        #expect(link.violation == nil)
        try writer.append(count: 3, in: source)
        reader.sessions[writer.key]?.isDownloading = true
        try reader.open(writer.key, on: reader.links[0])
        try settle([source, reader])
        #expect(try reader.head(writer.key) == source.head(writer.key))
    }

    @Test func `a seek in a sparse feed finds the block`() throws {
        let (source, reader) = (try Site(), try Site())
        let writer = try Writer(source)
        try writer.append(count: 64, in: source)
        try reader.add(writer.key, wantsEverything: false)
        try connect(source, reader)
        try settle([source, reader])
        let feed = try #require(source.sessions[writer.key]?.feed)
        let total = try source.head(writer.key).byteLength
        for byte in stride(from: 0, to: total, by: 97) {
            let id = reader.sessions[writer.key]?.seek(toByte: byte) ?? 0
            try settle([source, reader])
            let expected = try source.store.read { try $0.position(ofByte: byte, of: feed) }
            var found = false
            for case .found(id, let block, let offset) in reader.events {
                found = true
                #expect(expected == .found(block: block, offset: offset))
            }
            #expect(found, "byte \(byte)")
            reader.events = []
        }
    }

    @Test func `extension messages arrive by name`() throws {
        let (source, reader) = (try Site(), try Site())
        let writer = try Writer(source)
        try reader.add(writer.key)
        try connect(source, reader)
        try settle([source, reader])
        source.sessions[writer.key]?.registerExtension("known")
        let peer = try #require(reader.sessions[writer.key]?.peers.first)
        for (name, body) in [("known", [1]), ("known", [2]), ("other", [3]), ("known", [4])] {
            reader.sessions[writer.key]?.sendExtension(
                name, body: body.map { UInt8($0) }, to: peer)
        }
        try settle([source, reader])
        let bodies = source.events.compactMap { event -> [UInt8]? in
            guard case .extensionMessage("known", let body, _) = event else { return nil }
            return body
        }
        #expect(bodies == [[1], [2], [4]])
    }

    @Test func `a message to all reaches every peer, and output is told`() throws {
        let (source, one, other) = (try Site(), try Site(), try Site())
        let writer = try Writer(source)
        for (site, seed) in [(one, 1 as UInt8), (other, 2)] {
            try site.add(writer.key)
            try connect(source, site, seed: seed)
            site.sessions[writer.key]?.registerExtension("hyperbee")
        }
        try settle([source, one, other])
        let peer = try #require(source.sessions[writer.key]?.peers.first)
        #expect(source.sessions[writer.key]?.hasOutput(for: peer) == false)
        source.sessions[writer.key]?.broadcastExtension("hyperbee", body: [7])
        #expect(source.sessions[writer.key]?.hasOutput(for: peer) == true)
        try settle([source, one, other])
        for site in [one, other] {
            let hasCome = site.events.contains { event in
                if case .extensionMessage("hyperbee", [7], _) = event { true } else { false }
            }
            #expect(hasCome)
        }
    }

    @Test func `a writer with two histories is found out, and everybody is told`() throws {
        let (one, other, reader) = (try Site(), try Site(), try Site())
        let writer = try Writer(one)
        let twin = try Writer(other)
        try writer.append(count: 4, in: one)
        try twin.append(count: 4, in: other)
        try writer.append([[1, 2, 3], [4]], in: one)
        try twin.append([[1, 2, 3, 4]], in: other)
        try reader.add(writer.key)
        try connect(other, reader, seed: 3)
        try settle([other, reader])
        try connect(one, other, seed: 4)
        try settle([one, other, reader])
        for site in [one, other] {
            let conflicts = site.events.filter { event in
                if case .conflict = event { true } else { false }
            }
            #expect(conflicts.count == 1)
            let feed = try #require(site.sessions[writer.key]?.feed)
            #expect(try site.store.read { try $0.traits(of: feed).isFrozen })
            #expect(site.links.allSatisfy { $0.multiplexer.channels.isEmpty })
        }
        // The reader has seen one history only, and keeps what it has.
        #expect(try reader.held(writer.key) == [0..<5])
    }

    @Test func `many blocks pass a sender that may write little at a time`() throws {
        let (source, reader) = (try Site(), try Site())
        source.outgoingLimit = 500
        let writer = try Writer(source)
        try writer.append(count: 1_500, in: source)
        try reader.add(writer.key)
        try connect(source, reader)
        try settle([source, reader])
        #expect(try reader.held(writer.key) == [0..<1_500])
    }

    @Test func `blocks that are no longer wanted are not waited for`() throws {
        let (source, reader) = (try Site(), try Site())
        let writer = try Writer(source)
        try writer.append(count: 50, in: source)
        try reader.add(writer.key, wantsEverything: false)
        try connect(source, reader)
        try settle([source, reader])
        reader.sessions[writer.key]?.want(0..<50)
        _ = try reader.turn()
        reader.sessions[writer.key]?.unwant(10..<50)
        try settle([source, reader])
        #expect(try reader.held(writer.key) == [0..<10])
        reader.sessions[writer.key]?.want(40..<42)
        try settle([source, reader])
        #expect(try reader.held(writer.key) == [0..<10, 40..<42])
    }
}
