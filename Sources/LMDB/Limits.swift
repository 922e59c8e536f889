/// The bounds that LMDB sets and those that this module sets itself.
enum Limits {
    /// The longest key that LMDB stores.
    static let maximumKeyByteCount = 511

    /// The map of a small environment; only address space, no memory and no disk.
    static let initialMapByteCount = 1 << 30

    /// The largest step by which a map grows at once.
    static let maximumMapGrowthByteCount = 64 << 30

    /// The map can grow to this, far below what 47 bits of address space hold.
    static let maximumMapByteCount = 16 << 40

    /// Read transactions that are kept for the next reader instead of being given back.
    static let maximumIdleReaderCount = 8

    /// Bytes read or written through the map after which its memory is given back.
    static let mappedByteCount = 8 << 20

    /// What a change counts in that beside its bytes: the page that it is made in.
    static let mappedByteCountOfChange = 4096
}
