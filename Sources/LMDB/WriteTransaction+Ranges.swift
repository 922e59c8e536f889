extension WriteTransaction {
    /// Removes all keys of a range; returns how many there were.
    @discardableResult
    public func delete(_ range: KeyRange, in database: Database) throws(LMDBError) -> Int {
        var cursor = try reading.makeCursor(in: database)
        defer { cursor.close() }
        var count = 0
        var isInside = try cursor.move(toStartOf: range, descending: false)
        while isInside {
            try cursor.deleteCurrent(in: self)
            count += 1
            isInside = try cursor.advance(in: range, descending: false)
        }
        return count
    }
}
