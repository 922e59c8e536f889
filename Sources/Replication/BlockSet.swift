/// A set of block numbers: a part without gaps at the beginning, and pages of bits behind it.
///
/// The number of pages is bounded; what would need more is not remembered. No operation takes
/// longer than the pages there are, however large its numbers.
struct BlockSet: Sendable {
    static let blocksPerPage: UInt64 = 32_768
    private static let wordsPerPage = 512
    /// All bits of a page, shared by every page that has them.
    private static let fullPage = [UInt64](repeating: .max, count: wordsPerPage)
    /// Blocks that a bounded set remembers behind a gap in what was contiguous.
    private static let keptBehindGap = 16 * blocksPerPage

    /// All blocks below are in the set.
    private(set) var contiguousLength: UInt64 = 0
    /// How many pages may be kept; a smaller number than there are takes none away.
    var maximumPageCount: Int
    /// Whether something was not remembered for want of pages.
    var hasForgotten = false
    // Bits below the contiguous length mean nothing.
    private var pages: [UInt64: [UInt64]] = [:]
    /// The numbers of the pages, in order.
    private var numbers: [UInt64] = []

    init(maximumPageCount: Int = .max) {
        self.maximumPageCount = maximumPageCount
        isBounded = maximumPageCount != .max
    }

    private let isBounded: Bool

    var pageCount: Int { numbers.count }

    /// Whether nothing lies behind the contiguous part.
    var isContiguous: Bool { numbers.isEmpty }

    func contains(_ index: UInt64) -> Bool {
        if index < contiguousLength { return true }
        guard let page = pages[index / Self.blocksPerPage] else { return false }
        return page[Int(index % Self.blocksPerPage / 64)] >> (index % 64) & 1 != 0
    }

    /// The 64 blocks from `64 * index` on, lowest bit first.
    func word(_ index: UInt64) -> UInt64 {
        let start = index &* 64
        if start &+ 64 <= contiguousLength { return .max }
        let page = numbers.isEmpty ? nil : pages[start / Self.blocksPerPage]
        var word = page.map { $0[Int(start % Self.blocksPerPage / 64)] } ?? 0
        if start < contiguousLength {
            let low = (1 as UInt64) << (contiguousLength - start) &- 1
            word = word & ~low | low
        }
        return word
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
            if end < old { hasForgotten = true }
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

    private mutating func setBit(_ index: UInt64) {
        let number = index / Self.blocksPerPage
        guard withPage(number) else { return }
        pages[number]?[Int(index % Self.blocksPerPage / 64)] |= 1 << (index % 64)
    }

    private mutating func setBits(_ range: Range<UInt64>) {
        var start = range.lowerBound
        while start < range.upperBound {
            let number = start / Self.blocksPerPage
            let end = min(range.upperBound, (number + 1) * Self.blocksPerPage)
            let isWhole = end - start == Self.blocksPerPage
            guard withPage(number, isFull: isWhole) else { return }
            if !isWhole { change(number, start..<end) { $0 | $1 } }
            start = end
        }
    }

    private mutating func clearBits(_ range: Range<UInt64>) {
        let first = position(ofPage: range.lowerBound / Self.blocksPerPage)
        let last = position(ofPage: (range.upperBound - 1) / Self.blocksPerPage + 1)
        var emptied: [UInt64] = []
        for number in numbers[first..<last] {
            let base = number * Self.blocksPerPage
            let part =
                max(
                    range.lowerBound, base)..<min(
                    range.upperBound, base + Self.blocksPerPage)
            if UInt64(part.count) < Self.blocksPerPage {
                change(number, part) { $0 & ~$1 }
                if pages[number]?.contains(where: { $0 != 0 }) == true { continue }
            }
            emptied.append(number)
        }
        guard !emptied.isEmpty else { return }
        for number in emptied { pages[number] = nil }
        let kept = numbers[first..<last].filter { pages[$0] != nil }
        numbers.replaceSubrange(first..<last, with: kept)
    }

    private mutating func change(
        _ number: UInt64, _ range: Range<UInt64>, _ combine: (UInt64, UInt64) -> UInt64
    ) {
        guard !range.isEmpty, var page = pages.removeValue(forKey: number) else { return }
        let base = number * Self.blocksPerPage
        let firstWord = Int((range.lowerBound - base) / 64)
        let lastWord = Int((range.upperBound - 1 - base) / 64)
        for place in firstWord...lastWord {
            var mask = UInt64.max
            if place == firstWord { mask &= .max << (range.lowerBound % 64) }
            if place == lastWord { mask &= .max >> (63 - (range.upperBound - 1) % 64) }
            page[place] = combine(page[place], mask)
        }
        pages[number] = page
    }

    // MARK: Pages

    /// Where in the order a page stands, or would.
    private func position(ofPage number: UInt64) -> Int {
        if let last = numbers.last, last < number { return numbers.count }
        var start = 0
        var end = numbers.count
        while start < end {
            let middle = (start + end) >> 1
            if numbers[middle] < number { start = middle + 1 } else { end = middle }
        }
        return start
    }

    /// Makes sure that a page is there, perhaps with all bits; false if there may be no more.
    private mutating func withPage(_ number: UInt64, isFull: Bool = false) -> Bool {
        if pages[number] != nil {
            if isFull { pages[number] = Self.fullPage }
            return true
        }
        guard numbers.count < maximumPageCount else {
            hasForgotten = true
            return false
        }
        pages[number] =
            isFull ? Self.fullPage : [UInt64](repeating: 0, count: Self.wordsPerPage)
        numbers.insert(number, at: position(ofPage: number))
        return true
    }

    /// Lets the contiguous part grow over bits that follow it.
    private mutating func advance() {
        guard !numbers.isEmpty else { return }
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
        let count = position(ofPage: contiguousLength / Self.blocksPerPage)
        guard count > 0 else { return }
        for number in numbers[..<count] { pages[number] = nil }
        numbers.removeFirst(count)
    }

    /// The first block from `start` on that may be in the set, `nil` if there is none.
    func skip(to start: UInt64) -> UInt64? {
        if start < contiguousLength { return start }
        let number = start / Self.blocksPerPage
        let place = position(ofPage: number)
        guard place < numbers.count else { return nil }
        return max(start, numbers[place] * Self.blocksPerPage)
    }

    /// How many blocks below `length` are in the set.
    func count(below length: UInt64) -> UInt64 {
        var count = min(contiguousLength, length)
        for number in numbers {
            let base = number * Self.blocksPerPage
            guard base < length, let page = pages[number] else { break }
            for place in 0..<Self.wordsPerPage where page[place] != 0 {
                let start = base + UInt64(place) * 64
                if start + 64 <= contiguousLength || start >= length { continue }
                var bits = page[place]
                if start < contiguousLength { bits &= .max << (contiguousLength - start) }
                if length - start < 64 { bits &= (1 << (length - start)) - 1 }
                count += UInt64(bits.nonzeroBitCount)
            }
        }
        return count
    }
}
