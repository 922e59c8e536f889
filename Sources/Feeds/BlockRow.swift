import LMDB

/// A row of the table of blocks: consecutive blocks of one feed.
///
/// Its blocks are known from the key alone; the bytes are looked at when they are asked for.
/// See `Tables` for the layout.
struct BlockRow {
    /// The forms in which the blocks of a row stand.
    enum Form {
        /// The value is the only block.
        case plain
        /// The value is a table of ends and the blocks back to back.
        case packed
        /// The blocks wait in a transaction to be written.
        case waiting(RowContent)
        /// The key has a form that no version writes.
        case damaged
    }

    let feedNumber: UInt32
    let blocks: Range<UInt64>
    let form: Form
    let value: UnsafeRawBufferPointer

    /// `nil` if the key is not one of the table.
    init?(key: UnsafeRawBufferPointer, value: UnsafeRawBufferPointer) {
        guard key.count >= MemoryLayout<IndexKey>.size else { return nil }
        let start = key.loadUnaligned(as: IndexKey.self)
        var count: UInt64 = 1
        switch key.count {
        case MemoryLayout<IndexKey>.size:
            form = .plain
        case PackKey.byteCount:
            count = UInt64(key.loadUnaligned(as: PackKey.self).blockCount)
            form = count > 1 ? .packed : .damaged
            count = max(count, 1)
        default:
            form = .damaged
        }
        guard start.number <= UInt64.max - count else { return nil }
        feedNumber = start.feedNumber
        blocks = start.number..<start.number + count
        self.value = value
    }

    init(feedNumber: UInt32, waiting content: RowContent) {
        self.feedNumber = feedNumber
        blocks = content.blocks
        form = .waiting(content)
        value = UnsafeRawBufferPointer(start: nil, count: 0)
    }

    /// Where the blocks stand.
    ///
    /// - Throws: `FeedStoreError.damaged` if the row is none that a version writes.
    func content() throws -> RowContent {
        switch form {
        case .plain:
            return RowContent(onlyBlock: value, at: blocks.lowerBound)
        case .packed:
            if let content = RowContent(packed: value, blocks: blocks) { return content }
        case .waiting(let content):
            return content
        case .damaged:
            break
        }
        throw FeedStoreError.damagedRow(blocks.lowerBound, feedNumber)
    }
}

extension FeedStoreError {
    static func damagedRow(_ first: UInt64, _ feed: UInt32) -> FeedStoreError {
        FeedStoreError(.damaged, "Blocks from \(first) on of feed \(feed) cannot be read.")
    }
}

/// The blocks of a row, in place.
///
/// Nothing beyond the row's value is ever read, whatever its table says.
struct RowContent {
    let blocks: Range<UInt64>
    let bytes: UnsafeRawBufferPointer
    /// For each block the number of bytes up to its end; none if there is one block only.
    private let ends: UnsafeRawPointer?
    private let isWide: Bool

    init(onlyBlock bytes: UnsafeRawBufferPointer, at index: UInt64) {
        blocks = index..<index + 1
        self.bytes = bytes
        ends = nil
        isWide = false
    }

    /// `nil` if the value's table does not fit the value.
    init?(packed value: UnsafeRawBufferPointer, blocks: Range<UInt64>) {
        guard let base = value.baseAddress, let form = value.first else { return nil }
        guard form == Self.narrowForm || form == Self.wideForm else { return nil }
        isWide = form == Self.wideForm
        let headByteCount = 1 + Int(clamping: blocks.count) * (isWide ? 4 : 2)
        guard headByteCount <= value.count else { return nil }
        self.blocks = blocks
        ends = base + 1
        bytes = UnsafeRawBufferPointer(rebasing: value[headByteCount...])
        guard end(ofBlockAt: blocks.count - 1) == bytes.count else { return nil }
    }

    /// Blocks that are gathered in memory, with ends of four bytes.
    init(
        gathered bytes: UnsafeRawBufferPointer, ends: UnsafeRawPointer, blocks: Range<UInt64>
    ) {
        self.blocks = blocks
        self.bytes = bytes
        self.ends = ends
        isWide = true
    }

    static let narrowForm: UInt8 = 1
    static let wideForm: UInt8 = 2

    @inline(__always)
    private func end(ofBlockAt place: Int) -> Int {
        guard let ends else { return bytes.count }
        if isWide {
            return Int(
                UInt32(littleEndian: (ends + place * 4).loadUnaligned(as: UInt32.self)))
        }
        return Int(UInt16(littleEndian: (ends + place * 2).loadUnaligned(as: UInt16.self)))
    }

    /// A block of the row; `nil` if its place is not inside of the row.
    @inline(__always)
    func block(at index: UInt64) -> UnsafeRawBufferPointer? {
        precondition(blocks.contains(index), "A row is asked for its own blocks.")
        let place = Int(index - blocks.lowerBound)
        let start = place == 0 ? 0 : end(ofBlockAt: place - 1)
        let end = end(ofBlockAt: place)
        guard start <= end, end <= bytes.count else { return nil }
        return UnsafeRawBufferPointer(rebasing: bytes[start..<end])
    }
}

/// The key of a row of several blocks: fourteen bytes.
///
/// It begins as the key of its first block does, and sorts right behind that.
struct PackKey {
    static let byteCount = MemoryLayout<PackKey>.size

    private let start: IndexKey
    private let count: UInt16

    init(feed: UInt32, blocks: Range<UInt64>) {
        start = IndexKey(feed: feed, blocks.lowerBound)
        count = UInt16(blocks.count).bigEndian
    }

    var blockCount: UInt16 { count.bigEndian }

    func withBytes<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
        try withUnsafeBytes(of: self, body)
    }
}

extension BlockRow {
    /// Lends the key of a row, which its blocks determine.
    static func withKey<Result>(
        feed: UInt32, blocks: Range<UInt64>,
        _ body: (UnsafeRawBufferPointer) throws -> Result
    ) throws -> Result {
        if blocks.count == 1 {
            return try IndexKey(feed: feed, blocks.lowerBound).withBytes(body)
        }
        return try PackKey(feed: feed, blocks: blocks).withBytes(body)
    }
}
