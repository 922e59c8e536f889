/// The bounds that this module sets.
public enum Limits {
    /// The largest block that is stored, its padding included.
    public static let maximumBlockByteCount = 1 << 30
    /// The most feeds of a store.
    public static let maximumFeedCount: UInt32 = 1 << 24
    /// The most words of one bitfield that is read at once; 2^21 blocks.
    public static let maximumBitfieldWordCount = 65_536
    /// The most blocks of one row of the table of blocks.
    static let maximumRowBlockCount = 1024
    /// The most bytes of a row of small blocks: four pages, without the header of LMDB.
    static let maximumSmallRowByteCount = 4 * 4096 - 16
    /// The most bytes of a row with a large block: eight of 64 KiB, and what rounds up to a page.
    static let maximumRowByteCount = 129 * 4096 - 16
    /// Bytes from which on a block is large.
    static let largeBlockByteCount = 4096
    /// Tiles that a transaction keeps of one feed before it writes them; about 1.3 MiB.
    static let maximumCachedTileCount = 1024
    /// Nodes that an append collects before it puts them into tiles.
    static let maximumCollectedNodeCount = 8192
    /// The most damages of one feed that are listed.
    static let maximumReportedDamageCount = 1000
    /// Tiles that a verification checks in one snapshot.
    static let verifiedTileCount = 4096
    /// Bytes of blocks that a verification hashes in one snapshot.
    static let verifiedByteCount = 32 << 20
    /// What an empty block counts in that.
    static let verifiedByteCountOfEmptyBlock = 256
}
