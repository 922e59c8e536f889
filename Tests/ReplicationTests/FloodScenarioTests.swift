import Cryptography
import Foundation
import Merkle
import Multiplexing
import Testing

@testable import Replication

/// Peers that send a great deal of little, or numbers beyond all measure.
@Suite struct FloodTests {
    /// Feeds of one connection, each with one peer that has opened and synced.
    private struct Connection {
        var exchanges: [FeedExchange] = []
        var peers: [PeerID] = []
        let budget: PeerBudget
        let limits: ReplicationLimits

        init(
            feedCount: Int = 1, length: UInt64 = 1_000,
            limits: ReplicationLimits = ReplicationLimits()
        ) {
            self.limits = limits
            budget = PeerBudget(limits: limits)
            let head = TreeHead(
                fork: 0, length: length, byteLength: length * 100, treeHash: .emptyTree)
            for _ in 0..<feedCount {
                var exchange = FeedExchange(
                    local: LocalState(head: head, hasManifest: true), wantsEverything: true,
                    limits: limits)
                let id = exchange.addPeer(budget: budget)
                exchange.open(id, supportsSeeks: true)
                peers.append(id)
                exchanges.append(exchange)
            }
        }

        mutating func receive(
            _ message: WireMessage, on feed: Int = 0
        ) throws(ProtocolViolation) {
            try exchanges[feed].receive(message, from: peers[feed])
        }

        mutating func plan(_ now: Duration = .zero) {
            for index in exchanges.indices {
                exchanges[index].tick(now: now)
                exchanges[index].plan()
            }
        }
    }

    private func request(_ id: UInt64) -> WireMessage {
        .request(
            RequestMessage(id: id, proof: ProofRequest(fork: 0, block: .init(index: 1, nodes: 0))))
    }

    private func sync(length: UInt64, fork: UInt64 = 0) -> WireMessage {
        .sync(
            SyncMessage(
                fork: fork, length: length, remoteLength: 1_000, canUpgrade: true,
                isDownloading: true, hasManifest: true))
    }

    @Test func `all feeds of a connection share one measure of memory`() throws {
        var connection = Connection(feedCount: 400, length: 1 << 24)
        let before = residentByteCount()
        var violation: ProtocolViolation?
        for feed in 0..<400 {
            do throws(ProtocolViolation) {
                for page in 0..<300 as Range<UInt64> {
                    try connection.receive(
                        .bitfield(start: page * 32_768 + 32, words: [1]), on: feed)
                }
                for id in 0..<16_000 as Range<UInt64> {
                    try connection.receive(request(id), on: feed)
                }
            } catch {
                violation = error
            }
        }
        #expect(violation == .limitExceeded("maximumConnectionRequestCount"))
        #expect(connection.budget.queuedRequestCount == 65_536)
        #expect(connection.budget.pageCount == 4_096)
        // Stated in docs/formats/replication.md: 64 MiB.
        let used = residentByteCount() - before
        #expect(used < 64 << 20, "\(used) bytes")
        for feed in 0..<400 {
            connection.exchanges[feed].removePeer(connection.peers[feed])
        }
        #expect(connection.budget.queuedRequestCount == 0 && connection.budget.pageCount == 0)
    }

