import Feeds
import Merkle
import Testing

@testable import Replication

/// An answer may come when the own head has moved on already, by the hands of another peer.
@Suite struct MovedHeadScenarioTests {
    /// A writer, a relay and a reader, all connected; the relay leaves the reader in the middle.
    @Test(arguments: 1...100 as ClosedRange<UInt64>)
    func `a reader that two peers bring forward gets what one alone has`(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let sites = [try Site(), try Site(), try Site()]
        let (source, relay, reader) = (sites[0], sites[1], sites[2])
        let writer = try Writer(source)
        try writer.append(count: 1, in: source)
        for site in [relay, reader] { try site.add(writer.key) }
        try connect(source, relay, seed: 1)
        try connect(source, reader, seed: 2)
        let (shortcut, _) = try connect(relay, reader, seed: 3)
        for _ in 0..<Int.random(in: 5...60, using: &random) {
            if Int.random(in: 0..<6, using: &random) == 0 {
                let count = Int.random(in: 1...3, using: &random)
                try writer.append(count: count, in: source)
            }
            let site = sites[Int.random(in: 0..<3, using: &random)]
            _ = try site.turn(maximumFrameCount: Int.random(in: 1...2, using: &random))
        }
        disconnect(shortcut)
        try settle(sites)
        for site in [relay, reader] {
            #expect(try site.head(writer.key) == source.head(writer.key), "seed \(seed)")
        }
    }

    @Test func `an answer that comes when the own head has moved is no refusal`() throws {
        var table = Table(length: 1)
        try table.add(having: [])
        try tell(&table, length: 2, remoteLength: 1)
        table.turn(.zero)
        let first = try #require(upgrades(&table).first)
        #expect(first.start == 1)
        let slot = try #require(table.exchange.slot(of: table.peers[0]))
        let entry = try #require(table.exchange.peers[slot]?.requests.waiting.first).entry
        move(&table, to: 2)
        // It has grown further, and says so before it answers.
        try tell(&table, length: 4, remoteLength: 2)
        table.exchange.didApply(
            entry, from: table.peers[0], block: nil, byteCount: 0, hasGrown: false)
        table.turn(.zero)
        #expect(upgrades(&table).map(\.start) == [2])
    }

    @Test func `who has refused an upgrade is asked for the next one`() throws {
        var table = Table(length: 1)
        try table.add(having: [])
        try tell(&table, length: 4, remoteLength: 1)
        table.turn(.zero)
        #expect(upgrades(&table).map(\.start) == [1])
        let slot = try #require(table.exchange.slot(of: table.peers[0]))
        let number = try #require(table.exchange.peers[slot]?.requests.waiting.first).id
        try table.exchange.receive(.noData(request: number, reason: 0), from: table.peers[0])
        table.turn(.zero)
        #expect(upgrades(&table).isEmpty)
        move(&table, to: 2)
        try tell(&table, length: 4, remoteLength: 2, isNew: false)
        table.turn(.zero)
        #expect(upgrades(&table).map(\.start) == [2])
    }

    private func upgrades(_ table: inout Table) -> [ProofRequest.Upgrade] {
        table.take(0).compactMap { message in
            if case .request(let request) = message { request.proof.upgrade } else { nil }
        }
    }

    private func tell(
        _ table: inout Table, length: UInt64, remoteLength: UInt64, isNew: Bool = true
    ) throws {
        let sync = SyncMessage(
            fork: 0, length: length, remoteLength: remoteLength, canUpgrade: true,
            isDownloading: true, hasManifest: true)
        if isNew { return try table.exchange.receive(.sync(sync), from: table.peers[0]) }
        // As if it had been heard before the refusal.
        let slot = try #require(table.exchange.slot(of: table.peers[0]))
        table.exchange.peers[slot]?.sync = sync
    }

    private func move(_ table: inout Table, to length: UInt64) {
        var state = table.exchange.local
        state.head = TreeHead(
            fork: 0, length: length, byteLength: length * 65_536, treeHash: .emptyTree)
        table.exchange.localChanged(to: state, inserted: [], removed: [])
    }
}
