import Cryptography
import Merkle
import Multiplexing
import Testing

@testable import Replication

/// One side of a feed with peers that are made of messages alone.
struct Table {
    var exchange: FeedExchange
    var peers: [PeerID] = []

    init(
        length: UInt64, blockByteCount: UInt64 = 65_536,
        limits: ReplicationLimits = ReplicationLimits()
    ) {
        let head = TreeHead(
            fork: 0, length: length, byteLength: length * blockByteCount, treeHash: .emptyTree)
        exchange = FeedExchange(
            local: LocalState(head: head, hasManifest: true), wantsEverything: true,
            limits: limits)
    }

    /// Adds a peer of the same length that has these blocks.
    mutating func add(having ranges: [Range<UInt64>]) throws {
        let id = exchange.addPeer()
        exchange.open(id, supportsSeeks: true)
        try exchange.receive(
            .sync(
                SyncMessage(
                    fork: 0, length: exchange.local.length, remoteLength: exchange.local.length,
                    canUpgrade: false, isDownloading: true, hasManifest: true)), from: id)
        for range in ranges { try exchange.receive(.announcing(range), from: id) }
        peers.append(id)
    }

    /// The messages that are due to a peer.
    mutating func take(_ peer: Int) -> [WireMessage] {
        guard let slot = exchange.slot(of: peers[peer]) else { return [] }
        defer { exchange.peers[slot]?.outbox.removeAll() }
        return exchange.peers[slot]?.outbox ?? []
    }

    /// The requests for blocks that are due to a peer.
    mutating func takeRequests(_ peer: Int) -> [(id: UInt64, block: UInt64)] {
        take(peer).compactMap { message in
            guard case .request(let request) = message, let block = request.proof.block else {
                return nil
            }
            return (request.id, block.index)
        }
    }

    /// Lets a peer answer a request with a block that holds.
    mutating func answer(_ request: (id: UInt64, block: UInt64), by peer: Int, byteCount: Int) {
        let value = [UInt8](repeating: 0, count: byteCount)
        value.withUnsafeBytes { value in
            let proof = Proof(
                fork: 0, block: Proof.Block(index: request.block, value: [], nodes: []))
            let data = DataMessage(request: request.id, proof: proof, value: value)
            guard case .proof(let entry) = exchange.classify(data, from: peers[peer]) else {
                return
            }
            var state = exchange.local
            state.held.insert(request.block)
            exchange.localChanged(
                to: state, inserted: [request.block..<request.block + 1], removed: [])
            exchange.didApply(
                entry, from: peers[peer], block: request.block, byteCount: byteCount,
                hasGrown: false)
        }
    }

    mutating func turn(_ now: Duration) {
        exchange.tick(now: now)
        exchange.plan()
    }
}

@Suite struct SchedulingTests {
    private func isIdle(_ table: inout Table, _ peer: Int) -> Bool {
        table.takeRequests(peer).isEmpty
    }

    @Test func `what only one peer has is asked of it first`() throws {
        var table = Table(length: 1_000)
        try table.add(having: [0..<1_000])
        try table.add(having: [0..<900])
        try table.add(having: [0..<900])
        table.turn(.zero)
        let first = table.takeRequests(0).map(\.block)
        #expect(Array(first.prefix(60)) == Array(900..<960))
        // The others take what they share, and nothing is asked twice.
        let others = table.takeRequests(1).map(\.block) + table.takeRequests(2).map(\.block)
        #expect(others.count == 128 && others.allSatisfy { $0 < 900 })
        #expect(Set(others).union(first).count == others.count + first.count)
    }

    @Test func `of three peers, blocks that two have come before those that all have`() throws {
        var table = Table(length: 640)
        try table.add(having: [0..<640])
        try table.add(having: [0..<320, 400..<420])
        try table.add(having: [0..<320])
        table.turn(.zero)
        let first = table.takeRequests(0)
        #expect(first.allSatisfy { $0.block >= 320 })
        let second = table.takeRequests(1).map(\.block)
        #expect(Array(second.prefix(20)) == Array(400..<420))
    }

    @Test func `alone or among equals, blocks are asked in order`() throws {
        var table = Table(length: 500)
        try table.add(having: [0..<500])
        try table.add(having: [0..<500])
        table.turn(.zero)
        let both = table.takeRequests(0).map(\.block) + table.takeRequests(1).map(\.block)
        #expect(Set(both) == Set(0..<128))
    }

    @Test func `a slow peer is asked for less, a fast one for more`() throws {
        for isFast in [false, true] {
            var table = Table(length: 100_000)
            try table.add(having: [0..<100_000])
            table.turn(.zero)
            var waiting = table.takeRequests(0)
            #expect(waiting.count == 64)
            // The slow one brings five blocks a second, the fast one 64 MiB.
            for step in 1...40 {
                let count = isFast ? min(waiting.count, 102) : 1
                for request in waiting.prefix(count) {
                    table.answer(request, by: 0, byteCount: 65_536)
                }
                waiting.removeFirst(count)
                table.turn(.milliseconds(isFast ? step * 100 : step * 200))
                waiting += table.takeRequests(0)
            }
            #expect(waiting.count == (isFast ? 64 : 24), "\(waiting.count)")
            if isFast { continue }
            for step in 41...80 {
                table.answer(waiting.removeFirst(), by: 0, byteCount: 65_536)
                table.turn(.milliseconds(step * 200))
                waiting += table.takeRequests(0)
            }
            #expect(waiting.count < 24 && waiting.count >= 16, "\(waiting.count)")
        }
    }