    private func residentByteCount() -> Int {
        #if os(Linux)
            let statm = (try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8)) ?? ""
            let pages = statm.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
            return pages * 4_096
        #else
            return 0
        #endif
    }

    @Test func `requests that are taken back at once leave nothing`() throws {
        var connection = Connection()
        for id in 0..<100_000 as Range<UInt64> {
            try connection.receive(request(id % 7 + id))
            try connection.receive(.cancel(request: id % 7 + id))
            try connection.receive(.cancel(request: id))
        }
        #expect(connection.budget.queuedRequestCount < 8)
        // The same number over and over is one request.
        for _ in 0..<100_000 { try connection.receive(request(5)) }
        #expect(connection.budget.queuedRequestCount < 8)
    }

    @Test func `floods of tiny bitfields and ranges of all sizes take little time`() throws {
        var connection = Connection(length: 1 << 40)
        try connection.receive(sync(length: 1 << 40))
        let clock = ContinuousClock()
        let huge: UInt64 = (1 << 53) - 1
        let time = try clock.measure {
            for round in 0..<3_000 as Range<UInt64> {
                try connection.receive(
                    .bitfield(start: round * 7_777 * 32, words: [UInt32(round & 1)]))
                try connection.receive(.range(isDrop: false, start: 1 + round, length: huge))
                try connection.receive(.range(isDrop: true, start: round % 999, length: huge))
                try connection.receive(.range(isDrop: false, start: 0, length: round))
                try connection.receive(.range(isDrop: true, start: 0, length: 1))
            }
        }
        #expect(time < .seconds(30), "\(time)")
        #expect(connection.budget.pageCount <= 256)
    }

    @Test func `too many questions about what is held end the connection`() throws {
        var connection = Connection()
        #expect(throws: ProtocolViolation.limitExceeded("maximumQueuedWantCount")) {
            for segment in 0..<2_000 as Range<UInt64> {
                try connection.receive(
                    .want(start: segment << 21, length: 1 << 21, any: false))
            }
        }
    }

    @Test func `numbers beyond all measure are a violation or are cut`() throws {
        let huge: UInt64 = (1 << 53) - 1
        var connection = Connection()
        #expect(throws: ProtocolViolation.limitExceeded("maximumLength")) {
            try connection.receive(sync(length: huge))
        }
        #expect(throws: ProtocolViolation.limitExceeded("maximumLength")) {
            try connection.receive(.bitfield(start: huge / 32 * 32, words: [1]))
        }
        #expect(throws: ProtocolViolation.invalidMessage("bitfield start")) {
            try connection.receive(.bitfield(start: 7, words: [1]))
        }
        try connection.receive(sync(length: 1 << 52, fork: huge))
        try connection.receive(.range(isDrop: false, start: huge, length: huge))
        try connection.receive(.range(isDrop: false, start: 0, length: .max))
        try connection.receive(.want(start: .max, length: .max, any: true))
        try connection.receive(.unwant(start: .max, length: .max, any: true))
        try connection.receive(.cancel(request: .max))
        try connection.receive(.noData(request: .max, reason: .max))
        connection.plan()
    }

    @Test func `a writer who signs a length of 2^52 costs no time`() throws {
        // Its one root stands for any number of blocks, and peers claim anything of them.
        var connection = Connection(feedCount: 1, length: 1 << 52)
        let clock = ContinuousClock()
        let time = try clock.measure {
            try connection.receive(sync(length: 1 << 52))
            let other = connection.exchanges[0].addPeer(budget: connection.budget)
            connection.exchanges[0].open(other, supportsSeeks: true)
            try connection.exchanges[0].receive(sync(length: 1 << 52), from: other)
            try connection.exchanges[0].receive(.announcing(0..<1 << 51), from: other)
            connection.plan()
            try connection.receive(.bitfield(start: 1 << 51, words: [1]))
            try connection.receive(.bitfield(start: 1 << 21, words: [1]))
            try connection.receive(.range(isDrop: true, start: 1 << 30, length: 1 << 50))
            for second in 1...5 { connection.plan(.seconds(second)) }
            let exchange = connection.exchanges[0]
            for peer in exchange.peerSlots.compactMap({ exchange.peers[$0] }) {
                _ = exchange.local.held.isSuperset(of: peer.has, below: 1 << 52)
                _ = peer.has.isSuperset(of: exchange.local.held, below: 1 << 52)
            }
            let answer = exchange.local.answer(
                toWant: 1 << 50..<(1 << 50) + (1 << 21), any: true, contiguousLength: 0,
                length: 1 << 52)
            #expect(answer.isEmpty)
        }
        #expect(time < .seconds(5), "\(time)")
    }

    @Test func `answers that do not hold end the connection in the end`() throws {
        var connection = Connection()
        try connection.receive(sync(length: 1_000))
        for _ in 0..<8 {
            connection.exchanges[0].didRefuse(
                nil, from: connection.peers[0], isForgery: false, reason: "test")
        }
        let peer = connection.exchanges[0].peer(connection.peers[0])
        #expect(peer?.violation == .limitExceeded("maximumMalformedAnswerCount"))
        #expect(peer?.hasOutput == true)
    }

    @Test func `too large arrays are told by the limit they pass`() {
        #expect(WireMessage.nameOfLimit(type: 7) == "maximumBitfieldWordCount")
        #expect(WireMessage.nameOfLimit(type: 9) == "maximumExtensionByteCount")
        #expect(WireMessage.nameOfLimit(type: 3) == "maximumNodeCount")
    }

    @Test func `unasked proofs against the writer are checked a few times only`() throws {
        var connection = Connection()
        let proof = Proof(
            fork: 0, upgrade: Proof.Upgrade(start: 0, length: 5, nodes: [], signature: []))
        var checkedCount = 0
        for _ in 0..<1_000 {
            let message = DataMessage(request: 0, proof: proof)
            let disposition = connection.exchanges[0].classify(message, from: connection.peers[0])
            if case .conflictCheck = disposition { checkedCount += 1 }
        }
        #expect(checkedCount == 64)
    }
}
