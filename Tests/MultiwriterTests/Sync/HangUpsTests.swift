import Testing

@testable import Multiwriter

@Suite struct HangUpsTests {
    @Test func `one end of a connection blames nothing`() {
        var hangUps = HangUps()
        #expect(hangUps.note([1, 2, 3]) == nil)
        #expect(hangUps.note([]) == nil)
        #expect(hangUps.note([7, 8]) == nil)
        #expect(hangUps.isEmpty)
    }

    @Test func `what was asked for at two ends in a row is asked for alone`() {
        var hangUps = HangUps()
        _ = hangUps.note([1, 2, 3, 4])
        _ = hangUps.note([3, 4, 5])
        #expect(hangUps.risks == [3, 4])
        #expect(hangUps.note([4]) == 4)
        #expect(hangUps.risks == [3])
        #expect(hangUps.never == [4])
    }

    /// A far end that answers in order until it comes to a block that it cannot stand.
    @Test(arguments: 1...20 as ClosedRange<UInt64>)
    func `every block comes but those that end the connection`(seed: UInt64) {
        var random = SplitMix(seed: seed)
        let bad = Set((0..<3).map { _ in UInt64.random(in: 0..<200, using: &random) })
        var hangUps = HangUps()
        var missing = Set(0..<200 as Range<UInt64>)
        var count = 0
        while count < 20 {
            count += 1
            let easy = missing.subtracting(hangUps.risks).subtracting(hangUps.never)
            let asked = easy
            if !asked.isDisjoint(with: bad) {
                // Answers on their way are lost with the connection.
                _ = hangUps.note(asked)
                continue
            }
            missing.subtract(asked)
            var isOver = true
            for block in hangUps.risks.intersection(missing).sorted() {
                if bad.contains(block) {
                    #expect(hangUps.note([block]) == block)
                    isOver = false
                    break
                }
                missing.remove(block)
            }
            if isOver { break }
        }
        #expect(missing == bad)
        #expect(count <= bad.count + 3)
    }
}
