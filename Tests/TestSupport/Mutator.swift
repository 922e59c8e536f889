/// Changes bytes at random, the same way for the same seed.
public struct Mutator: RandomNumberGenerator, Sendable {
    private var state: UInt64

    /// A source of changes that follow from a seed.
    public init(seed: UInt64) { state = seed }

    /// The next word of the sequence.
    public mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var word = state
        word = (word ^ (word >> 30)) &* 0xbf58_476d_1ce4_e5b9
        word = (word ^ (word >> 27)) &* 0x94d0_49bb_1331_11eb
        return word ^ (word >> 31)
    }

    /// The bytes with one to four changes: bits, values at an edge, pieces doubled, moved or lost.
    public mutating func changed(_ bytes: [UInt8]) -> [UInt8] {
        var bytes = bytes
        for _ in 0..<Int.random(in: 1...4, using: &self) { change(&bytes) }
        return bytes
    }

    private mutating func change(_ bytes: inout [UInt8]) {
        guard let place = bytes.indices.randomElement(using: &self) else {
            return bytes.append(UInt8.random(in: 0...255, using: &self))
        }
        let end = min(bytes.count, place + Int.random(in: 1...9, using: &self))
        switch Int.random(in: 0..<8, using: &self) {
        case 0: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &self)
        case 1: bytes[place] = UInt8.random(in: 0...255, using: &self)
        case 2: bytes[place] = [0, 1, 0x7f, 0x80, 0xfc, 0xfd, 0xfe, 0xff][place % 8]
        case 3: bytes.removeSubrange(place..<end)
        case 4: bytes.removeSubrange(place...)
        case 5: bytes.insert(contentsOf: bytes[place..<end], at: place)
        case 6: bytes += bytes[place..<end]
        default:
            for offset in place..<end { bytes[offset] = 0xff }
        }
    }
}
