import CompactEncoding
import Multiplexing
import Testing

@testable import Multiwriter

@Suite struct HeadReconciliationTests {
    /// Two sets that share items and have some of their own.
    private struct Sets {
        var left: [UInt64]
        var right: [UInt64]
        var leftOnly: Int
        var rightOnly: Int

        init(shared: Int, leftOnly: Int, rightOnly: Int, seed: UInt64) {
            var random = SplitMix(seed: seed)
            let common = (0..<shared).map { _ in random.next() }
            left = (common + (0..<leftOnly).map { _ in random.next() }).shuffled(using: &random)
            right = (common + (0..<rightOnly).map { _ in random.next() }).shuffled(using: &random)
            self.leftOnly = leftOnly
            self.rightOnly = rightOnly
        }
    }

    private struct Side {
        var machine: HeadReconciliation
        var outcome: HeadReconciliation.Outcome = .undecided
        var inbox: [CoordinatorMessage] = []
        var cellCount = 0

        init(_ items: [UInt64]) { machine = HeadReconciliation(items) }

        mutating func step() throws -> [CoordinatorMessage] {
            let messages = inbox
            inbox = []
            var answers: [CoordinatorMessage] = []
            for message in messages {
                switch message {
                case .heads(let count, let first, let cells):
                    cellCount += cells.count
                    let result = try machine.receive(
                        itemCount: count, first: first, cells: cells)
                    if result.outcome != .undecided { outcome = result.outcome }
                    answers += result.messages
                case .moreHeads(let count): answers += try machine.more(count)
                default: Issue.record("no message about heads")
                }
            }
            return answers
        }
    }

    /// Runs both sides to the end, and returns them.
    private func reconcile(_ sets: Sets) throws -> (left: Side, right: Side) {
        var left = Side(sets.left)
        var right = Side(sets.right)
        right.inbox = left.machine.begin()
        left.inbox = right.machine.begin()
        for _ in 0..<20 {
            if left.inbox.isEmpty && right.inbox.isEmpty { break }
            let toRight = try left.step()
            let toLeft = try right.step()
            left.inbox = toLeft
            right.inbox = toRight
        }
        return (left, right)
    }

    private func expect(_ side: Side, knows items: [UInt64], of all: [UInt64], theirs: Int) {
        guard case .differs(let own, let theirCount) = side.outcome else {
            #expect(side.outcome == .everything)
            #expect(max(items.count, theirs) * 3 > all.count, "gave up too early")
            return
        }
        #expect(Set(own.map { all[$0] }) == Set(items))
        #expect(own.count == items.count && theirCount == theirs)
    }

    @Test(arguments: 1...120 as ClosedRange<UInt64>)
    func `both sides find exactly what differs`(seed: UInt64) throws {
        var random = SplitMix(seed: seed)
        let shared = Int.random(in: 0...(seed % 8 == 0 ? 5000 : 400), using: &random)
        let most = seed % 8 == 0 ? 1000 : 60
        let sets = Sets(
            shared: shared, leftOnly: Int.random(in: 0...most / 2, using: &random),
            rightOnly: Int.random(in: 0...most / 2, using: &random), seed: seed)
        let (left, right) = try reconcile(sets)
        #expect(left.inbox.isEmpty && right.inbox.isEmpty, "seed \(seed) does not come to an end")
        let leftSet = Set(sets.left)
        let rightSet = Set(sets.right)
        let ours = sets.left.filter { !rightSet.contains($0) }
        let theirs = sets.right.filter { !leftSet.contains($0) }
        expect(left, knows: ours, of: sets.left, theirs: theirs.count)
        expect(right, knows: theirs, of: sets.right, theirs: ours.count)
    }

    @Test(arguments: [(0, 8), (1, 24), (10, 220), (100, 2000)])
    func `cells grow with the difference, not with the sets`(
        changedCount: Int, most: Int
    ) throws {
        for seed: UInt64 in 1...20 {
            let sets = Sets(
                shared: 1000 - changedCount, leftOnly: changedCount, rightOnly: changedCount,
                seed: seed)
            let (left, _) = try reconcile(sets)
            #expect(left.outcome != .everything && left.outcome != .undecided)
            #expect(left.cellCount <= most)
        }
    }

