/// A set of block numbers: a part without gaps at the beginning, and pages of bits behind it.
///
/// The number of pages is bounded; what would need more is not remembered.
struct BlockSet: Sendable {
    static let blocksPerPage: UInt64 = 32_768
    private static let wordsPerPage = 512
    /// Blocks that a bounded set remembers behind a gap in what was contiguous.
    private static let keptBehindGap = 16 * blocksPerPage

    /// All blocks below are in the set.
    private(set) var contiguousLength: UInt64 = 0
    private let maximumPageCount: Int
    // Bits below the contiguous length mean nothing.
    fileprivate var pages: [UInt64: [UInt64]] = [:]

    init(maximumPageCount: Int = .max) {
        self.maximumPageCount = maximumPageCount
    }

    private var isBounded: Bool { maximumPageCount != .max }

    var pageCount: Int { pages.count }

    /// Whether nothing lies behind the contiguous part.
    var isContiguous: Bool { pages.isEmpty }

    func contains(_ index: UInt64) -> Bool {
        if index < contiguousLength { return true }
        guard let page = pages[index / Self.blocksPerPage] else { return false }
        return page[Int(index % Self.blocksPerPage / 64)] >> (index % 64) & 1 != 0
    }

    /// The 64 blocks from `64 * index` on, lowest bit first.
    func word(_ index: UInt64) -> UInt64 {
        let start = index &* 64
        if start &+ 64 <= contiguousLength { return .max }
        let page = pages[start / Self.blocksPerPage]
        var word = page.map { $0[Int(start % Self.blocksPerPage / 64)] } ?? 0
        if start < contiguousLength {
            let low = (1 as UInt64) << (contiguousLength - start) &- 1
            word = word & ~low | low
        }
        return word
    }

    /// Whether any block of the page that holds `index` may be in the set.
    func mayHold(pageOf index: UInt64) -> Bool {
        index / Self.blocksPerPage * Self.blocksPerPage < contiguousLength
            || pages[index / Self.blocksPerPage] != nil
    }

    // MARK: Changing

    mutating func insert(_ index: UInt64) {
        if index < contiguousLength { return }
        if index == contiguousLength {
            contiguousLength += 1
        } else {
            setBit(index)
        }
        advance()
    }

    mutating func insert(_ range: Range<UInt64>) {
        guard !range.isEmpty else { return }
        if range.lowerBound <= contiguousLength {
            contiguousLength = max(contiguousLength, range.upperBound)
            dropPages()
        } else {
            setBits(range)
        }
        advance()
    }

    mutating func remove(_ range: Range<UInt64>) {
        guard !range.isEmpty else { return }
        let old = contiguousLength
        if range.lowerBound < old {
            // What lies behind the gap is no longer contiguous and needs its bits.
            contiguousLength = range.lowerBound
            clearBits(range.lowerBound..<max(old, range.upperBound))
            let end = isBounded ? min(old, range.upperBound + Self.keptBehindGap) : old
            if range.upperBound < end { setBits(range.upperBound..<end) }
        } else {
            clearBits(range)
        }
    }

    mutating func remove(_ index: UInt64) { remove(index..<index + 1) }

    /// Forgets everything from `index` on.
    mutating func truncate(to index: UInt64) { remove(index..<max(index, .max)) }

    /// Takes over words of 32 blocks as they are, zeros included.
    mutating func replace(from start: UInt64, words: [UInt32]) {
        guard !words.isEmpty else { return }
        remove(start..<start + 32 * UInt64(words.count))
        var place = 0
        while place < words.count {
            let first = start + 32 * UInt64(place)
            let number = first / Self.blocksPerPage
            let room = Int(((number + 1) * Self.blocksPerPage - first) / 32)
            let part = place..<min(words.count, place + room)
            place = part.upperBound
            if words[part].allSatisfy({ $0 == 0 }) { continue }
            guard withPage(number), var page = pages.removeValue(forKey: number) else { continue }
            for index in part {
                let block = start + 32 * UInt64(index)
                page[Int(block % Self.blocksPerPage / 64)] |= UInt64(words[index]) << (block % 64)
            }
            pages[number] = page
        }
        advance()
    }

    private mutating func withPage(_ number: UInt64) -> Bool {
        if pages[number] != nil { return true }
        guard pages.count < maximumPageCount else { return false }
        pages[number] = [UInt64](repeating: 0, count: Self.wordsPerPage)
        return true
    }

    private mutating func setBit(_ index: UInt64) {
        let number = index / Self.blocksPerPage
        guard withPage(number) else { return }
        pages[number]?[Int(index % Self.blocksPerPage / 64)] |= 1 << (index % 64)
    }

