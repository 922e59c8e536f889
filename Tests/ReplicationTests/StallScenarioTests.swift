import Merkle
import Testing

@testable import Replication

/// Peers that promise and do not give: who comes after them brings everything soon.
@Suite struct StallScenarioTests {
    /// A peer that says to hold more than is held here, and can prove it.
    private func promise(_ length: UInt64, by table: inout Table) throws {
        let id = table.exchange.addPeer()
        table.exchange.open(id, supportsSeeks: true)
        try table.exchange.receive(
            .sync(
                SyncMessage(
                    fork: 0, length: length, remoteLength: table.exchange.local.length,
                    canUpgrade: true, isDownloading: true, hasManifest: true)), from: id)
        try table.exchange.receive(.announcing(0..<length), from: id)
        table.peers.append(id)
    }

    private func upgrades(_ messages: [WireMessage]) -> [ProofRequest] {
        messages.compactMap { message in
            guard case .request(let request) = message, request.proof.upgrade != nil else {
                return nil
            }
            return request.proof
        }
    }

    /// What the first peer has to answer: what it was asked before, without what was cancelled.
    private func stillAsked(
        _ asked: [(id: UInt64, block: UInt64)], by table: inout Table
    ) -> [(id: UInt64, block: UInt64)] {
        table.take(0).reduce(into: asked) { asked, message in
            if case .cancel(let id) = message { asked.removeAll { $0.id == id } }
        }
    }

    @Test func `a block that was asked with an upgrade is asked of others when that is late`()
        throws
    {
        var table = Table(length: 10)
        var state = table.exchange.local
        state.held.insert(0..<10)
        table.exchange.localChanged(
            to: state, inserted: [0..<10], removed: [])
        try promise(30, by: &table)
        table.turn(.zero)
        let first = upgrades(table.take(0))
        #expect(first.first?.block?.index == 29)
        #expect(table.exchange.claimed.contains(29))
        try promise(30, by: &table)
        table.turn(.seconds(3))
        #expect(!upgrades(table.take(1)).isEmpty)
        // It is the newcomer that is asked for the block now.
        #expect(table.exchange.upgradePeer == table.peers[1])
        #expect(table.exchange.claimed.contains(29))
        let slot = try #require(table.exchange.slot(of: table.peers[1]))
        let asked = table.exchange.peers[slot]?.requests.waiting.map(\.entry.request.block?.index)
        #expect(asked == [29])
    }

    @Test func `what nobody asked for does not count as an answer`() throws {
        var table = Table(length: 40)
        try table.add(having: [0..<40])
        try table.add(having: [0..<40])
        table.turn(.zero)
        let stalled = table.takeRequests(0)
        for second in 1...12 {
            let proof = Proof(fork: 0, block: Proof.Block(index: 3, value: [], nodes: []))
            let data = DataMessage(request: 9_999, proof: proof)
            _ = table.exchange.classify(data, from: table.peers[0])
            for request in table.takeRequests(1) { table.answer(request, by: 1, byteCount: 9) }
            table.turn(.seconds(second))
        }
        #expect(!stalled.isEmpty)
        #expect(table.exchange.peer(table.peers[0])?.lastAnswerAt == .zero)
    }

    @Test func `the only one that has the blocks is asked again when it is back`() throws {
        var table = Table(length: 40)
        try table.add(having: [0..<40])
        try table.add(having: [])
        table.turn(.zero)
        var asked = table.takeRequests(0)
        #expect(!asked.isEmpty)
        // What is on the way to it, cancelled or not, arrives after ten seconds.
        for second in 1...10 {
            table.turn(.seconds(second))
            asked = stillAsked(asked, by: &table)
        }
        #expect(table.exchange.peer(table.peers[0])?.isStalled == true)
        var second = 10
        while !table.exchange.local.isComplete, second < 20 {
            for request in asked { table.answer(request, by: 0, byteCount: 9) }
            second += 1
            table.turn(.seconds(second))
            asked = table.takeRequests(0)
        }
        #expect(table.exchange.local.isComplete)
    }

    @Test func `the only one that has more is asked for it again when it is back`() throws {
        var table = Table(length: 10)
        try table.add(having: [0..<10])
        try table.add(having: [])
        table.turn(.zero)
        var asked = table.takeRequests(0)
        let sync = SyncMessage(
            fork: 0, length: 30, remoteLength: 10, canUpgrade: true, isDownloading: true,
            hasManifest: true)
        try table.exchange.receive(.sync(sync), from: table.peers[0])
        table.turn(.zero)
        #expect(table.exchange.upgradePeer == table.peers[0])
        for second in 1...10 {
            table.turn(.seconds(second))
            asked = stillAsked(asked, by: &table)
        }
        #expect(table.exchange.peer(table.peers[0])?.isStalled == true)
        for request in asked { table.answer(request, by: 0, byteCount: 9) }
        table.turn(.seconds(11))
        #expect(table.exchange.upgradePeer == table.peers[0])
    }

    @Test func `behind ten peers that give nothing an honest one brings all in seconds`() throws {
        var table = Table(length: 60)
        for _ in 0..<10 { try table.add(having: [0..<60]) }
        table.turn(.zero)
        try table.add(having: [0..<60])
        var second = 0
        while !table.exchange.local.isComplete, second < 30 {
            second += 1
            table.turn(.seconds(second))
            for request in table.takeRequests(10) { table.answer(request, by: 10, byteCount: 9) }
        }
        #expect(second <= 9, "\(second) s")
    }
}
