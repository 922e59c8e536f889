/// What the drive accepts of what others wrote, and how much it holds at a time.
public enum DriveLimits {
    /// Archives that a drive follows unless it is told otherwise.
    public static let maximumArchiveCount = 16_384
    /// Bytes of a path, from the leading slash on.
    public static let maximumPathByteCount = 8192
    /// Bytes of one name between two slashes that an export writes.
    public static let maximumNameByteCount = 255
    /// Other writers that one entry can say it has seen.
    public static let maximumSeenCount = 65_536
    /// The largest position, the last whole number that every JavaScript peer counts to.
    public static let maximumPosition: UInt64 = 1 << 53 - 1
    /// Bytes of a link target that an export writes.
    public static let maximumTargetByteCount = 4095
    /// Problems of one walk that are kept one by one.
    public static let maximumProblemCount = 1000
    /// Blocks of indexes that a lookup waits for at a time.
    public static let maximumLackCount = 256
    /// Folders around a path that are looked up together with it, as far as peers are told.
    public static let hintedFolderCount = 8
    /// Hints of lookups that are kept for the process that is connected.
    public static let maximumHintCount = 1024
    /// Rows or entries that are fetched from one snapshot for a sequence.
    public static let pageCount = 256
    /// Bytes of file content that are held before they are committed.
    public static let batchByteCount = 16 << 20
    /// Blocks that one who reads content that is not here has asked for at a time.
    public static let readAheadBlockCount = 256
    /// Blocks that are freed in one transaction.
    public static let clearingBlockCount: UInt64 = 16_384
    /// Bytes of file content that an import holds before they are committed; as many are being
    /// committed meanwhile, and stand in the transaction once more.
    public static let importByteCount = 6 << 20
    /// Files that are held before they are committed.
    public static let batchFileCount = 2000
    /// Bytes of one block of a file; the last one is shorter.
    public static let blockByteCount = 65_536
}
