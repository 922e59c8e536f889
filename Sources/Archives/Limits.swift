/// The bounds that everything read out of a feed is held to.
///
/// A feed can be correctly signed and still hostile, so each of them is checked before memory
/// is taken or time is spent.
public enum ArchiveLimits {
    /// The most bytes of JSON that one index value may have.
    public static let maximumJSONByteCount = 1 << 20
    /// How deeply arrays and objects may be nested.
    public static let maximumJSONDepth = 64
    /// How many nodes a path from the root of an index to a leaf may have.
    ///
    /// A tree of 2^53 keys is 24 deep.
    public static let maximumIndexDepth = 24
    /// The most keys that one node of an index has.
    public static let maximumIndexNodeKeys = 8
    /// The most nodes that one index block may carry.
    public static let maximumIndexLevels = 4096
    /// The largest number that a reader of JavaScript can hold exactly.
    public static let maximumSafeInteger: UInt64 = (1 << 53) - 1
    /// The most map blocks that a blob with a block map may have.
    public static let maximumMapBlocks: UInt64 = 64
    /// The most entries of all map blocks of a blob together.
    public static let maximumMapEntries = 524_288
    /// The entries that a writer puts in one map block.
    public static let mapEntriesPerBlock = 8192
    /// The bytes of one content block.
    public static let contentBlockByteCount = 65_536
    /// How many symbolic links are followed before the path counts as a loop.
    public static let maximumSymlinkHops = 16
    /// The most blocks that the answer to one hint names.
    public static let maximumHintBlocks = 2_176
    /// The blocks that one message of an answer names.
    public static let hintBlocksPerMessage = 128
    /// The most reads that one hint may cost.
    public static let maximumHintReads = 8_704
    /// The reads that the hints of one peer may cost in a second.
    public static let hintReadCredit = 17_408
    /// The most blocks that a peer may name in answer to a hint about one key.
    public static let maximumLookupBlocks = 512
    /// The most blocks of one index that are fetched at the word of peers at a time, and that one
    /// peer may still name.
    public static let maximumHintedBlocks = 4_096
    /// The most bytes of a hint.
    public static let maximumHintByteCount = 65_536
}
