import Cryptography

/// One side of the coordinator channel of one connection, as a state machine.
///
/// It decides what is said; the hub decides which links are taken and when the drive is settled.
struct Coordinator {
    /// Whether this side leaves as soon as both have everything.
    let isOnce: Bool
    /// What the far end said when the channel opened; `nil` before.
    private(set) var remote: CoordinatorHandshake?
    /// Messages to send, in order.
    private(set) var outgoing: [CoordinatorMessage] = []

    /// Links that the far end knows: it told them, or was told.
    private var shared: Set<FeedKey> = []
    /// Links that the far end told.
    private var heard: Set<FeedKey> = []
    private(set) var rounds = SyncRounds()

    init(isOnce: Bool = false) {
        self.isOnce = isOnce
    }

    /// Whether the far end knows a link: it told it, or was told.
    func isShared(_ link: FeedKey) -> Bool { shared.contains(link) }

    func hasHeard(_ link: FeedKey) -> Bool { heard.contains(link) }

    mutating func opened(_ handshake: CoordinatorHandshake) {
        remote = handshake
    }

    /// Tells of links, in pages, those that the far end knows left out.
    mutating func tell(_ links: some Sequence<FeedKey>) {
        let news = links.filter { shared.insert($0).inserted }
        for start in stride(from: 0, to: news.count, by: SyncLimits.linksPerPage) {
            let end = min(start + SyncLimits.linksPerPage, news.count)
            outgoing.append(.links(Array(news[start..<end]), hasMore: end < news.count))
        }
    }

    /// Notes that the far end told of a link that this drive follows.
    mutating func accepted(_ link: FeedKey) {
        shared.insert(link)
        heard.insert(link)
    }

    /// Says something about heads.
    mutating func say(_ messages: [CoordinatorMessage]) { outgoing += messages }

    mutating func refuse(count: Int, code: UInt64, sentence: String) {
        outgoing.append(.refusal(code: code, count: UInt64(count), sentence: sentence))
    }

    /// Takes a message about rounds; any other is for the hub.
    mutating func receive(_ message: CoordinatorMessage) {
        rounds.receive(message)
    }

    /// Asks the far end anew where it stands.
    mutating func ask() {
        outgoing.append(.ask(rounds.beginRound()))
    }

    /// Answers what is owed at the end of a turn, when all news is announced.
    mutating func answer(isSettled: Bool) {
        if let round = rounds.takeMark() { outgoing.append(.mark(round)) }
        if isSettled, let round = rounds.takeSettled() { outgoing.append(.settled(round)) }
    }

    mutating func takeOutgoing() -> [CoordinatorMessage] {
        defer { outgoing.removeAll(keepingCapacity: true) }
        return outgoing
    }
}

/// Who has asked whom to have everything, and what was answered.
struct SyncRounds: Equatable {
    /// The round that was asked for last; 0 before the first.
    private(set) var asked: UInt64 = 0
    private(set) var marked: UInt64 = 0
    private(set) var settled: UInt64 = 0
    private var owedMark: UInt64?
    private var owedSettled: UInt64?

    /// Whether the far end waits for us to have everything.
    var isOwing: Bool { owedSettled != nil || owedMark != nil }
    /// Whether the far end has announced everything that it held when we last asked.
    var isMarked: Bool { asked > 0 && marked == asked }
    /// Whether the far end has everything that we held when we last asked.
    var isAnswered: Bool { isMarked && settled == asked }

    mutating func beginRound() -> UInt64 {
        asked += 1
        return asked
    }

    mutating func receive(_ message: CoordinatorMessage) {
        switch message {
        case .ask(let round):
            owedMark = round
            owedSettled = round
        // A round that was never asked for says nothing.
        case .mark(let round) where round <= asked: marked = max(marked, round)
        case .settled(let round) where round <= asked: settled = max(settled, round)
        default: break
        }
    }

    mutating func takeMark() -> UInt64? {
        defer { owedMark = nil }
        return owedMark
    }

    mutating func takeSettled() -> UInt64? {
        defer { owedSettled = nil }
        return owedSettled
    }
}
