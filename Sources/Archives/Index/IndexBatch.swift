import Cryptography
public import Feeds

/// Changes of an index that are appended at once.
///
/// It lives inside one transaction, which may change the index in no other way meanwhile. The tree
/// nodes that it touches and all keys and values given stay in memory until it ends. Dropping it
/// undoes all but block 0.
public struct IndexBatch: ~Copyable {
    private let writer: IndexWriter
    private var editor: TreeEditor?
    private var hasBegun = false

    /// Begins a batch; nothing is read or written before the first change.
    public init(_ writer: IndexWriter) { self.writer = writer }

    /// The number of blocks that will be written.
    public private(set) var count = 0

    /// Gives a key a value; returns the number of the block, `nil` if nothing will be written.
    ///
    /// The condition is asked only when the key exists.
    @discardableResult
    public mutating func put(
        _ key: [UInt8], _ value: [UInt8]?, if condition: ((IndexEntry) throws -> Bool)? = nil,
        in transaction: borrowing StoreTransaction
    ) throws -> UInt64? {
        try begin(in: transaction)
        let seq = try editor?.put(key, value, if: condition, in: transaction.snapshot)
        if seq != nil { count += 1 }
        return seq
    }

    /// Deletes a key; returns the number of the block, `nil` if nothing will be written.
    ///
    /// The condition is asked only when the key exists.
    @discardableResult
    public mutating func remove(
        _ key: [UInt8], if condition: ((IndexEntry) throws -> Bool)? = nil,
        in transaction: borrowing StoreTransaction
    ) throws -> UInt64? {
        try begin(in: transaction)
        let seq = try editor?.remove(key, if: condition, in: transaction.snapshot)
        if seq != nil { count += 1 }
        return seq
    }

    /// The entry of a key as the batch will leave it.
    public mutating func entry(
        for key: [UInt8], in snapshot: borrowing StoreSnapshot
    ) throws -> IndexEntry? {
        guard count > 0 else { return try writer.tree.entry(for: key, in: snapshot) }
        return try editor?.entry(for: key, in: snapshot)
    }

    /// Appends the blocks; the batch can then begin anew.
    public mutating func commit(in transaction: borrowing StoreTransaction) throws {
        hasBegun = false
        guard let editor = editor.take(), count > 0 else { return }
        count = 0
        let length = try transaction.snapshot.head(of: writer.tree.feed).length
        guard length == editor.base else {
            throw ArchiveError(
                .interrupted,
                "Index \(writer.tree.feed.key.id) was changed while a batch was open.")
        }
        try transaction.append(
            editor.blocks(), to: writer.tree.feed, signingWith: writer.keyPair)
    }

    /// Reads where the index stands; an empty feed gets its header, whatever becomes of the batch.
    private mutating func begin(in transaction: borrowing StoreTransaction) throws {
        guard !hasBegun else { return }
        hasBegun = true
        let feed = writer.tree.feed
        if try transaction.snapshot.head(of: feed).length == 0 {
            try transaction.append(writer.header.encoded, to: feed, signingWith: writer.keyPair)
        }
        editor = TreeEditor(
            feed: feed, base: try transaction.snapshot.head(of: feed).length,
            writesDuplicates: writer.writesDuplicates)
    }
}
