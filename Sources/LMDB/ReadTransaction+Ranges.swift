#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

extension ReadTransaction {
    /// Visits the keys of a range in order, or from the greatest down, until the visitor stops.
    @inlinable
    public func visit(
        _ range: KeyRange = .all, in database: Database, descending: Bool = false,
        _ visitor: (_ key: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer) throws -> Visit
    ) throws {
        try withCursor(in: database) { cursor in
            var isInside = try cursor.move(toStartOf: range, descending: descending)
            while isInside {
                guard case .next = try cursor.withCurrent(visitor) else { return }
                isInside = try cursor.advance(in: range, descending: descending)
            }
        }
    }

    /// Counts the keys of a range, by visiting them.
    public func count(of range: KeyRange, in database: Database) throws -> Int {
        var count = 0
        try visit(range, in: database) { _, _ in
            count += 1
            return .next
        }
        return count
    }
}

extension Cursor {
    /// Moves to where a visit of the range begins; returns false if it is empty.
    @usableFromInline
    mutating func move(toStartOf range: KeyRange, descending: Bool) throws(LMDBError) -> Bool {
        if let start = descending ? range.upper : range.lower {
            _ = try start.withBytes { bytes throws(LMDBError) in
                descending
                    ? try move(toLastBefore: bytes) : try move(toFirstNotBefore: bytes)
            }
        } else {
            _ = descending ? try moveToLast() : try moveToFirst()
        }
        return try isInside(range, descending: descending)
    }

    /// Moves on; returns false when the range ends.
    @usableFromInline
    mutating func advance(in range: KeyRange, descending: Bool) throws(LMDBError) -> Bool {
        _ = descending ? try moveToPrevious() : try moveToNext()
        return try isInside(range, descending: descending)
    }

    private func isInside(_ range: KeyRange, descending: Bool) throws(LMDBError) -> Bool {
        guard isAtKey else { return false }
        guard let bound = descending ? range.lower : range.upper else { return true }
        let (key, _) = try unsafeCurrent()
        let order = bound.withUnsafeBytes { key.compare(to: $0) }
        return descending ? order >= 0 : order < 0
    }
}

extension UnsafeRawBufferPointer {
    /// Compares as LMDB sorts: byte by byte, and the shorter first.
    func compare(to other: UnsafeRawBufferPointer) -> Int {
        let shared = Swift.min(count, other.count)
        if shared > 0, let left = baseAddress, let right = other.baseAddress {
            let order = memcmp(left, right, shared)
            if order != 0 { return Int(order) }
        }
        return count - other.count
    }
}
