/// The roots of a tree of some length, from left to right: one per power of two in the length.
public struct RootIndices: Sequence, IteratorProtocol, Sendable {
    private var firstBlock: UInt64 = 0
    private var remaining: UInt64

    init(length: UInt64) { remaining = length }

    /// The number of roots that are left to visit.
    public var underestimatedCount: Int { remaining.nonzeroBitCount }

    /// The next root to the right.
    public mutating func next() -> TreeIndex? {
        guard remaining != 0 else { return nil }
        let blockCount: UInt64 = 1 << UInt64(63 - remaining.leadingZeroBitCount)
        let root = TreeIndex(firstBlock &* 2 &+ blockCount &- 1)
        firstBlock &+= blockCount
        remaining &-= blockCount
        return root
    }
}

extension TreeIndex {
    /// The roots of a tree of some number of blocks, from left to right.
    public static func roots(ofLength length: UInt64) -> RootIndices { RootIndices(length: length) }
}
