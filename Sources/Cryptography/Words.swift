/// 32 bytes in memory order, held inline.
struct Words32: Hashable, Sendable, Comparable {
    var first: UInt64 = 0
    var second: UInt64 = 0
    var third: UInt64 = 0
    var fourth: UInt64 = 0

    init() {}

    init(_ source: UnsafeRawPointer) {
        first = source.loadUnaligned(as: UInt64.self)
        second = source.loadUnaligned(fromByteOffset: 8, as: UInt64.self)
        third = source.loadUnaligned(fromByteOffset: 16, as: UInt64.self)
        fourth = source.loadUnaligned(fromByteOffset: 24, as: UInt64.self)
    }

    /// The words that a function writes through a pointer to 32 bytes.
    init(_ write: (UnsafeMutableRawPointer) -> Void) {
        withUnsafeMutablePointer(to: &self) { write(UnsafeMutableRawPointer($0)) }
    }

    static func < (left: Words32, right: Words32) -> Bool {
        if left.first != right.first { return left.first.bigEndian < right.first.bigEndian }
        if left.second != right.second { return left.second.bigEndian < right.second.bigEndian }
        if left.third != right.third { return left.third.bigEndian < right.third.bigEndian }
        return left.fourth.bigEndian < right.fourth.bigEndian
    }
}

/// 64 bytes in memory order, held inline.
struct Words64: Hashable, Sendable, Comparable {
    var low = Words32()
    var high = Words32()

    init() {}

    init(_ source: UnsafeRawPointer) {
        low = Words32(source)
        high = Words32(source + 32)
    }

    /// The words that a function writes through a pointer to 64 bytes.
    init(_ write: (UnsafeMutableRawPointer) -> Void) {
        withUnsafeMutablePointer(to: &self) { write(UnsafeMutableRawPointer($0)) }
    }

    static func < (left: Words64, right: Words64) -> Bool {
        left.low == right.low ? left.high < right.high : left.low < right.low
    }
}
