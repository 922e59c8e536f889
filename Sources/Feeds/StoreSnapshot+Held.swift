extension StoreSnapshot {
    /// The blocks of a range that are held, as ranges from left to right.
    ///
    /// - Complexity: O(rows of blocks in the range beyond the contiguous length).
    public func heldRanges(
        in range: Range<UInt64>, of feed: Feed
    ) throws -> [Range<UInt64>] {
        let contiguous = try head(of: feed).contiguousLength
        var ranges: [Range<UInt64>] = []
        var start = range.lowerBound
        if start < contiguous {
            let end = min(contiguous, range.upperBound)
            guard start < end else { return [] }
            ranges.append(start..<end)
            start = end
        }
        try reader.forEachHeldRange(
            in: start..<max(start, range.upperBound), ofFeed: feed.number
        ) { held in
            if let last = ranges.last, last.upperBound == held.lowerBound {
                ranges[ranges.count - 1] = last.lowerBound..<held.upperBound
            } else {
                ranges.append(held)
            }
            return .next
        }
        return ranges
    }

    /// The number of blocks of a range that are held.
    public func heldBlockCount(in range: Range<UInt64>, of feed: Feed) throws -> UInt64 {
        try heldRanges(in: range, of: feed).reduce(0) { $0 + UInt64($1.count) }
    }

    /// The first block of a range that is not held, its end if all are.
    public func firstMissing(in range: Range<UInt64>, of feed: Feed) throws -> UInt64 {
        let contiguous = try head(of: feed).contiguousLength
        guard range.lowerBound < range.upperBound, contiguous < range.upperBound else {
            return range.upperBound
        }
        return try reader.firstMissing(
            in: max(contiguous, range.lowerBound)..<range.upperBound, ofFeed: feed.number)
    }

    /// The held blocks of a range as the words of a bitfield, lowest bit first.
    ///
    /// The range begins at a multiple of 32; the last word may reach beyond it with zeros.
    public func bitfield(of range: Range<UInt64>, in feed: Feed) throws -> [UInt32] {
        precondition(range.lowerBound % 32 == 0, "A bitfield begins at a multiple of 32.")
        let wordCount = (range.upperBound - range.lowerBound + 31) / 32
        precondition(
            wordCount <= UInt64(Limits.maximumBitfieldWordCount), "A bitfield has a bounded size.")
        var words = [UInt32](repeating: 0, count: Int(wordCount))
        for held in try heldRanges(in: range, of: feed) {
            words.setBits(
                in: Int(
                    held.lowerBound - range.lowerBound)..<Int(
                        held.upperBound - range.lowerBound))
        }
        return words
    }
}

extension [UInt32] {
    /// Sets the bits of a range, lowest bit of each word first.
    fileprivate mutating func setBits(in range: Range<Int>) {
        var bit = range.lowerBound
        while bit < range.upperBound {
            let shift = bit % 32
            let count = Swift.min(32 - shift, range.upperBound - bit)
            let ones: UInt32 = count == 32 ? .max : 1 << UInt32(count) - 1
            self[bit / 32] |= ones << UInt32(shift)
            bit += count
        }
    }
}
