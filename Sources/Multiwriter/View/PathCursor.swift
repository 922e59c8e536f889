import Archives
import Feeds

/// Walks one kind of entries of one archive in the order of their paths.
struct PathCursor: Sendable {
    /// The position of the archive among those that are merged.
    let writer: Int
    let kind: EntryKey
    private var iterator: IndexIterator
    private(set) var entry: IndexEntry?

    init(writer: Int, kind: EntryKey, iterator: IndexIterator) {
        self.writer = writer
        self.kind = kind
        self.iterator = iterator
    }

    private var prefixCount: Int { kind.prefixCount }

    /// The path as it stands in the key, unchecked.
    var path: ArraySlice<UInt8> { (entry?.key ?? [])[prefixCount...] }

    mutating func advance(in snapshot: borrowing StoreSnapshot) throws {
        entry = nil
        entry = try iterator.next(in: snapshot)
    }

    /// What is missing if this error says that a block is; `limit` is how many entries are needed.
    func lack(_ error: any Error, limit: Int?) -> IndexLack? {
        guard let error = error as? ArchiveError, error.code == .blockNotAvailable,
            let block = error.block
        else { return nil }
        return IndexLack(
            feed: block.feed, block: block.index, hint: iterator.hint(limit: limit).encoded)
    }

    /// Goes to the first path that is not below the given bytes, unless it is there already.
    mutating func seek(to path: [UInt8], in snapshot: borrowing StoreSnapshot) throws {
        guard order(to: path) < 0 else { return }
        entry = nil
        iterator.seek(to: .included(kind.prefix + path))
        entry = try iterator.next(in: snapshot)
    }

    /// Negative, zero or positive as the own path comes before, is, or comes after the other.
    func order(to other: [UInt8]) -> Int {
        guard let entry else { return 1 }
        return entry.key.withUnsafeBytes { key in
            other.withUnsafeBytes { other in
                KeyOrder.compare(
                    UnsafeRawBufferPointer(rebasing: key[prefixCount...]), other)
            }
        }
    }

    func order(to other: PathCursor) -> Int {
        guard let entry, let theirs = other.entry else { return entry == nil ? 1 : -1 }
        return entry.key.withUnsafeBytes { key in
            theirs.key.withUnsafeBytes { their in
                KeyOrder.compare(
                    UnsafeRawBufferPointer(rebasing: key[prefixCount...]),
                    UnsafeRawBufferPointer(rebasing: their[other.prefixCount...]))
            }
        }
    }
}

/// Cursors as a heap, the smallest path first.
struct CursorHeap: Sendable {
    private(set) var cursors: [PathCursor] = []

    var first: PathCursor? { cursors.first }

    /// Adds a cursor that stands on an entry.
    mutating func insert(_ cursor: PathCursor) {
        cursors.append(cursor)
        var index = cursors.count - 1
        while index > 0 {
            let parent = (index - 1) / 2
            guard cursors[index].order(to: cursors[parent]) < 0 else { return }
            cursors.swapAt(index, parent)
            index = parent
        }
    }

    mutating func removeFirst() -> PathCursor {
        cursors.swapAt(0, cursors.count - 1)
        let first = cursors.removeLast()
        var index = 0
        while true {
            var smallest = index
            for child in [2 * index + 1, 2 * index + 2]
            where child < cursors.count && cursors[child].order(to: cursors[smallest]) < 0 {
                smallest = child
            }
            guard smallest != index else { return first }
            cursors.swapAt(index, smallest)
            index = smallest
        }
    }
}
