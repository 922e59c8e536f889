/// Bytes that look random and are the same in every run.
public struct RandomBytes: RandomNumberGenerator {
    private var state: UInt64

    /// Begins a sequence.
    public init(seed: UInt64 = 1) { state = seed }

    /// The next number.
    public mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var word = state
        word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
        word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
        return word ^ (word >> 31)
    }

    /// The next bytes.
    public mutating func next(count: Int) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: count) { bytes, initializedCount in
            let buffer = UnsafeMutableRawBufferPointer(bytes)
            var offset = 0
            while offset < count {
                withUnsafeBytes(of: next()) { word in
                    let part = Swift.min(8, count - offset)
                    buffer[offset..<offset + part].copyBytes(from: word.prefix(part))
                }
                offset += 8
            }
            initializedCount = count
        }
    }

    /// Arrays of bytes, all different.
    public mutating func arrays(_ count: Int, byteCount: Int) -> [[UInt8]] {
        (0..<count).map { _ in next(count: byteCount) }
    }
}
