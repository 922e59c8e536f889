/// Takes an input apart: numbers, pieces and choices, zeros when it has run out.
///
/// As a random number generator it makes the choices of a simulation, which the fuzzer thus steers.
struct ByteSource: RandomNumberGenerator {
    private let bytes: UnsafeRawBufferPointer
    private(set) var position = 0

    init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

    var isAtEnd: Bool { position >= bytes.count }

    mutating func byte() -> UInt8 {
        guard position < bytes.count else { return 0 }
        defer { position += 1 }
        return bytes[position]
    }

    mutating func word() -> UInt16 { UInt16(byte()) | UInt16(byte()) << 8 }

    /// A number below a bound, which takes one byte if that is enough.
    mutating func number(below bound: Int) -> Int {
        guard bound > 1 else { return 0 }
        return Int(bound <= 256 ? UInt16(byte()) : word()) % bound
    }

    mutating func chance(_ percent: Int) -> Bool { number(below: 100) < percent }

    mutating func next() -> UInt64 {
        (0..<8).reduce(0) { word, _ in word << 8 | UInt64(byte()) }
    }

    /// A number that is often small, often at an edge.
    mutating func size() -> UInt64 {
        switch byte() {
        case 0xff: .max &- UInt64(byte())
        case 0xfe: (1 << 53) &- 128 &+ UInt64(byte())
        case 0xfd: 1 << UInt64(byte() & 63)
        case 0xfc: next()
        case let small: UInt64(small)
        }
    }

    /// The next bytes, with their number in front of them.
    mutating func piece() -> UnsafeRawBufferPointer {
        let count = min(Int(word()), bytes.count - min(position, bytes.count))
        defer { position += count }
        return UnsafeRawBufferPointer(rebasing: bytes[min(position, bytes.count)...].prefix(count))
    }

    /// All that is left.
    mutating func rest() -> UnsafeRawBufferPointer {
        defer { position = bytes.count }
        return UnsafeRawBufferPointer(rebasing: bytes[min(position, bytes.count)...])
    }
}

extension [UInt8] {
    /// Appends a piece as `ByteSource.piece()` reads it.
    mutating func append(piece: [UInt8]) {
        let part = piece.prefix(0xffff)
        append(UInt8(truncatingIfNeeded: part.count))
        append(UInt8(truncatingIfNeeded: part.count >> 8))
        append(contentsOf: part)
    }
}