    @Test func `small blocks fill a long way as far as the limits go`() throws {
        var table = Table(length: 100_000, blockByteCount: 1_000)
        try table.add(having: [0..<100_000])
        table.turn(.zero)
        var waiting = table.takeRequests(0)
        #expect(waiting.count == 1_024)
        for step in 1...4 {
            for request in waiting { table.answer(request, by: 0, byteCount: 1_000) }
            table.turn(.milliseconds(step * 300))
            waiting = table.takeRequests(0)
        }
        #expect(waiting.count == 2_048)
    }

    @Test func `the last blocks are asked twice, and taken back when one has come`() throws {
        var table = Table(length: 40)
        try table.add(having: [0..<40])
        try table.add(having: [0..<40])
        table.turn(.zero)
        let slow = table.takeRequests(0)
        let fast = table.takeRequests(1)
        #expect(slow.count + fast.count == 40)
        for request in fast { table.answer(request, by: 1, byteCount: 10) }
        table.turn(.milliseconds(100))
        #expect(isIdle(&table, 1))
        table.turn(.seconds(3))
        let again = table.takeRequests(1)
        #expect(again.count == 16)
        #expect(Set(again.map(\.block)).isSubset(of: slow.map(\.block)))
        // Not a third time.
        table.turn(.seconds(4))
        #expect(isIdle(&table, 1))
        for request in again { table.answer(request, by: 1, byteCount: 10) }
        let cancelled = table.take(0).compactMap { message -> UInt64? in
            if case .cancel(let id) = message { id } else { nil }
        }
        let ids = slow.filter { again.map(\.block).contains($0.block) }.map(\.id)
        #expect(Set(cancelled) == Set(ids))
        table.turn(.seconds(5))
        let rest = table.takeRequests(1)
        #expect(rest.count == slow.count - 16)
    }

    @Test func `what somebody waits for does not wait for a slow peer`() throws {
        var table = Table(length: 400)
        try table.add(having: [0..<400])
        try table.add(having: [0..<400])
        table.turn(.zero)
        let slow = try #require(table.takeRequests(0).first)
        _ = table.takeRequests(1)
        table.exchange.wanted.insertUrgent(slow.block)
        // The other one has work enough; it is asked all the same.
        let slot = try #require(table.exchange.slot(of: table.peers[1]))
        let other = try #require(table.exchange.peers[slot]?.requests.waiting.first)
        table.answer((other.id, other.entry.request.block?.index ?? 0), by: 1, byteCount: 65_536)
        table.turn(.seconds(3))
        let asked = table.takeRequests(1)
        #expect(asked.contains { $0.block == slow.block })
    }

    @Test func `a peer that refuses all that it claims is left`() throws {
        var limits = ReplicationLimits()
        limits.maximumRefusalCount = 100
        var table = Table(length: 90, limits: limits)
        try table.add(having: [0..<90])
        for _ in 0..<3 {
            table.turn(.zero)
            for request in table.takeRequests(0) {
                try table.exchange.receive(
                    .noData(request: request.id, reason: 0), from: table.peers[0])
            }
            try table.exchange.receive(.announcing(0..<90), from: table.peers[0])
        }
        #expect(table.exchange.peer(table.peers[0])?.isPaused == true)
    }
}

@Suite struct RoundTripTests {
    @Test func `nothing is known before the first answer`() {
        var roundTrip = RoundTrip()
        let isMeasured = roundTrip.measure(at: .seconds(1))
        #expect(!isMeasured)
        #expect(roundTrip.windowByteCount == nil)
        roundTrip.didAnswer(sentAt: .zero, byteCount: 1_000)
        roundTrip.measure(at: .milliseconds(100))
        #expect(roundTrip.smoothed == .milliseconds(100))
        #expect(roundTrip.windowByteCount == 10_000)
    }

    @Test func `a round trip that is long makes the window larger`() {
        var roundTrip = RoundTrip()
        roundTrip.didAnswer(sentAt: .zero, byteCount: 4_000)
        roundTrip.measure(at: .seconds(2))
        // Two thousand a second, for four seconds.
        #expect(roundTrip.windowByteCount == 8_000)
    }

    @Test func `only a full window shows that a peer has become slow`() {
        var roundTrip = RoundTrip()
        roundTrip.didAnswer(sentAt: .zero, byteCount: 10_000)
        roundTrip.measure(at: .seconds(1))
        roundTrip.didAnswer(sentAt: .seconds(1), byteCount: 10)
        roundTrip.measure(at: .seconds(2))
        #expect(roundTrip.byteRate == 10_000)
        roundTrip.noteFull()
        roundTrip.didAnswer(sentAt: .seconds(2), byteCount: 2_000)
        roundTrip.measure(at: .seconds(3))
        #expect(roundTrip.byteRate == 8_000)
    }
}
