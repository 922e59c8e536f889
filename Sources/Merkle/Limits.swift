/// What this module takes from others at most; all of it is far above what honest peers send.
public enum Limits {
    /// The most blocks a feed may have; node numbers then stay below 2^53, as in JavaScript.
    public static let maximumLength: UInt64 = 1 << 52
    /// The most bytes a feed may hold, so that every size can be written as a `uint`.
    public static let maximumByteLength: UInt64 = (1 << 53) - 1
    /// The depth that no root of the longest feed exceeds.
    public static let maximumDepth: UInt64 = 52
    /// The most nodes in one list of a proof; a climb has at most 53, an upgrade twice that.
    public static let maximumNodesPerList = 1024
    /// The most signers of a manifest.
    public static let maximumSigners = 4096
    /// The most feeds that a manifest links to.
    public static let maximumLinkedFeeds = 65_536
    /// The most bytes of user data in a manifest.
    public static let maximumUserDataByteCount = 1 << 20
    /// The most bytes of a signature field.
    public static let maximumSignatureByteCount = 1 << 20
    /// The most nodes that a signature of several signers carries.
    public static let maximumPatchNodes = 16_384
    /// The largest padding that a seek may ask to leave out of every block.
    public static let maximumPadding: UInt64 = 1 << 32
}