    private mutating func setBits(_ range: Range<UInt64>) {
        var start = range.lowerBound
        var remainingPages = min(maximumPageCount, 1 << 20)
        while start < range.upperBound, remainingPages > 0 {
            remainingPages -= 1
            let number = start / Self.blocksPerPage
            let end = min(range.upperBound, (number + 1) * Self.blocksPerPage)
            guard withPage(number) else { return }
            change(number, start..<end) { $0 | $1 }
            start = end
        }
    }

    private mutating func clearBits(_ range: Range<UInt64>) {
        let first = range.lowerBound / Self.blocksPerPage
        let last = (range.upperBound - 1) / Self.blocksPerPage
        let numbers = pages.keys.filter { first <= $0 && $0 <= last }
        for number in numbers {
            let start = max(range.lowerBound, number * Self.blocksPerPage)
            let end = min(range.upperBound, (number + 1) * Self.blocksPerPage)
            change(number, start..<end) { $0 & ~$1 }
            if pages[number]?.allSatisfy({ $0 == 0 }) == true { pages[number] = nil }
        }
    }

    private mutating func change(
        _ number: UInt64, _ range: Range<UInt64>, _ combine: (UInt64, UInt64) -> UInt64
    ) {
        guard !range.isEmpty else { return }
        let base = number * Self.blocksPerPage
        let firstWord = Int((range.lowerBound - base) / 64)
        let lastWord = Int((range.upperBound - 1 - base) / 64)
        for place in firstWord...lastWord {
            var mask = UInt64.max
            if place == firstWord { mask &= .max << (range.lowerBound % 64) }
            if place == lastWord { mask &= .max >> (63 - (range.upperBound - 1) % 64) }
            guard let word = pages[number]?[place] else { return }
            pages[number]?[place] = combine(word, mask)
        }
    }

    /// Lets the contiguous part grow over bits that follow it.
    private mutating func advance() {
        guard !pages.isEmpty else { return }
        let before = contiguousLength / Self.blocksPerPage
        while let page = pages[contiguousLength / Self.blocksPerPage] {
            let word = page[Int(contiguousLength % Self.blocksPerPage / 64)]
            let ones = UInt64((~(word >> (contiguousLength % 64))).trailingZeroBitCount)
            let left = 64 - contiguousLength % 64
            contiguousLength += min(ones, left)
            if ones < left { break }
        }
        if contiguousLength / Self.blocksPerPage != before { dropPages() }
    }

    private mutating func dropPages() {
        guard !pages.isEmpty else { return }
        let first = contiguousLength / Self.blocksPerPage
        for number in pages.keys.filter({ $0 < first }) { pages[number] = nil }
    }
}

// MARK: - Asking

extension BlockSet {
    /// Whether every block of `other` below `length` is in this set as well.
    func isSuperset(of other: BlockSet, below length: UInt64) -> Bool {
        if other.contiguousLength >= length && contiguousLength >= length { return true }
        var place = min(contiguousLength, other.contiguousLength) / 64
        while place * 64 < length {
            if !other.mayHold(pageOf: place * 64) {
                place = (place * 64 / Self.blocksPerPage + 1) * Self.blocksPerPage / 64
                continue
            }
            var lacking = other.word(place) & ~word(place)
            if length - place * 64 < 64 { lacking &= (1 << (length - place * 64)) - 1 }
            if lacking != 0 { return false }
            place += 1
        }
        return true
    }

    /// How many blocks below `length` are in the set.
    func count(below length: UInt64) -> UInt64 {
        var count = min(contiguousLength, length)
        for number in pages.keys {
            for place in 0..<UInt64(Self.wordsPerPage) {
                let start = number * Self.blocksPerPage + place * 64
                if start + 64 <= contiguousLength || start >= length { continue }
                var bits = word(start / 64)
                if start < contiguousLength { bits &= .max << (contiguousLength - start) }
                if length - start < 64 { bits &= (1 << (length - start)) - 1 }
                count += UInt64(bits.nonzeroBitCount)
            }
        }
        return count
    }

    /// The first block in the range that is in this set and not in the other.
    func first(in range: Range<UInt64>, notIn other: BlockSet) -> UInt64? {
        var start = max(range.lowerBound, other.contiguousLength)
        while start < range.upperBound {
            if !mayHold(pageOf: start) {
                start = (start / Self.blocksPerPage + 1) * Self.blocksPerPage
                continue
            }
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
}

extension BlockSet {
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
            // A run behind both contiguous parts is found bit by bit, one inside them at once.
            var end = first + 1
            if other.pages.isEmpty && contiguousLength > first {
                end = min(contiguousLength, length)
            }
            while end < length && contains(end) && !other.contains(end) { end += 1 }
            ranges.append(first..<end)
            start = end
        }
        return ranges
    }
}
