// MARK: - Asking

extension BlockSet {
    /// Whether every block of `other` below `length` is in this set as well.
    func isSuperset(of other: BlockSet, below length: UInt64) -> Bool {
        other.first(in: 0..<length, notIn: self) == nil
    }

    /// The first block in the range that is in this set and not in the other.
    func first(in range: Range<UInt64>, notIn other: BlockSet) -> UInt64? {
        var start = max(range.lowerBound, other.contiguousLength)
        while start < range.upperBound, let place = skip(to: start) {
            start = place
            guard start < range.upperBound else { return nil }
            var bits = word(start / 64) & ~other.word(start / 64)
            bits &= .max << (start % 64)
            if bits != 0 {
                let found = start / 64 * 64 + UInt64(bits.trailingZeroBitCount)
                return found < range.upperBound ? found : nil
            }
            start = (start / 64 + 1) * 64
        }
        return nil
    }

    /// The first block in the range that is in neither set.
    func firstMissing(in range: Range<UInt64>, alsoNotIn other: BlockSet) -> UInt64? {
        var start = max(range.lowerBound, contiguousLength, other.contiguousLength)
        while start < range.upperBound {
            var bits = ~(word(start / 64) | other.word(start / 64))
            bits &= .max << (start % 64)
            if bits != 0 {
                let found = start / 64 * 64 + UInt64(bits.trailingZeroBitCount)
                return found < range.upperBound ? found : nil
            }
            start = (start / 64 + 1) * 64
        }
        return nil
    }

    /// The words of 32 blocks that cover a range whose start is a multiple of 32.
    func words32(_ range: Range<UInt64>) -> [UInt32] {
        var words: [UInt32] = []
        words.reserveCapacity(Int((range.upperBound - range.lowerBound + 31) / 32))
        var start = range.lowerBound
        while start < range.upperBound {
            var bits = UInt32(truncatingIfNeeded: word(start / 64) >> (start % 64))
            let left = range.upperBound - start
            if left < 32 { bits &= (1 << UInt32(left)) - 1 }
            words.append(bits)
            start += 32
        }
        return words
    }

    /// What another set has more and less than this one, as ranges below a length.
    func difference(
        to other: BlockSet, below length: UInt64
    ) -> (inserted: [Range<UInt64>], removed: [Range<UInt64>]) {
        (other.ranges(notIn: self, below: length), ranges(notIn: other, below: length))
    }

    private func ranges(notIn other: BlockSet, below length: UInt64) -> [Range<UInt64>] {
        var ranges: [Range<UInt64>] = []
        var start: UInt64 = 0
        while let first = first(in: start..<max(start, length), notIn: other) {
            start = endOfRun(from: first, notIn: other, below: length)
            ranges.append(first..<start)
        }
        return ranges
    }

    /// Where a run of blocks that are in this set and not in the other ends.
    private func endOfRun(
        from first: UInt64, notIn other: BlockSet, below length: UInt64
    ) -> UInt64 {
        var start = first
        while start < length {
            // Where this set has no gap and the other has nothing, the run goes on.
            let next = other.skip(to: start) ?? .max
            if start < contiguousLength, next > start {
                start = min(next, contiguousLength, length)
                continue
            }
            let bits = ~(word(start / 64) & ~other.word(start / 64)) & (.max << (start % 64))
            if bits != 0 {
                return min(length, start / 64 * 64 + UInt64(bits.trailingZeroBitCount))
            }
            start = (start / 64 + 1) * 64
        }
        return length
    }
}
