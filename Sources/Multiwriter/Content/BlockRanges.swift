/// Ranges of block numbers, in order and apart from each other.
struct BlockRanges: Equatable, Sendable {
    private(set) var ranges: [Range<UInt64>] = []

    init() {}

    /// Puts ranges in order and joins those that touch.
    init(_ ranges: some Sequence<Range<UInt64>>) {
        let sorted = ranges.filter { !$0.isEmpty }.sorted { $0.lowerBound < $1.lowerBound }
        for range in sorted { append(range) }
    }

    var isEmpty: Bool { ranges.isEmpty }

    /// The number of blocks.
    var count: UInt64 { ranges.reduce(0) { $0 + ($1.upperBound - $1.lowerBound) } }

    /// Appends a range that begins nowhere before the last one.
    private mutating func append(_ range: Range<UInt64>) {
        if let last = ranges.last, last.upperBound >= range.lowerBound {
            ranges[ranges.count - 1] =
                last.lowerBound..<max(last.upperBound, range.upperBound)
        } else {
            ranges.append(range)
        }
    }

    func union(_ other: BlockRanges) -> BlockRanges {
        guard !other.isEmpty else { return self }
        return BlockRanges(ranges + other.ranges)
    }

    func subtracting(_ other: BlockRanges) -> BlockRanges {
        var result = BlockRanges()
        var position = 0
        for range in ranges {
            var start = range.lowerBound
            while position < other.ranges.count, other.ranges[position].upperBound <= start {
                position += 1
            }
            var next = position
            while next < other.ranges.count, other.ranges[next].lowerBound < range.upperBound {
                let hole = other.ranges[next]
                if start < hole.lowerBound { result.append(start..<hole.lowerBound) }
                start = max(start, hole.upperBound)
                next += 1
            }
            if start < range.upperBound { result.append(start..<range.upperBound) }
        }
        return result
    }
}
