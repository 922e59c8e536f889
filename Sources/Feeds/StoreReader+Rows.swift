import LMDB

/// The two rows that a snapshot looked at last: the next block is mostly in one of them.
///
/// Two, because a walk through an index goes back and forth between its nodes and its entries.
struct RecentRows {
    private struct Row {
        var feedNumber: UInt32 = 0
        var content = RowContent(onlyBlock: UnsafeRawBufferPointer(start: nil, count: 0), at: 0)
        var isEmpty = true

        @inline(__always)
        func holds(_ index: UInt64, ofFeed number: UInt32) -> Bool {
            !isEmpty && feedNumber == number && content.blocks.contains(index)
        }
    }

    private var last = Row()
    private var other = Row()

    /// The row that holds a block, if it is one of the two.
    @inline(__always)
    mutating func content(holding index: UInt64, ofFeed number: UInt32) -> RowContent? {
        if last.holds(index, ofFeed: number) { return last.content }
        guard other.holds(index, ofFeed: number) else { return nil }
        swap(&last, &other)
        return last.content
    }

    mutating func note(_ content: RowContent, ofFeed number: UInt32) {
        other = last
        last = Row(feedNumber: number, content: content, isEmpty: false)
    }
}

extension StoreReader {
    /// A block as it is stored, `nil` if it is not held.
    ///
    /// - Throws: `FeedStoreError.damaged` if the row that should have it cannot be read.
    func storedBlock(
        at index: UInt64, ofFeed number: UInt32
    ) throws -> UnsafeRawBufferPointer? {
        guard let content = try content(holding: index, ofFeed: number) else { return nil }
        guard let block = content.block(at: index) else {
            throw FeedStoreError.damagedRow(content.blocks.lowerBound, number)
        }
        return block
    }

    private func content(holding index: UInt64, ofFeed number: UInt32) throws -> RowContent? {
        if let content = recent?.pointee.content(holding: index, ofFeed: number) { return content }
        guard let content = try row(holding: index, ofFeed: number)?.content() else { return nil }
        recent?.pointee.note(content, ofFeed: number)
        return content
    }

    /// The row that holds a block, `nil` if there is none.
    func row(holding index: UInt64, ofFeed number: UInt32) throws -> BlockRow? {
        if let row = waitingRow(ofFeed: number), row.blocks.contains(index) { return row }
        return try transaction.pointee.withCursor(in: tables.blocks) { cursor in
            guard try seek(index, ofFeed: number, &cursor) else { return nil }
            guard let row = try currentRow(cursor), row.feedNumber == number,
                row.blocks.contains(index)
            else { return nil }
            return row
        }
    }

    /// Visits the rows with blocks of a range in order, until told to stop.
    ///
    /// The first and the last may reach beyond the range.
    func forEachRow(
        in range: Range<UInt64>, ofFeed number: UInt32,
        _ body: (BlockRow) throws -> BlockVisit
    ) throws {
        guard !range.isEmpty else { return }
        var waiting = waitingRow(ofFeed: number)
        if let row = waiting, !row.blocks.overlaps(range) { waiting = nil }
        try transaction.pointee.withCursor(in: tables.blocks) { cursor in
            var isAtKey = try seek(range.lowerBound, ofFeed: number, &cursor)
            while isAtKey {
                guard let row = try currentRow(cursor), row.feedNumber == number,
                    row.blocks.lowerBound < range.upperBound
                else { break }
                if let before = waiting, before.blocks.lowerBound < row.blocks.lowerBound {
                    waiting = nil
                    guard try body(before) == .next else { return }
                }
                guard try body(row) == .next else { return }
                isAtKey = try cursor.moveToNext()
            }
            if let waiting { _ = try body(waiting) }
        }
    }

    /// Visits the held blocks of a range in order, until told to stop.
    ///
    /// In a transaction the visitor may change the feed.
    /// - Throws: `FeedStoreError.damaged` at a row that cannot be read.
    func forEachStoredBlock(
        in range: Range<UInt64>, ofFeed number: UInt32,
        _ body: (UInt64, UnsafeRawBufferPointer) throws -> BlockVisit
    ) throws {
        var next = range.lowerBound
        if let content = recent?.pointee.content(holding: next, ofFeed: number) {
            let end = min(content.blocks.upperBound, range.upperBound)
            while next < end {
                guard let block = content.block(at: next) else {
                    throw FeedStoreError.damagedRow(content.blocks.lowerBound, number)
                }
                next += 1
                guard try body(next - 1, block) == .next else { return }
            }
        }
        try forEachRow(in: next..<range.upperBound, ofFeed: number) { row in
            // What a change leaves of a row is looked for anew.
            let content = pending == nil ? try row.content() : nil
            if let content { recent?.pointee.note(content, ofFeed: number) }
            // Rows that are not damaged do not overlap; no block is visited twice.
            while next < row.blocks.upperBound, next < range.upperBound {
                let index = max(next, row.blocks.lowerBound)
                guard index < range.upperBound else { break }
                next = index + 1
                guard let content else {
                    guard let block = try storedBlock(at: index, ofFeed: number) else { continue }
                    guard try body(index, block) == .next else { return .stop }
                    continue
                }
                guard let block = content.block(at: index) else {
                    throw FeedStoreError.damagedRow(row.blocks.lowerBound, number)
                }
                guard try body(index, block) == .next else { return .stop }
            }
            return .next
        }
    }

    /// Visits the held parts of a range from left to right, until told to stop.
    ///
    /// No bytes of blocks are looked at. Neighbours may come one by one.
    func forEachHeldRange(
        in range: Range<UInt64>, ofFeed number: UInt32,
        _ body: (Range<UInt64>) throws -> BlockVisit
    ) throws {
        var next = range.lowerBound
        try forEachRow(in: range, ofFeed: number) { row in
            let start = max(next, row.blocks.lowerBound)
            let end = min(range.upperBound, row.blocks.upperBound)
            guard start < end else { return .next }
            next = end
            return try body(start..<end)
        }
    }

    /// The first block of a range that is not held, its end if all are.
    func firstMissing(in range: Range<UInt64>, ofFeed number: UInt32) throws -> UInt64 {
        var expected = range.lowerBound
        try forEachHeldRange(in: range, ofFeed: number) { held in
            guard held.lowerBound == expected else { return .stop }
            expected = held.upperBound
            return .next
        }
        return expected
    }

    private func waitingRow(ofFeed number: UInt32) -> BlockRow? {
        guard let gathering = pending?.existingState(number)?.gathering, !gathering.isEmpty else {
            return nil
        }
        return BlockRow(feedNumber: number, waiting: gathering.content)
    }

    private func currentRow(_ cursor: borrowing Cursor) throws -> BlockRow? {
        try cursor.withCurrent { BlockRow(key: $0, value: $1) }
    }

    /// Moves to the row that holds a block, else to the first one behind it.
    private func seek(
        _ index: UInt64, ofFeed number: UInt32, _ cursor: inout Cursor
    ) throws -> Bool {
        // A row begins at its first block: the one sought begins here or is the one before.
        let isBehind = try IndexKey(feed: number, index).withBytes {
            try cursor.move(toFirstNotBefore: $0)
        }
        if isBehind, let row = try currentRow(cursor), row.feedNumber == number,
            row.blocks.lowerBound == index
        {
            return true
        }
        let isBefore = try isBehind ? cursor.moveToPrevious() : cursor.moveToLast()
        guard isBefore else { return try isBehind && cursor.moveToFirst() }
        if let row = try currentRow(cursor), row.feedNumber == number, row.blocks.contains(index) {
            return true
        }
        return try cursor.moveToNext()
    }
}
