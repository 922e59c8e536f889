/// Which blocks of a feed are to be fetched.
struct WantedBlocks: Sendable {
    /// Whether every block is wanted, also those that do not exist yet.
    var wantsEverything: Bool
    /// Wanted ranges, in order, apart from each other.
    private(set) var ranges: [Range<UInt64>] = []
    /// Ranges that were fetched; they are wanted again if a fork takes them away.
    private var fetched: [Range<UInt64>] = []
    /// Blocks that somebody waits for, the last one asked first.
    private(set) var urgent: [UInt64] = []
    /// The same, to look up.
    private var urgentSet: Set<UInt64> = []

    init(wantsEverything: Bool) { self.wantsEverything = wantsEverything }

    func contains(_ index: UInt64) -> Bool {
        wantsEverything || urgentSet.contains(index) || ranges.contains { $0.contains(index) }
    }

    func contains(anyOf blocks: Range<UInt64>) -> Bool {
        if wantsEverything || ranges.contains(where: { $0.overlaps(blocks) }) { return true }
        if blocks.count < urgent.count { return blocks.contains { urgentSet.contains($0) } }
        return urgent.contains { blocks.contains($0) }
    }

    /// The wanted ranges below a length.
    func ranges(below length: UInt64) -> [Range<UInt64>] {
        if wantsEverything { return length > 0 ? [0..<length] : [] }
        return ranges.compactMap { range in
            let clamped = range.clamped(to: 0..<length)
            return clamped.isEmpty ? nil : clamped
        }
    }

    mutating func insert(_ range: Range<UInt64>) {
        Self.insert(range, into: &ranges)
    }

    /// Wants these ranges, which are in order and apart from each other, instead of all before.
    mutating func replace(with ranges: [Range<UInt64>]) {
        self.ranges = ranges
        fetched = []
    }

    private static func insert(_ range: Range<UInt64>, into ranges: inout [Range<UInt64>]) {
        guard !range.isEmpty else { return }
        var merged = range
        var kept: [Range<UInt64>] = []
        for other in ranges {
            if other.upperBound < merged.lowerBound || other.lowerBound > merged.upperBound {
                kept.append(other)
            } else {
                merged =
                    min(
                        merged.lowerBound, other.lowerBound)..<max(
                        merged.upperBound, other.upperBound)
            }
        }
        let place = kept.firstIndex { $0.lowerBound > merged.lowerBound } ?? kept.count
        kept.insert(merged, at: place)
        ranges = kept
    }

    mutating func remove(_ range: Range<UInt64>) {
        guard !range.isEmpty else { return }
        ranges = Self.removing(range, from: ranges)
        fetched = Self.removing(range, from: fetched)
    }

    private static func removing(
        _ range: Range<UInt64>, from ranges: [Range<UInt64>]
    ) -> [Range<UInt64>] {
        ranges.flatMap { other -> [Range<UInt64>] in
            guard other.overlaps(range) else { return [other] }
            var parts: [Range<UInt64>] = []
            if other.lowerBound < range.lowerBound {
                parts.append(other.lowerBound..<range.lowerBound)
            }
            if range.upperBound < other.upperBound {
                parts.append(range.upperBound..<other.upperBound)
            }
            return parts
        }
    }

    mutating func insertUrgent(_ index: UInt64) {
        removeUrgent(index)
        urgent.append(index)
        urgentSet.insert(index)
    }

    mutating func removeUrgent(_ index: UInt64) {
        guard urgentSet.remove(index) != nil else { return }
        urgent.removeAll { $0 == index }
    }

    /// Waits for these blocks, the last one first, and for no others.
    mutating func replaceUrgent(with blocks: [UInt64]) {
        urgent = blocks
        urgentSet = Set(blocks)
    }

    /// Forgets urgent blocks that are here, and sets ranges aside that are.
    mutating func forget(held: BlockSet, below length: UInt64) {
        if urgent.contains(where: held.contains) {
            replaceUrgent(with: urgent.filter { !held.contains($0) })
        }
        var left: [Range<UInt64>] = []
        for range in ranges {
            if range.upperBound <= length,
                held.firstMissing(in: range, alsoNotIn: BlockSet()) == nil
            {
                Self.insert(range, into: &fetched)
            } else {
                left.append(range)
            }
        }
        ranges = left
    }

    /// Wants again what was fetched of a fork that is no more.
    mutating func restart() {
        for range in fetched { insert(range) }
        fetched = []
    }
}
