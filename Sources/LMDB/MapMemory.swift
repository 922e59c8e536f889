import CLMDB
import Synchronization

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Knows how much was read or written through a map since its memory was given back, and where
/// the map begins.
///
/// The kernel maps the neighbours of each page that is read, and a commit reads all pages that it
/// changes: only the whole map together can be given back. It is a shared map of a file that
/// nobody writes through, so nothing is lost.
final class MapMemory: Sendable {
    private let spentByteCount = Atomic<Int>(0)
    /// Where the map begins; 0 if that is not known.
    private let start = Atomic<UInt>(0)

    /// Counts bytes; true if the memory is due to be given back, which is said once.
    func add(_ byteCount: Int) -> Bool {
        let sum = spentByteCount.add(byteCount, ordering: .relaxed).newValue
        guard sum >= Limits.mappedByteCount else { return false }
        return spentByteCount.exchange(0, ordering: .relaxed) >= Limits.mappedByteCount
    }

    /// Forgets where the map is; to be called when it moves, with no transaction open.
    func forgetStart() { start.store(0, ordering: .relaxed) }

    /// Gives back the first bytes of the map, found by `find` if it is not known where it begins.
    func release(byteCount: Int, findingStart find: () -> UInt?) {
        var address = start.load(ordering: .relaxed)
        if address == 0 {
            guard let found = find() else { return }
            start.store(found, ordering: .relaxed)
            address = found
        }
        madvise(UnsafeMutableRawPointer(bitPattern: address), byteCount, MADV_DONTNEED)
    }
}

extension EnvironmentCore {
    /// Gives the memory of the map back; the transaction is one that reads, and stays open.
    func releaseMap(in transaction: OpaquePointer) {
        let (mapped, used, _) = information()
        mapMemory.release(byteCount: min(mapped, used)) { mapStart(in: transaction) }
    }

    /// Gives the memory of the map back after a commit that made it due.
    func releaseMapAfterWriting() {
        // What cannot be read now is given back another time.
        guard let (transaction, isWriting) = try? beginReading() else { return }
        defer { endReading(transaction) }
        if !isWriting { releaseMap(in: transaction) }
    }

    /// Where the map begins; `nil` if that cannot be told for certain.
    ///
    /// LMDB does not say it, but a page knows its own number. A damaged page may lie, and other
    /// memory must not be given back, so the page of that number is compared with the file.
    private func mapStart(in transaction: OpaquePointer) -> UInt? {
        guard let value = firstValue(in: transaction), let file = PageFile(path: files.data),
            let meta = file.metas().compactMap({ $0 }).first
        else { return nil }
        let size = UInt(meta.pageByteCount)
        let pageAddress = value / size * size
        guard let page = UnsafeRawPointer(bitPattern: pageAddress) else { return nil }
        let number = page.loadUnaligned(as: UInt64.self)
        let (offset, isTooLarge) = UInt(number).multipliedReportingOverflow(by: size)
        guard !isTooLarge, offset < pageAddress, offset < UInt(information().mapByteCount),
            (pageAddress - offset) % UInt(getpagesize()) == 0
        else { return nil }
        let isSame = withUnsafeTemporaryAllocation(byteCount: Int(size), alignment: 8) { copy in
            file.read(into: copy, at: UInt64(offset))
                && copy.baseAddress.map { memcmp($0, page, Int(size)) == 0 } ?? false
        }
        return isSame ? pageAddress - offset : nil
    }

    /// The address of the first value of the table of tables, which stands in a leaf page.
    private func firstValue(in transaction: OpaquePointer) -> UInt? {
        var cursor: OpaquePointer?
        guard mdb_cursor_open(transaction, 1, &cursor) == MDB_SUCCESS else { return nil }
        defer { mdb_cursor_close(cursor) }
        var key = MDB_val()
        var value = MDB_val()
        guard mdb_cursor_get(cursor, &key, &value, MDB_FIRST) == MDB_SUCCESS else { return nil }
        return UInt(bitPattern: value.mv_data)
    }
}
