import Testing

@testable import Multiwriter

@Suite struct BlockRangesTests {
    @Test(arguments: 0..<200)
    func `does what a set of numbers does`(seed: UInt64) {
        var random = SplitMix(seed: seed)
        func ranges() -> [Range<UInt64>] {
            (0..<Int.random(in: 0..<8, using: &random)).map { _ in
                let start = UInt64.random(in: 0..<40, using: &random)
                return start..<start + UInt64.random(in: 0..<9, using: &random)
            }
        }
        let (left, right) = (ranges(), ranges())
        let (a, b) = (BlockRanges(left), BlockRanges(right))
        let (setA, setB) = (Set(left.joined()), Set(right.joined()))
        #expect(Set(a.ranges.joined()) == setA)
        #expect(a.count == UInt64(setA.count))
        #expect(Set(a.union(b).ranges.joined()) == setA.union(setB))
        #expect(Set(a.subtracting(b).ranges.joined()) == setA.subtracting(setB))
        for result in [a, a.union(b), a.subtracting(b)] {
            for (one, next) in zip(result.ranges, result.ranges.dropFirst()) {
                #expect(one.upperBound < next.lowerBound)
            }
        }
    }
}
