import Feeds
import LMDB

/// Gives back the memory behind blocks that were read from the map, some megabytes at a time.
///
/// Otherwise a process that reads a large file once seems to hold all of it.
struct SpentMemory {
    private static let maximumByteCount: UInt = 4 << 20

    private var range: Range<UInt> = 0..<0

    /// Notes bytes that will not be read again; they must stand in the map.
    mutating func add(_ bytes: UnsafeRawBufferPointer, of snapshot: borrowing StoreSnapshot) {
        guard let base = bytes.baseAddress else { return }
        let start = UInt(bitPattern: base)
        let added = start..<start + UInt(bytes.count)
        let isNear =
            added.lowerBound >= range.lowerBound
            && added.upperBound - range.lowerBound <= Self.maximumByteCount
        if !range.isEmpty, isNear {
            range = range.lowerBound..<max(range.upperBound, added.upperBound)
        } else {
            release(of: snapshot)
            range = added
        }
    }

    /// Gives back what was noted; to be called before the snapshot ends.
    mutating func release(of snapshot: borrowing StoreSnapshot) {
        defer { range = 0..<0 }
        guard !range.isEmpty else { return }
        snapshot.withMemory(range) { transaction, bytes in transaction.releaseMemory(of: bytes) }
    }
}

extension StoreSnapshot {
    fileprivate func withMemory(
        _ range: Range<UInt>, _ body: (borrowing ReadTransaction, UnsafeRawBufferPointer) -> Void
    ) {
        let bytes = UnsafeRawBufferPointer(
            start: UnsafeRawPointer(bitPattern: range.lowerBound), count: range.count)
        // Nothing in it can fail.
        try? withEnvironmentTransaction { body($0, bytes) }
    }
}
