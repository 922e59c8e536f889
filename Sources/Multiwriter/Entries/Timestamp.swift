/// A moment, to the nanosecond, counted from 1970 in UTC.
///
/// Kept as two whole numbers, because one number of nanoseconds is more than JavaScript can count.
public struct Timestamp: Hashable, Sendable {
    /// Whole seconds, rounded down.
    public let seconds: Int64
    /// Nanoseconds after these, below 1,000,000,000.
    public let nanoseconds: UInt32

    /// The zero of rows that have no time.
    public static let zero = Timestamp(seconds: 0)

    /// Makes a moment of seconds and nanoseconds.
    public init(seconds: Int64, nanoseconds: UInt32 = 0) {
        precondition(nanoseconds < 1_000_000_000, "nanoseconds must be less than a second")
        self.seconds = seconds
        self.nanoseconds = nanoseconds
    }

    /// Makes a moment of milliseconds, as JavaScript counts them.
    public init(milliseconds: Int64) {
        let (quotient, remainder) = milliseconds.quotientAndRemainder(dividingBy: 1000)
        let borrow: Int64 = remainder < 0 ? 1 : 0
        self.init(
            seconds: quotient - borrow,
            nanoseconds: UInt32(remainder + borrow * 1000) * 1_000_000)
    }

    /// Whole milliseconds, rounded down.
    public var milliseconds: Int64 {
        let (scaled, overflow) = seconds.multipliedReportingOverflow(by: 1000)
        guard !overflow else { return seconds < 0 ? .min : .max }
        let (sum, isOver) = scaled.addingReportingOverflow(Int64(nanoseconds / 1_000_000))
        return isOver ? .max : sum
    }
}

extension Timestamp: Comparable {
    /// True if the left moment is earlier.
    public static func < (left: Timestamp, right: Timestamp) -> Bool {
        (left.seconds, left.nanoseconds) < (right.seconds, right.nanoseconds)
    }
}
