public import Feeds

extension Archive {
    func indexWriter() throws -> IndexWriter {
        let (authorship, _) = try requireAuthorship()
        return IndexWriter(
            index.feed, header: authorship.header, signingWith: authorship.indexKeyPair)
    }

    /// Makes changes whose entries are appended at once.
    public func withBatch<Result>(
        in transaction: borrowing StoreTransaction,
        _ body: (inout ArchiveBatch) throws -> Result
    ) throws -> Result {
        var batch = try ArchiveBatch(self)
        let result = try body(&batch)
        try batch.commit(in: transaction)
        return result
    }

    /// Appends content that an entry will name; cut into blocks of 64 KiB.
    public func store(
        _ content: [UInt8], in transaction: borrowing StoreTransaction
    ) throws -> WrittenBlob {
        try content.withUnsafeBytes { try store($0, in: transaction) }
    }

    /// Appends content that an entry will name; cut into blocks of 64 KiB.
    public func store(
        _ content: UnsafeRawBufferPointer, in transaction: borrowing StoreTransaction
    ) throws -> WrittenBlob {
        let (authorship, blobs) = try requireAuthorship()
        return try blobs.put(
            content, in: transaction, signingWith: authorship.contentKeyPair)
    }

    /// Begins content that comes in pieces; an entry can name it once it is finished.
    public func makeBlobWriter(
        cutting: BlobWriter.Cutting = .into(ArchiveLimits.contentBlockByteCount),
        mapping: BlobWriter.Mapping = .none
    ) throws -> BlobWriter {
        let (authorship, blobs) = try requireAuthorship()
        return BlobWriter(
            feed: blobs.feed, cutting: cutting, mapping: mapping,
            signingWith: authorship.contentKeyPair)
    }

    /// Writes a file.
    @discardableResult
    public func put(
        _ content: [UInt8], at path: String, isExecutable: Bool = false,
        metadata: JSONValue = .null, in transaction: borrowing StoreTransaction
    ) throws -> WrittenBlob {
        let path = try ArchivePath(path)
        return try withBatch(in: transaction) { batch in
            try batch.put(
                content, at: path, isExecutable: isExecutable, metadata: metadata,
                in: transaction)
        }
    }

    /// Sets the entry of a path, for content that is stored already.
    @discardableResult
    public func put(
        _ value: EntryValue, at path: ArchivePath, in transaction: borrowing StoreTransaction
    ) throws -> UInt64? {
        try withBatch(in: transaction) { try $0.put(value, at: path, in: transaction) }
    }

    /// Makes a symbolic link; the target is kept as it is given.
    public func link(
        _ path: String, to target: String, metadata: JSONValue = .null,
        in transaction: borrowing StoreTransaction
    ) throws {
        let path = try ArchivePath(path)
        try withBatch(in: transaction) {
            try $0.link(path, to: target, metadata: metadata, in: transaction)
        }
    }

    /// Removes the entry of a path; returns whether there was one.
    ///
    /// Its content stays in the feed.
    @discardableResult
    public func remove(
        _ path: String, in transaction: borrowing StoreTransaction
    ) throws -> Bool {
        let path = try ArchivePath(path)
        return try withBatch(in: transaction) { try $0.remove(path, in: transaction) }
    }

    /// Drops the local copies of the content blocks of a file; the entry stays.
    ///
    /// Returns whether there was a file.
    @discardableResult
    public func clear(
        _ path: String, in transaction: borrowing StoreTransaction
    ) throws -> Bool {
        guard let blob = try entry(at: path, in: transaction.snapshot)?.value.blob else {
            return false
        }
        try requireContent().clear(blob, in: transaction)
        return true
    }

    /// Drops the local copies of all content blocks.
    public func clearAll(in transaction: borrowing StoreTransaction) throws {
        guard let content else { return }
        let length = try transaction.snapshot.head(of: content.feed).length
        if length > 0 { try transaction.clear(0..<length, of: content.feed) }
    }

    /// Takes back all versions after one, under new forks of both feeds.
    ///
    /// The content is cut after the last block that an entry of the version names, unless a length
    /// is given.
    public func truncate(
        to version: UInt64, contentLength: UInt64? = nil,
        in transaction: borrowing StoreTransaction
    ) throws {
        let (authorship, blobs) = try requireAuthorship()
        let length = try contentLength ?? checkout(version).contentLength(in: transaction.snapshot)
        try transaction.truncate(
            index.feed, to: version, signingWith: authorship.indexKeyPair)
        try transaction.truncate(
            blobs.feed, to: length, signingWith: authorship.contentKeyPair)
    }
}
