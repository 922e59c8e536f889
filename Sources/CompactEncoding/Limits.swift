/// What a reader accepts at most, so that a few hostile bytes cannot ask for much.
public enum CompactLimits {
    /// The largest `uint` that every implementation reads alike: 2^53 − 1.
    public static let maximumUInt: UInt64 = 0x1f_ffff_ffff_ffff

    /// The most items in an array.
    public static let maximumArrayCount = 0x10_0000

    /// How deep arrays and objects of `CompactValue` may stand in one another.
    public static let maximumNestingDepth = 64
}
