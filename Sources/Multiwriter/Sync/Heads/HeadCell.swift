/// One cell of a description of a set of items: the sum of all that fall into it.
///
/// A description is an endless row of cells (a rateless invertible Bloom lookup table). The cells
/// of two sets, taken from each other, describe what is in one of them alone; about 1.4 cells an
/// item are enough to read it. See docs/formats/coordinator.md#heads.
struct HeadCell: Equatable, Sendable {
    var sum: UInt64 = 0
    var check: UInt32 = 0
    var count: Int64 = 0

    /// The bytes of a cell on the wire at the least.
    static let minimumByteCount = 13

    mutating func add(_ item: UInt64, count sign: Int64) {
        sum ^= item
        check ^= Self.check(of: item)
        count &+= sign
    }

    func subtracting(_ other: HeadCell) -> HeadCell {
        HeadCell(
            sum: sum ^ other.sum, check: check ^ other.check, count: count &- other.count)
    }

    var isEmpty: Bool { self == HeadCell() }

    /// Whether nothing but one item of one of the sets is in it.
    var isPure: Bool { (count == 1 || count == -1) && check == Self.check(of: sum) }

    private static func check(of item: UInt64) -> UInt32 {
        UInt32(truncatingIfNeeded: mixed(item) >> 32)
    }

    static func mixed(_ value: UInt64) -> UInt64 {
        var value = value &+ 0x9e37_79b9_7f4a_7c15
        value = (value ^ value >> 30) &* 0xbf58_476d_1ce4_e5b9
        value = (value ^ value >> 27) &* 0x94d0_49bb_1331_11eb
        return value ^ value >> 31
    }
}

/// The cells that an item falls into, one after the other: the first one, then ever fewer.
struct HeadCursor: Sendable {
    /// The cell.
    private(set) var index: UInt64 = 0
    private var state: UInt64

    init(_ item: UInt64) { state = item }

    /// Goes on to the next cell; cell `i` takes an item with a chance of 1 / (1 + i / 2).
    mutating func advance() {
        state = state &* 0xda94_2042_e4dd_58b5
        let spread = 4_294_967_296 / (Double(state) + 1).squareRoot() - 1
        let step = ((Double(index) + 1.5) * spread).rounded(.up)
        index = step < 1e12 ? index &+ max(1, UInt64(step)) : .max
    }
}
