public import Cryptography
public import Feeds

/// Changes an index, with the key pair that signs it.
public struct IndexWriter: Sendable {
    /// The index.
    public let tree: IndexTree
    /// What block 0 says if it has to be written.
    public let header: IndexHeader
    /// Whether a put of the value that a key has already writes a block, as JavaScript does.
    public let writesDuplicates: Bool
    let keyPair: KeyPair

    /// Makes a writer for the newest version of an index.
    public init(
        _ feed: Feed, header: IndexHeader = IndexHeader(), writesDuplicates: Bool = true,
        signingWith keyPair: KeyPair
    ) {
        tree = IndexTree(feed)
        self.header = header
        self.writesDuplicates = writesDuplicates
        self.keyPair = keyPair
    }

    /// Gives a key a value; returns the number of the block, `nil` if nothing was written.
    @discardableResult
    public func put(
        _ key: [UInt8], _ value: [UInt8]?, if condition: ((IndexEntry) throws -> Bool)? = nil,
        in transaction: borrowing StoreTransaction
    ) throws -> UInt64? {
        var batch = IndexBatch(self)
        let seq = try batch.put(key, value, if: condition, in: transaction)
        try batch.commit(in: transaction)
        return seq
    }

    /// Deletes a key; returns the number of the block, `nil` if nothing was written.
    @discardableResult
    public func remove(
        _ key: [UInt8], if condition: ((IndexEntry) throws -> Bool)? = nil,
        in transaction: borrowing StoreTransaction
    ) throws -> UInt64? {
        var batch = IndexBatch(self)
        let seq = try batch.remove(key, if: condition, in: transaction)
        try batch.commit(in: transaction)
        return seq
    }
}
