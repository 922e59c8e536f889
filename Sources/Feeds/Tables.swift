import LMDB

/// Every table of a store: the one page to read before touching the data.
///
/// Numbers in keys are big-endian, so that keys sort by them; numbers in values are little-endian.
///
/// | table | key | value |
/// |---|---|---|
/// | meta | text, below | below |
/// | feeds | feed u32 | a `FeedRecord`: flags, key, last change, head, signature, manifest |
/// | keys | feed key, 32 bytes | feed u32, big-endian |
/// | discovery | discovery key, 32 bytes | feed u32, big-endian |
/// | blocks | feed u32 ‖ block u64 | the block as it is sent; the key says that it is held |
/// | blocks | feed u32 ‖ first block u64 ‖ count u16 | several blocks: form u8 ‖ ends ‖ bytes |
/// | nodes | feed u32 ‖ tile u64 | present u32 ‖ unproven u32 ‖ (size u64 ‖ hash) per node |
/// | changes | change u64 ‖ feed u32 | nothing; one entry per feed, of its last change |
///
/// | meta key | value |
/// |---|---|
/// | `format` | u32, the version of this page |
/// | `primary` | the primary key, 32 bytes |
/// | `change` | u64, the counter of transactions that changed a feed |
/// | `feeds` | u32, the number that the next feed gets; numbers are never used again |
///
/// A row of several blocks has two or more. Form 1 has ends of two bytes, form 2 of four: for each
/// block the number of bytes up to its end. No block is in two rows.
///
/// A tile number is four bits (15 − level) and sixty bits offset: see `TilePosition`. Tiles
/// of high levels come first, so that a growing feed ends with the tile that grows.
package struct Tables: Sendable {
    /// The version of the layouts above; a store with a higher one is refused.
    ///
    /// Version 1 has no rows of several blocks; a store becomes one of version 2 by the first.
    package static let formatVersion: UInt32 = 2

    static let names = ["meta", "feeds", "keys", "discovery", "blocks", "nodes", "changes"]

    let meta: Database
    let feeds: Database
    let keys: Database
    let discovery: Database
    let blocks: Database
    let nodes: Database
    let changes: Database

    init(_ environment: Environment) throws(LMDBError) {
        let tables = try environment.openDatabases(named: Self.names)
        meta = tables[0]
        feeds = tables[1]
        keys = tables[2]
        discovery = tables[3]
        blocks = tables[4]
        nodes = tables[5]
        changes = tables[6]
    }

    /// The keys of the table `meta`.
    enum MetaKey: String {
        case format, primary, change, feeds

        var bytes: [UInt8] { Array(rawValue.utf8) }
    }
}

/// The key of a block or of a tile: twelve bytes that sort by feed, then by number.
struct IndexKey {
    private let feed: UInt32
    private let high: UInt32
    private let low: UInt32

    @inline(__always)
    init(feed: UInt32, _ number: UInt64) {
        self.feed = feed.bigEndian
        high = UInt32(truncatingIfNeeded: number >> 32).bigEndian
        low = UInt32(truncatingIfNeeded: number).bigEndian
    }

    /// Reads a key of a table; `nil` if it is not one.
    init?(_ bytes: UnsafeRawBufferPointer) {
        guard bytes.count == MemoryLayout<IndexKey>.size else { return nil }
        self = bytes.loadUnaligned(as: IndexKey.self)
    }

    var feedNumber: UInt32 { feed.bigEndian }

    var number: UInt64 { UInt64(high.bigEndian) << 32 | UInt64(low.bigEndian) }

    var bytes: [UInt8] { withBytes { Array($0) } }

    /// Lends the bytes of the key.
    @inline(__always)
    func withBytes<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
        try withUnsafeBytes(of: self, body)
    }
}

/// The key of a change: twelve bytes that sort by the counter, then by feed.
struct ChangeKey {
    private let high: UInt32
    private let low: UInt32
    private let feed: UInt32

    init(change: UInt64, feed: UInt32) {
        high = UInt32(truncatingIfNeeded: change >> 32).bigEndian
        low = UInt32(truncatingIfNeeded: change).bigEndian
        self.feed = feed.bigEndian
    }

    init?(_ bytes: UnsafeRawBufferPointer) {
        guard bytes.count == MemoryLayout<ChangeKey>.size else { return nil }
        self = bytes.loadUnaligned(as: ChangeKey.self)
    }

    var change: UInt64 { UInt64(high.bigEndian) << 32 | UInt64(low.bigEndian) }

    var feedNumber: UInt32 { feed.bigEndian }

    func withBytes<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
        try withUnsafeBytes(of: self, body)
    }
}
