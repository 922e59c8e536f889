import LMDB
import Testing

/// Random numbers that a seed repeats (SplitMix64).
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}

@Suite struct ModelTests {
    struct Unwanted: Error {}
    typealias Model = [[UInt8]: [UInt8]]

    @Test(arguments: [UInt64.random(in: 0...UInt64.max), 1, 2, 1_245_570_460_530_465_058])
    func `behaves like a dictionary`(seed: UInt64) throws {
        var options = EnvironmentOptions.quick
        options.initialMapByteCount = 1 << 16
        try withEnvironment(options) { environment, table in
            var random = SeededGenerator(seed: seed)
            var model = Model()
            for round in 0..<60 {
                let isUndone = random.next() % 5 == 0
                let planned = random
                var changed = model
                do {
                    try environment.write { transaction in
                        // The body may run again: it begins from the same numbers.
                        random = planned
                        changed = model
                        for _ in 0..<Int.random(in: 0..<40, using: &random) {
                            try change(transaction, table, &changed, &random)
                        }
                        if isUndone { throw Unwanted() }
                    }
                    model = changed
                } catch is Unwanted {}
                let found = try environment.read { try $0.all(in: table) }
                try #require(found == model, "seed \(seed), round \(round)")
                try compareRanges(environment, table, model, &random)
            }
            let damage = try environment.findDamage()
            #expect(damage == [], "seed \(seed)")
        }
    }

    private func key(_ random: inout SeededGenerator) -> [UInt8] {
        let byteCount = random.next() % 20 == 0 ? 511 : Int.random(in: 1...3, using: &random)
        let first = UInt8.random(in: 0...9, using: &random)
        return [first] + (1..<byteCount).map { _ in .random(in: 0...2, using: &random) }
    }

    private func change(
        _ transaction: borrowing WriteTransaction, _ table: Database, _ model: inout Model,
        _ random: inout SeededGenerator
    ) throws {
        let key = key(&random)
        switch random.next() % 10 {
        case 0...5:
            let sizes = [0, 1, 30, 300, 3000, 30000]
            let value = [UInt8](
                repeating: .random(in: 0...255, using: &random),
                count: sizes[Int.random(in: 0..<6, using: &random)])
            try transaction.put(value, forKey: key, in: table, append: random.next() % 2 == 0)
            model[key] = value
        case 6...8:
            let wasThere = try transaction.delete(key, in: table)
            #expect(wasThere == (model.removeValue(forKey: key) != nil))
        default:
            let other = self.key(&random)
            let bounds = [key, other].sorted { $0.lexicographicallyPrecedes($1) }
            let range = KeyRange(from: bounds[0], upTo: bounds[1])
            let inside = model.keys.filter { contains(range, $0) }
            #expect(try transaction.delete(range, in: table) == inside.count)
            for key in inside { model[key] = nil }
        }
        #expect(try transaction.reading.value(forKey: key, in: table) == model[key])
    }

    private func contains(_ range: KeyRange, _ key: [UInt8]) -> Bool {
        if let lower = range.lower, key.lexicographicallyPrecedes(lower) { return false }
        if let upper = range.upper, !key.lexicographicallyPrecedes(upper) { return false }
        return true
    }

    private func compareRanges(
        _ environment: Environment, _ table: Database, _ model: Model,
        _ random: inout SeededGenerator
    ) throws {
        let prefix = Array(key(&random).prefix(Int.random(in: 0...2, using: &random)))
        let expected = model.keys.filter { $0.starts(with: prefix) }
            .sorted { $0.lexicographicallyPrecedes($1) }
        var seen: [[UInt8]] = []
        var seenBackwards: [[UInt8]] = []
        try environment.read { transaction in
            #expect(try transaction.count(of: table) == model.count)
            try transaction.visit(KeyRange(prefix: prefix), in: table) { key, _ in
                seen.append([UInt8](key))
                return .next
            }
            try transaction.visit(KeyRange(prefix: prefix), in: table, descending: true) {
                key, _ in
                seenBackwards.append([UInt8](key))
                return .next
            }
        }
        #expect(seen == expected)
        #expect(seenBackwards == expected.reversed())
    }
}
