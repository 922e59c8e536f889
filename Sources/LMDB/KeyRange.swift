/// Keys from a lower bound, which is included, up to an upper one, which is not.
public struct KeyRange: Sendable, Hashable {
    /// The least key that belongs to the range; nil for the first of the table.
    public var lower: [UInt8]?

    /// The least key that is beyond the range; nil for the end of the table.
    public var upper: [UInt8]?

    /// All keys of a table.
    public static let all = KeyRange()

    /// Takes the bounds; a missing one leaves that end open.
    public init(from lower: [UInt8]? = nil, upTo upper: [UInt8]? = nil) {
        self.lower = lower
        self.upper = upper
    }

    /// Takes all keys that begin with some bytes.
    public init(prefix: [UInt8]) {
        lower = prefix
        // The next key after all that have the prefix: the last byte that can grow does.
        let growing = prefix.lastIndex { $0 < 255 }
        upper = growing.map { Array(prefix[..<$0]) + [prefix[$0] + 1] }
    }
}

/// What a visitor of a range wants to see.
public enum Visit: Sendable {
    /// The next key.
    case next
    /// Nothing more.
    case stop
}
