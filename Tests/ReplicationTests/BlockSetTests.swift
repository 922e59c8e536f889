import Testing

@testable import Replication

@Suite struct BlockSetTests {
    /// A set, and a model of it that is obviously right.
    private struct Model {
        var set = BlockSet()
        var truth: Set<UInt64> = []

        func expectSame(_ comment: String) {
            let limit: UInt64 = 200_000
            #expect(set.count(below: limit) == UInt64(truth.count), "\(comment)")
            var contiguous: UInt64 = 0
            while truth.contains(contiguous) { contiguous += 1 }
            #expect(set.contiguousLength == contiguous, "\(comment)")
            for index in truth where !set.contains(index) {
                Issue.record("\(comment): \(index) is missing")
            }
        }
    }

    @Test(arguments: seeds(8))
    func `behaves like a set of numbers`(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        var model = Model()
        let top: UInt64 = Bool.random(using: &generator) ? 300 : 70_000
        for step in 0..<60 {
            let start = UInt64.random(in: 0..<top, using: &generator)
            let count = UInt64.random(in: 1...max(2, top / 7), using: &generator)
            switch Int.random(in: 0..<6, using: &generator) {
            case 0:
                model.set.insert(start)
                model.truth.insert(start)
            case 1, 2:
                model.set.insert(start..<start + count)
                model.truth.formUnion(start..<start + count)
            case 3:
                model.set.remove(start..<start + count)
                model.truth.subtract(start..<start + count)
            case 4:
                let next = model.set.contiguousLength
                model.set.insert(next)
                model.truth.insert(next)
            default:
                let first = start / 32 * 32
                let words = (0..<Int.random(in: 1...9, using: &generator)).map { _ in
                    Bool.random(using: &generator)
                        ? UInt32.max : UInt32.random(in: 0...(.max), using: &generator)
                }
                model.set.replace(from: first, words: words)
                for (place, word) in words.enumerated() {
                    for bit in 0..<32 {
                        let index = first + UInt64(32 * place + bit)
                        if word >> UInt32(bit) & 1 != 0 {
                            model.truth.insert(index)
                        } else {
                            model.truth.remove(index)
                        }
                    }
                }
            }
            if step % 20 == 19 || top == 300 && step % 5 == 0 {
                model.expectSame("seed \(seed) step \(step)")
            }
        }
        #expect(
            model.set.words32(0..<top / 32 * 32) == words(of: model.truth, below: top / 32 * 32))
    }

    private func words(of truth: Set<UInt64>, below length: UInt64) -> [UInt32] {
        (0..<length / 32).map { place in
            (0..<32).reduce(0) { word, bit in
                truth.contains(32 * place + UInt64(bit)) ? word | 1 << UInt32(bit) : word
            }
        }
    }

    @Test(arguments: seeds(8))
    func `finds what one has and another lacks`(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        var (one, other) = (Model(), Model())
        for _ in 0..<8 {
            let start = UInt64.random(in: 0..<80_000, using: &generator)
            let range = start..<start + UInt64.random(in: 1..<20_000, using: &generator)
            one.set.insert(range)
            one.truth.formUnion(range)
            let next = UInt64.random(in: 0..<80_000, using: &generator)
            let second = next..<next + UInt64.random(in: 1..<30_000, using: &generator)
            other.set.insert(second)
            other.truth.formUnion(second)
        }
        let from = UInt64.random(in: 0..<50_000, using: &generator)
        let range = from..<from + UInt64.random(in: 1..<60_000, using: &generator)
        let lacking = one.truth.subtracting(other.truth)
        #expect(
            one.set.first(in: range, notIn: other.set)
                == lacking.filter { range.contains($0) }.min())
        let neither = range.first { !one.truth.contains($0) && !other.truth.contains($0) }
        #expect(one.set.firstMissing(in: range, alsoNotIn: other.set) == neither)
        #expect(
            other.set.isSuperset(of: one.set, below: 120_000) == lacking.isEmpty)
        var union = one.set
        for index in other.truth { union.insert(index) }
        #expect(union.isSuperset(of: other.set, below: 120_000))
        let (inserted, removed) = one.set.difference(to: other.set, below: 120_000)
        #expect(Set(removed.flatMap { $0 }) == lacking)
        #expect(Set(inserted.flatMap { $0 }) == other.truth.subtracting(one.truth))
    }

    @Test func `huge numbers take no time`() {
        var (set, other) = (BlockSet(maximumPageCount: 256), BlockSet(maximumPageCount: 256))
        other.insert(1 << 51)
        for round in 0..<2_000 as Range<UInt64> {
            set.insert(1 + round..<1 << 52)
            set.remove(round..<1 << 52)
        }
        #expect(other.first(in: 0..<1 << 52, notIn: set) == 1 << 51)
        #expect(!set.isSuperset(of: other, below: 1 << 52))
        #expect(set.isSuperset(of: other, below: 1 << 51))
        set.insert(0..<1 << 52)
        #expect(set.difference(to: other, below: 1 << 52).removed.count == 2)
        #expect(set.count(below: 1 << 52) == 1 << 52)
    }

    @Test func `a bounded set stays small whatever is claimed`() {
        var set = BlockSet(maximumPageCount: 4)
        for page in 0..<1_000 as Range<UInt64> { set.insert(page * 40_000 + 3) }
        set.insert(9..<1 << 52)
        #expect(set.pageCount <= 4)
        set.insert(0..<1 << 52)
        #expect(set.contiguousLength == 1 << 52)
        set.remove(100..<200)
        #expect(set.contiguousLength == 100 && set.contains(300) && set.pageCount <= 4)
    }
}
