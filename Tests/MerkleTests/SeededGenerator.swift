/// Random numbers that a seed brings back (SplitMix64).
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var z = state
        z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
        return z ^ (z >> 31)
    }

    mutating func chance(_ percent: Int) -> Bool { Int.random(in: 0..<100, using: &self) < percent }

    mutating func number(below end: UInt64) -> UInt64 { UInt64.random(in: 0..<end, using: &self) }

    /// Blocks of random bytes; some are empty, some equal to one another.
    mutating func blocks(count: UInt64, atLeast minimum: Int = 0) -> [[UInt8]] {
        (0..<count).map { _ in
            let size = chance(15) ? minimum : Int.random(in: minimum...minimum + 40, using: &self)
            let repeats = chance(10)
            return (0..<size).map { _ in repeats ? 7 : UInt8(truncatingIfNeeded: next()) }
        }
    }
}
