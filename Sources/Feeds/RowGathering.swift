/// Consecutive blocks of one feed that are gathered to become one row.
///
/// The memory stays where it is until the next block is added or the blocks are let go.
final class RowGathering {
    private(set) var first: UInt64 = 0
    private(set) var count = 0
    private(set) var byteCount = 0
    private var hasLargeBlock = false
    private var bytes = UnsafeMutableRawPointer.allocate(byteCount: 0, alignment: 1)
    private var capacity = 0
    private var ends = UnsafeMutablePointer<UInt32>.allocate(capacity: 0)
    private var endCapacity = 0

    deinit {
        bytes.deallocate()
        ends.deallocate()
    }

    var isEmpty: Bool { count == 0 }

    var blocks: Range<UInt64> { first..<first + UInt64(count) }

    /// The blocks, in place.
    var content: RowContent {
        RowContent(
            gathered: UnsafeRawBufferPointer(start: bytes, count: byteCount),
            ends: UnsafeRawPointer(ends), blocks: blocks)
    }

    /// Whether a block may follow in the same row.
    ///
    /// A row ends shortly before a page does, so that little of the last page is lost.
    func accepts(_ index: UInt64, byteCount blockByteCount: Int) -> Bool {
        guard index == first + UInt64(count), count < Limits.maximumRowBlockCount else {
            return false
        }
        let isLarge = hasLargeBlock || blockByteCount >= Limits.largeBlockByteCount
        let limit = isLarge ? Limits.maximumRowByteCount : Limits.maximumSmallRowByteCount
        guard blockByteCount <= limit else { return false }
        return Self.valueByteCount(count: count + 1, byteCount: byteCount + blockByteCount)
            <= limit
    }

    /// Adds the block that follows, or the first one.
    func add(_ block: UnsafeRawBufferPointer, at index: UInt64) {
        if isEmpty { first = index }
        precondition(index == first + UInt64(count), "The blocks of a row are consecutive.")
        reserve(block.count)
        if let base = block.baseAddress {
            (bytes + byteCount).copyMemory(from: base, byteCount: block.count)
        }
        byteCount += block.count
        ends[count] = UInt32(byteCount).littleEndian
        count += 1
        if block.count >= Limits.largeBlockByteCount { hasLargeBlock = true }
    }

    private func reserve(_ more: Int) {
        if byteCount + more > capacity {
            capacity = max(byteCount + more, 2 * capacity, 256)
            let larger = UnsafeMutableRawPointer.allocate(byteCount: capacity, alignment: 1)
            larger.copyMemory(from: bytes, byteCount: byteCount)
            bytes.deallocate()
            bytes = larger
        }
        if count == endCapacity {
            endCapacity = max(2 * endCapacity, 8)
            let larger = UnsafeMutablePointer<UInt32>.allocate(capacity: endCapacity)
            larger.update(from: ends, count: count)
            ends.deallocate()
            ends = larger
        }
    }

    /// Lets the blocks go, and keeps the memory for the next.
    func removeAll() {
        count = 0
        byteCount = 0
        hasLargeBlock = false
    }

    /// The bytes of the value that a row of so many blocks has.
    static func valueByteCount(count: Int, byteCount: Int) -> Int {
        count == 1 ? byteCount : 1 + count * (byteCount > UInt16.max ? 4 : 2) + byteCount
    }

    var valueByteCount: Int { Self.valueByteCount(count: count, byteCount: byteCount) }

    /// Writes the value of the row, which takes `valueByteCount` bytes.
    func write(to value: UnsafeMutableRawBufferPointer) {
        guard var to = value.baseAddress else { return }
        if count > 1 {
            let isWide = byteCount > UInt16.max
            to.storeBytes(of: isWide ? RowContent.wideForm : RowContent.narrowForm, as: UInt8.self)
            to += 1
            if isWide {
                to.copyMemory(from: ends, byteCount: count * 4)
                to += count * 4
            } else {
                for place in 0..<count {
                    let end = UInt16(truncatingIfNeeded: UInt32(littleEndian: ends[place]))
                    to.storeBytes(of: end.littleEndian, as: UInt16.self)
                    to += 2
                }
            }
        }
        to.copyMemory(from: bytes, byteCount: byteCount)
    }
}
