import LMDB
import Testing

/// Reads through a kept cursor find what a search from the root finds.
@Suite struct RecentCursorTests {
    @Test(arguments: 1...5)
    func `any order of reads in two tables finds what is there and nothing else`(seed: UInt64)
        throws
    {
        var random = Numbers(state: seed)
        try withEnvironment { environment, first in
            let tables = [first, try environment.openDatabase(named: "second")]
            func key(_ number: Int) -> [UInt8] { [UInt8(number >> 8), UInt8(number & 255)] }
            var held: [Set<Int>] = [[], []]
            try environment.write { transaction in
                held = [[], []]
                for table in 0..<2 {
                    for number in 0..<3000 where Bool.random(using: &random) {
                        held[table].insert(number)
                        try transaction.put(
                            key(number) + [UInt8(table)], forKey: key(number), in: tables[table])
                    }
                }
            }
            try environment.read { transaction in
                var number = 0
                var table = 0
                for step in 0..<5000 {
                    switch Int.random(in: 0..<20, using: &random) {
                    case 0: table = 1 - table
                    case 1, 2: number = Int.random(in: 0..<3010, using: &random)
                    default: number += Int.random(in: -1...2, using: &random)
                    }
                    number = max(0, number)
                    let expected = held[table].contains(number)
                    let found = try transaction.value(forKey: key(number), in: tables[table])
                    #expect(
                        found == (expected ? key(number) + [UInt8(table)] : nil),
                        "seed \(seed), step \(step)")
                    if step.isMultiple(of: 1000) {
                        try environment.read { inner in
                            let again = try inner.value(forKey: key(number), in: tables[table])
                            #expect(again == found)
                        }
                    }
                }
            }
        }
    }
}

/// Numbers that follow from a seed.
private struct Numbers: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return state ^ state >> 29
    }
}
