import LMDB

/// How the blocks of a write transaction become rows.
///
/// Consecutive blocks are gathered and written as one row when it is full, when another place of
/// the feed is written, or when the transaction ends. Reads of the transaction see them before.
extension FeedState {
    /// Stores a block that is not held.
    func storeBlock(_ block: UnsafeRawBufferPointer, at index: UInt64) throws {
        if !gathering.isEmpty, !gathering.accepts(index, byteCount: block.count) {
            try writeGathered()
        }
        guard block.count <= Limits.maximumRowByteCount else {
            return try changes.indivisibly {
                let mayAppend = try mayAppendBlocks()
                try IndexKey(feed: number, index).withBytes { key in
                    try changes.transaction.pointee.put(
                        block, forKey: key, in: changes.tables.blocks, append: mayAppend)
                }
            }
        }
        gathering.add(block, at: index)
    }

    /// Writes the gathered blocks as a row, together with short rows right before them.
    ///
    /// A row joins one that is not longer than itself and all between, as long as both are small.
    /// So a feed that grows block by block has few rows, and each block is rewritten seldom.
    func writeGathered() throws {
        guard !gathering.isEmpty else { return }
        try changes.indivisibly {
            let joined = try rowsToJoin()
            if joined.isEmpty {
                try write(gathering)
            } else {
                let row = RowGathering()
                for former in joined.reversed() { try row.add(former.content(), of: former.blocks) }
                try row.add(gathering.content, of: gathering.blocks)
                for former in joined { try deleteRow(former.blocks) }
                try write(row)
            }
            gathering.removeAll()
        }
    }

    /// The rows right before the gathered blocks that are to become one with them, the last first.
    private func rowsToJoin() throws -> [BlockRow] {
        var rows: [BlockRow] = []
        var first = gathering.first
        var count = gathering.count
        var byteCount = gathering.byteCount
        while first > 0, count < Limits.maximumRowBlockCount,
            byteCount < Limits.maximumSmallRowByteCount,
            let row = try changes.tableReader.row(holding: first - 1, ofFeed: number)
        {
            // A damaged row is left as it is, to be found by a verification.
            guard row.blocks.count <= min(count, Limits.maximumRowBlockCount - count),
                row.blocks.upperBound == first,
                row.value.count <= Limits.maximumSmallRowByteCount,
                let content = row.readableContent
            else { break }
            count += row.blocks.count
            byteCount += content.bytes.count
            guard
                RowGathering.valueByteCount(count: count, byteCount: byteCount)
                    <= Limits.maximumSmallRowByteCount
            else { break }
            first = row.blocks.lowerBound
            rows.append(row)
        }
        return rows
    }

    private func write(_ row: RowGathering) throws {
        if row.count > 1 { try changes.requireFormatOfPacks() }
        let mayAppend = try mayAppendBlocks()
        try BlockRow.withKey(feed: number, blocks: row.blocks) { key in
            try changes.transaction.pointee.reserve(
                byteCount: row.valueByteCount, forKey: key, in: changes.tables.blocks,
                append: mayAppend
            ) { row.write(to: $0) }
        }
    }

    private func deleteRow(_ blocks: Range<UInt64>) throws {
        _ = try BlockRow.withKey(feed: number, blocks: blocks) { key in
            try changes.transaction.pointee.delete(key, in: changes.tables.blocks)
        }
    }

    /// Drops the blocks of a range; returns whether any was held.
    ///
    /// What rows hold outside of the range stays, as rows of its own.
    func removeBlocks(in range: Range<UInt64>) throws -> Bool {
        try changes.indivisibly {
            try writeGathered()
            var kept: [RowGathering] = []
            var beginsBefore: Range<UInt64>?
            var isAnyHeld = false
            try changes.tableReader.forEachRow(in: range, ofFeed: number) { row in
                isAnyHeld = true
                if row.blocks.lowerBound < range.lowerBound {
                    beginsBefore = row.blocks
                    kept.append(try row.copy(of: row.blocks.lowerBound..<range.lowerBound))
                }
                if row.blocks.upperBound > range.upperBound {
                    kept.append(try row.copy(of: range.upperBound..<row.blocks.upperBound))
                }
                return .next
            }
            guard isAnyHeld else { return false }
            if let beginsBefore { try deleteRow(beginsBefore) }
            let keys = KeyRange(
                from: IndexKey(feed: number, range.lowerBound).bytes,
                upTo: IndexKey(feed: number, range.upperBound).bytes)
            try changes.transaction.pointee.delete(keys, in: changes.tables.blocks)
            for row in kept { try write(row) }
            return true
        }
    }
}

extension BlockRow {
    /// The content, `nil` if any of it cannot be read.
    fileprivate var readableContent: RowContent? {
        guard let content = try? content() else { return nil }
        return blocks.allSatisfy { content.block(at: $0) != nil } ? content : nil
    }

    /// Copies some blocks of the row.
    fileprivate func copy(of part: Range<UInt64>) throws -> RowGathering {
        let row = RowGathering()
        try row.add(content(), of: part)
        return row
    }
}

extension RowGathering {
    /// Adds blocks of a row.
    fileprivate func add(_ content: RowContent, of part: Range<UInt64>) throws {
        for index in part {
            guard let block = content.block(at: index) else {
                throw FeedStoreError(
                    .damaged, "Blocks from \(content.blocks.lowerBound) on cannot be read.")
            }
            add(block, at: index)
        }
    }
}
