import Multiplexing

/// Finds out on one connection which archives stand otherwise at the far end, as a state machine.
///
/// Both sides describe the same moment, the one of their greeting, to the end; what changes later
/// is told by whoever has changed.
struct HeadReconciliation {
    enum Outcome: Equatable {
        /// Nothing is known yet; more cells were asked for.
        case undecided
        /// These of our items are not at the far end, and so many of theirs are not here.
        case differs(own: [Int], theirCount: Int)
        /// The two differ too much, or the description holds nothing: talk about everything.
        case everything
    }

    private var sketch: HeadSketch
    private var difference = HeadDifference()
    private var askedCount = SyncLimits.maximumFirstHeadCellCount
    private var sentCount = 0
    private(set) var isDecided = false
    private var isForgotten = false
    private let maximumCellCount: Int

    init(_ items: [UInt64]) {
        sketch = HeadSketch(items)
        maximumCellCount = Self.maximumCellCount(of: items.count)
    }

    /// Cells that a side which describes so many items sends at the most.
    private static func maximumCellCount(of itemCount: Int) -> Int {
        SyncLimits.maximumFirstHeadCellCount + SyncLimits.headCellsPerItem * itemCount
    }

    /// The beginning of the description, to be sent with the greeting.
    mutating func begin() -> [CoordinatorMessage] { cells(to: SyncLimits.firstHeadCellCount) }

    /// Answers a wish for more of the description.
    mutating func more(_ count: UInt64) throws(ProtocolViolation) -> [CoordinatorMessage] {
        guard count <= UInt64(maximumCellCount) else { throw .limitExceeded("maximumCellCount") }
        guard !isForgotten else { return [] }
        return cells(to: Int(count))
    }

    private mutating func cells(to end: Int) -> [CoordinatorMessage] {
        sketch.extend(to: end)
        var messages: [CoordinatorMessage] = []
        while sentCount < end {
            let next = min(end, sentCount + SyncLimits.headCellsPerMessage)
            messages.append(
                .heads(
                    itemCount: UInt64(sketch.itemCount), first: UInt64(sentCount),
                    cells: Array(sketch.cells[sentCount..<next])))
            sentCount = next
        }
        return messages
    }

    /// Takes a part of the far end's description; the messages are to be sent.
    mutating func receive(
        itemCount: UInt64, first: UInt64, cells: [HeadCell]
    ) throws(ProtocolViolation) -> (outcome: Outcome, messages: [CoordinatorMessage]) {
        guard !isDecided else { return (.undecided, []) }
        guard first == UInt64(difference.cells.count) else {
            throw .invalidMessage("the order of cells")
        }
        let count = difference.cells.count + cells.count
        guard count <= askedCount else { throw .limitExceeded("maximumCellCount") }
        // Crumbs would cost more to deal with than to send.
        let isWhole = first == 0 || cells.count >= SyncLimits.headCellsPerMessage
        guard isWhole || count == askedCount else { throw .invalidMessage("the size of cells") }
        guard !cells.isEmpty, itemCount <= UInt64(SyncLimits.maximumHeadCount) else {
            return decide(.everything)
        }
        sketch.extend(to: count)
        difference.add(cells, own: sketch.cells[difference.cells.count..<count])
        if difference.isComplete { return decide(outcome()) }
        let ownCount = sketch.itemCount
        let larger = max(ownCount, Int(itemCount))
        let least = abs(ownCount - Int(itemCount))
        // Who has less refuses to send what only our own items would allow.
        let mostCount = min(maximumCellCount, Self.maximumCellCount(of: Int(itemCount)))
        if difference.isImpossible || least * 2 > larger || count >= mostCount {
            return decide(.everything)
        }
        // Parts of an answer may still be on their way.
        guard first == 0 || count == askedCount else { return (.undecided, []) }
        askedCount = min(mostCount, max(count * 3, least * 2))
        return (.undecided, [.moreHeads(UInt64(askedCount))])
    }

    /// Lets the description go, once nobody should need more of it.
    mutating func forget() {
        isForgotten = true
        sketch = HeadSketch([])
    }

    private mutating func decide(
        _ outcome: Outcome
    ) -> (outcome: Outcome, messages: [CoordinatorMessage]) {
        isDecided = true
        difference = HeadDifference()
        return (outcome, [])
    }

    private func outcome() -> Outcome {
        let ours = Set(difference.ours)
        let theirCount = difference.theirs.count
        guard !ours.isEmpty else { return .differs(own: [], theirCount: theirCount) }
        let places = sketch.items.enumerated().filter { ours.contains($0.element) }.map(\.offset)
        // An item that is said to be ours and is not comes from no honest description.
        guard places.count == ours.count else { return .everything }
        return .differs(own: places, theirCount: theirCount)
    }
}