    @Test func `sets with little in common are not compared to the end`() throws {
        let (left, right) = try reconcile(Sets(shared: 1, leftOnly: 0, rightOnly: 999, seed: 1))
        #expect(left.outcome == .everything && right.outcome == .everything)
        #expect(left.cellCount == 8 && right.cellCount == 8)
    }

    @Test(arguments: [(512, 488), (488, 512), (40, 21), (3, 2)])
    func `sides of unlike size that share nothing ask no more than the other sends`(
        leftCount: Int, rightCount: Int
    ) throws {
        for seed: UInt64 in 1...10 {
            let (left, right) = try reconcile(
                Sets(shared: 0, leftOnly: leftCount, rightOnly: rightCount, seed: seed))
            #expect(left.outcome != .undecided && right.outcome != .undecided)
        }
    }

    @Test(arguments: 1...200 as ClosedRange<UInt64>)
    func `cells of a liar cost little and come to an end`(seed: UInt64) throws {
        var random = SplitMix(seed: seed)
        let items = (0..<100).map { _ in random.next() }
        var machine = HeadReconciliation(items)
        _ = machine.begin()
        var first = 0
        var count = 8
        for _ in 0..<100 {
            let honest = HeadSketch(items.map { $0 ^ (seed % 3 == 0 ? 0 : 1) })
            var sketch = honest
            sketch.extend(to: first + count)
            let cells = (first..<first + count).map { place -> HeadCell in
                var cell = sketch.cells[place]
                switch UInt64.random(in: 0..<3, using: &random) {
                case 0: cell.sum = random.next()
                case 1:
                    cell = HeadCell()
                    cell.add(random.next(), count: seed % 2 == 0 ? 1 : -1)
                default: break
                }
                return cell
            }
            let (outcome, messages) = try machine.receive(
                itemCount: 100, first: UInt64(first), cells: cells)
            if outcome != .undecided { return }
            first += count
            guard case .moreHeads(let end)? = messages.first else {
                Issue.record("nothing is asked for")
                return
            }
            count = Int(end) - first
        }
        Issue.record("it goes on and on")
    }

    @Test func `what was not asked for is refused`() throws {
        let cells = [HeadCell](repeating: HeadCell(sum: 1, check: 2, count: 3), count: 65)
        var machine = HeadReconciliation([1, 2, 3])
        #expect(throws: ProtocolViolation.limitExceeded("maximumCellCount")) {
            try machine.receive(itemCount: 3, first: 0, cells: cells)
        }
        #expect(throws: ProtocolViolation.invalidMessage("the order of cells")) {
            try machine.receive(itemCount: 3, first: 1, cells: Array(cells.prefix(8)))
        }
        _ = try machine.receive(itemCount: 3, first: 0, cells: Array(cells.prefix(8)))
        #expect(throws: ProtocolViolation.invalidMessage("the size of cells")) {
            try machine.receive(itemCount: 3, first: 8, cells: Array(cells.prefix(1)))
        }
        #expect(throws: ProtocolViolation.limitExceeded("maximumCellCount")) {
            try machine.more(1000)
        }
        #expect(try machine.more(0).isEmpty)
    }

    @Test func `messages survive their encoding`() throws {
        var sketch = HeadSketch([1, 2, .max])
        sketch.extend(to: 9)
        let messages: [CoordinatorMessage] = [
            .heads(itemCount: 3, first: 70_000, cells: sketch.cells), .moreHeads(24),
        ]
        for message in messages {
            let bytes = message.encoded
            let decoded = try bytes.withUnsafeBytes { bytes in
                var decoder = CompactDecoder(bytes)
                return try CoordinatorMessage.decode(type: message.type, from: &decoder)
            }
            #expect(decoded == message)
            for end in 0..<bytes.count {
                #expect(throws: CompactDecodingError.self) {
                    try bytes.prefix(end).withUnsafeBytes { bytes in
                        var decoder = CompactDecoder(bytes)
                        _ = try CoordinatorMessage.decode(type: message.type, from: &decoder)
                    }
                }
            }
        }
    }

    /// Pins the place of items, which both sides must agree on.
    @Test func `the cells of an item are always the same`() {
        var cursor = HeadCursor(0x0123_4567_89ab_cdef)
        var places: [UInt64] = []
        for _ in 0..<6 {
            places.append(cursor.index)
            cursor.advance()
        }
        #expect(places.first == 0)
        #expect(zip(places, places.dropFirst()).allSatisfy { $0 < $1 })
    }
}
