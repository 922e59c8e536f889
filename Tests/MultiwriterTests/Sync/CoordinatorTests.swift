import CompactEncoding
import Cryptography
import Testing

@testable import Multiwriter

@Suite struct CoordinatorTests {
    @Test func `every message reads back, with bytes behind it skipped`() throws {
        let messages: [CoordinatorMessage] = [
            .links([], hasMore: false), .links([key(1), key(2)], hasMore: true),
            .refusal(code: 1, count: 70_000, sentence: "no more"),
            .ask(1), .mark(300), .settled(1 << 40), .farewell("goodbye"),
        ]
        for message in messages {
            let bytes = message.encoded
            #expect(try decode(message.type, bytes) == message)
            #expect(try decode(message.type, bytes + [1, 2, 3]) == message)
        }
    }

    @Test func `a message that is cut short is refused`() {
        let messages: [CoordinatorMessage] = [
            .links([key(1), key(2)], hasMore: true), .refusal(code: 1, count: 2, sentence: "no"),
            .ask(300), .farewell("goodbye"),
        ]
        for message in messages {
            let bytes = message.encoded
            for count in 0..<bytes.count {
                #expect(throws: CompactDecodingError.self) {
                    try decode(message.type, Array(bytes.prefix(count)))
                }
            }
        }
    }

    @Test func `a count beyond the message takes no memory`() {
        #expect(throws: CompactDecodingError.self) {
            try decode(0, [0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x1f, 0])
        }
    }

    @Test func `unknown types are nothing`() throws {
        for type: UInt64 in [5, 9, 1 << 50] { #expect(try decode(type, [1, 2, 3]) == nil) }
    }

    @Test func `links go out once, in pages`() {
        var coordinator = Coordinator()
        let links = (0..<2500).map { key(UInt64($0)) }
        coordinator.tell(links)
        coordinator.tell(links)
        let pages = coordinator.takeOutgoing().map { message -> (Int, Bool) in
            guard case .links(let links, let hasMore) = message else { return (-1, false) }
            return (links.count, hasMore)
        }
        #expect(pages.map(\.0) == [1024, 1024, 452])
        #expect(pages.map(\.1) == [true, true, false])
        #expect(coordinator.takeOutgoing().isEmpty)
    }

    @Test func `what the far end told is not told back`() {
        var coordinator = Coordinator()
        coordinator.accepted(key(1))
        coordinator.tell([key(1), key(2)])
        #expect(coordinator.takeOutgoing() == [.links([key(2)], hasMore: false)])
    }

    @Test func `a round is complete when it is marked and settled`() {
        var rounds = SyncRounds()
        let round = rounds.beginRound()
        rounds.receive(.settled(round))
        #expect(!rounds.isAnswered)
        rounds.receive(.mark(round))
        #expect(rounds.isAnswered)
        let next = rounds.beginRound()
        #expect(!rounds.isAnswered)
        rounds.receive(.mark(next + 1))
        rounds.receive(.settled(next + 1))
        #expect(!rounds.isAnswered)
    }

    @Test func `a mark is owed at once and the rest when settled`() {
        var coordinator = Coordinator()
        coordinator.receive(.ask(7))
        coordinator.answer(isSettled: false)
        #expect(coordinator.takeOutgoing() == [.mark(7)])
        #expect(coordinator.rounds.isOwing)
        coordinator.receive(.ask(8))
        coordinator.answer(isSettled: true)
        #expect(coordinator.takeOutgoing() == [.mark(8), .settled(8)])
        #expect(!coordinator.rounds.isOwing)
    }

    private func key(_ number: UInt64) -> FeedKey {
        FeedKey(Digest.hash(of: withUnsafeBytes(of: number) { Array($0) }))
    }

    private func decode(_ type: UInt64, _ bytes: [UInt8]) throws -> CoordinatorMessage? {
        try bytes.withCompactDecoder { decoder in
            try CoordinatorMessage.decode(type: type, from: &decoder)
        }
    }
}
