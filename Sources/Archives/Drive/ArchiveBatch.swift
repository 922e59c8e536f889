public import Feeds

/// Changes of an archive whose index entries are appended at once; content is appended as it comes.
///
/// It lives inside one transaction; see `IndexBatch`.
public struct ArchiveBatch: ~Copyable {
    private let archive: Archive
    private var index: IndexBatch

    /// Begins a batch.
    ///
    /// - Throws: `ArchiveError.notWritable`.
    public init(_ archive: Archive) throws {
        let writer = try archive.indexWriter()
        self.archive = archive
        index = IndexBatch(writer)
    }

    /// The number of index blocks that will be written.
    public var count: Int { index.count }

    /// Sets the entry of a path; returns the number of its block in the index.
    @discardableResult
    public mutating func put(
        _ value: EntryValue, at path: ArchivePath, in transaction: borrowing StoreTransaction
    ) throws -> UInt64? {
        try index.put(
            ArchiveKeys.file(path), value.encoded(archive.memberOrder), in: transaction)
    }

    /// Writes a file.
    @discardableResult
    public mutating func put(
        _ content: [UInt8], at path: ArchivePath, isExecutable: Bool = false,
        metadata: JSONValue = .null, in transaction: borrowing StoreTransaction
    ) throws -> WrittenBlob {
        let written = try archive.store(content, in: transaction)
        let value = EntryValue(
            blob: written.blob, isExecutable: isExecutable, metadata: metadata)
        try put(value, at: path, in: transaction)
        return written
    }

    /// Makes a symbolic link; the target is kept as it is given.
    public mutating func link(
        _ path: ArchivePath, to target: String, metadata: JSONValue = .null,
        in transaction: borrowing StoreTransaction
    ) throws {
        try put(EntryValue(linkTo: target, metadata: metadata), at: path, in: transaction)
    }

    /// Removes the entry of a path; returns whether there was one.
    @discardableResult
    public mutating func remove(
        _ path: ArchivePath, in transaction: borrowing StoreTransaction
    ) throws -> Bool {
        try index.remove(ArchiveKeys.file(path), in: transaction) != nil
    }

    /// The entry of a path as the batch will leave it.
    public mutating func entry(
        at path: ArchivePath, in transaction: borrowing StoreTransaction
    ) throws -> ArchiveEntry? {
        try index.entry(for: ArchiveKeys.file(path), in: transaction.snapshot)
            .map { entry throws(EntryError) in try ArchiveEntry(entry) }
    }

    /// Gives a key a value, for keys that stand for no path.
    ///
    /// The value must be JSON without a member `blob`, or JavaScript stumbles over it.
    @discardableResult
    public mutating func put(
        _ value: JSONValue, forKey key: [UInt8], in transaction: borrowing StoreTransaction
    ) throws -> UInt64? {
        precondition(value["blob"] == nil, "a private value has no member `blob`")
        return try index.put(key, value.serialized, in: transaction)
    }

    /// Deletes a key; returns whether it was there.
    @discardableResult
    public mutating func remove(
        key: [UInt8], in transaction: borrowing StoreTransaction
    ) throws -> Bool {
        try index.remove(key, in: transaction) != nil
    }

    /// The entry of a key as the batch will leave it.
    public mutating func entry(
        forKey key: [UInt8], in transaction: borrowing StoreTransaction
    ) throws -> IndexEntry? {
        try index.entry(for: key, in: transaction.snapshot)
    }

    /// Appends the entries; the batch can then begin anew.
    public mutating func commit(in transaction: borrowing StoreTransaction) throws {
        try index.commit(in: transaction)
    }
}
