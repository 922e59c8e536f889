#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// A range of keys, which are ordered by their bytes.
public struct IndexRange: Sendable, Equatable {
    /// One end of a range.
    public enum Bound: Sendable, Equatable {
        /// The range ends with this key.
        case included([UInt8])
        /// The range ends just before or after this key.
        case excluded([UInt8])

        /// The key at the end.
        public var key: [UInt8] {
            switch self {
            case .included(let key), .excluded(let key): key
            }
        }

        var isIncluded: Bool {
            if case .included = self { true } else { false }
        }
    }

    /// Where the range begins, `nil` for the smallest key.
    public var lower: Bound?
    /// Where the range ends, `nil` for the largest key.
    public var upper: Bound?

    /// Every key.
    public static let all = IndexRange()

    /// Creates a range from its ends.
    public init(from lower: Bound?, to upper: Bound? = nil) {
        self.lower = lower
        self.upper = upper
    }

    /// Creates a range in the field's own words; the stricter of two bounds on one side wins.
    public init(
        gt: [UInt8]? = nil, gte: [UInt8]? = nil, lt: [UInt8]? = nil, lte: [UInt8]? = nil
    ) {
        lower = gt.map(Bound.excluded) ?? gte.map(Bound.included)
        upper = lt.map(Bound.excluded) ?? lte.map(Bound.included)
    }

    /// The keys that begin with a prefix.
    public static func prefix(_ prefix: [UInt8]) -> IndexRange {
        var end = prefix
        while let last = end.popLast() {
            guard last < 0xff else { continue }
            end.append(last + 1)
            return IndexRange(from: .included(prefix), to: .excluded(end))
        }
        return IndexRange(from: .included(prefix))
    }

    func startsAtOrBefore(_ key: UnsafeRawBufferPointer) -> Bool {
        switch lower {
        case nil: return true
        case .included(let start): return KeyOrder.compare(start, key) <= 0
        case .excluded(let start): return KeyOrder.compare(start, key) < 0
        }
    }

    func endsAtOrAfter(_ key: UnsafeRawBufferPointer) -> Bool {
        switch upper {
        case nil: return true
        case .included(let end): return KeyOrder.compare(end, key) >= 0
        case .excluded(let end): return KeyOrder.compare(end, key) > 0
        }
    }
}

/// The order of keys: by bytes, a prefix before what it begins.
package enum KeyOrder {
    /// Negative, zero or positive as the first key comes before, is, or comes after the second.
    package static func compare(_ left: [UInt8], _ right: UnsafeRawBufferPointer) -> Int {
        left.withUnsafeBytes { compare($0, right) }
    }

    /// Negative, zero or positive as the first key comes before, is, or comes after the second.
    package static func compare(_ left: [UInt8], _ right: [UInt8]) -> Int {
        left.withUnsafeBytes { left in right.withUnsafeBytes { compare(left, $0) } }
    }

    /// Negative, zero or positive as the first key comes before, is, or comes after the second.
    package static func compare(_ left: UnsafeRawBufferPointer, _ right: UnsafeRawBufferPointer)
        -> Int
    {
        let count = min(left.count, right.count)
        if count > 0, let leftBase = left.baseAddress, let rightBase = right.baseAddress {
            let order = memcmp(leftBase, rightBase, count)
            if order != 0 { return Int(order) }
        }
        return left.count - right.count
    }
}
