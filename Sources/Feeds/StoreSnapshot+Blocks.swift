import Cryptography
import LMDB
public import Merkle

extension StoreSnapshot {
    /// A block, decrypted if the handle has a cipher; `nil` if it is not held.
    ///
    /// - Throws: `FeedStoreError.damaged` if the block is too short to be an encrypted one.
    public func block(at index: UInt64, of feed: Feed) throws -> [UInt8]? {
        guard let stored = try reader.storedBlock(at: index, ofFeed: feed.number) else {
            return nil
        }
        return try feed.cipher == nil ? Array(stored) : decrypted(stored, at: index, of: feed)
    }

    /// Lends a block in place if it is not encrypted, else a copy; `nil` if it is not held.
    ///
    /// The bytes are valid only inside the body, and in a transaction only until the next change.
    @inlinable
    public func withBlock<Result>(
        at index: UInt64, of feed: Feed,
        _ body: (UnsafeRawBufferPointer?) throws -> Result
    ) throws -> Result {
        var result: Result?
        try visitBlock(at: index, of: feed) { result = try body($0) }
        guard let result else { preconditionFailure("a body that returned has a result") }
        return result
    }

    // Not generic, so that a reader of many small blocks pays for no metadata.
    @usableFromInline
    func visitBlock(
        at index: UInt64, of feed: Feed, _ body: (UnsafeRawBufferPointer?) throws -> Void
    ) throws {
        let stored = try reader.storedBlock(at: index, ofFeed: feed.number)
        guard let stored, feed.cipher != nil else { return try body(stored) }
        try decrypted(stored, at: index, of: feed).withUnsafeBytes { try body($0) }
    }

    /// Lends a block as it is stored and sent; `nil` if it is not held.
    public func withStoredBlock<Result>(
        at index: UInt64, of feed: Feed,
        _ body: (UnsafeRawBufferPointer?) throws -> Result
    ) throws -> Result {
        try body(try reader.storedBlock(at: index, ofFeed: feed.number))
    }

    /// Visits the held blocks of a range in order, as `withBlock` lends them, until told to stop.
    ///
    /// Much cheaper than asking block by block.
    public func forEachBlock(
        in range: Range<UInt64>, of feed: Feed,
        _ body: (_ index: UInt64, _ block: UnsafeRawBufferPointer) throws -> BlockVisit
    ) throws {
        try reader.forEachStoredBlock(in: range, ofFeed: feed.number) { index, stored in
            guard feed.cipher != nil else { return try body(index, stored) }
            return try decrypted(stored, at: index, of: feed).withUnsafeBytes {
                try body(index, $0)
            }
        }
    }

    /// Counts bytes of blocks that were read and are done with, so that their memory can go.
    public func noteSpent(byteCount: Int) {
        reader.transaction.pointee.noteSpent(byteCount: byteCount)
    }

    /// Whether a block is held.
    public func contains(blockAt index: UInt64, of feed: Feed) throws -> Bool {
        try reader.row(holding: index, ofFeed: feed.number) != nil
    }

    private func decrypted(
        _ stored: UnsafeRawBufferPointer, at index: UInt64, of feed: Feed
    ) throws -> [UInt8] {
        guard let cipher = feed.cipher else { return Array(stored) }
        do {
            return try cipher.decrypt(block: stored, index: index)
        } catch {
            throw FeedStoreError(
                .damaged, "Block \(index) of feed \(feed.key.id) is not an encrypted one.",
                cause: error)
        }
    }
}

/// What a visitor of blocks wants to see next.
public enum BlockVisit: Sendable {
    /// The next held block.
    case next
    /// Nothing more.
    case stop
}

extension StoreSnapshot {
    /// A stored node of a feed's tree.
    public func node(at index: TreeIndex, of feed: Feed) throws -> Node? {
        try reader.tree(of: feed).node(at: index)
    }

    /// Lends the stored nodes of a feed's tree to the functions of `Merkle`.
    package func withTree<Result>(
        of feed: Feed, _ body: (FeedTree) throws -> Result
    ) throws -> Result {
        try body(reader.tree(of: feed))
    }

    /// The block that holds a byte of the feed's content.
    ///
    /// Offsets of a handle with a cipher count plain bytes.
    public func position(ofByte byte: UInt64, of feed: Feed) throws -> BytePosition {
        try roots(of: feed).position(
            ofByte: byte, padding: feed.paddingByteCount, from: reader.tree(of: feed))
    }

    /// The bytes of content before a block; `nil` if nodes are missing, or there is no such block.
    public func byteOffset(ofBlock block: UInt64, of feed: Feed) throws -> UInt64? {
        let offset = try roots(of: feed).byteOffset(ofBlock: block, from: reader.tree(of: feed))
        return offset.flatMap { offset in
            let padding = feed.paddingByteCount * block
            return offset >= padding ? offset - padding : nil
        }
    }

    /// The bytes of the feed's content.
    public func byteLength(of feed: Feed) throws -> UInt64 {
        let head = try head(of: feed)
        let padding = head.length * feed.paddingByteCount
        return head.byteLength >= padding ? head.byteLength - padding : 0
    }

    /// How many steps a proof of a block must climb to reach a node that is stored here.
    ///
    /// This is `nodes` of a request for the block.
    public func missingNodes(forBlock block: UInt64, of feed: Feed) throws -> UInt64 {
        try roots(of: feed).missingNodes(fromBlock: block, in: reader.tree(of: feed))
    }

    /// How many steps a proof of a node must climb to reach one that is stored here.
    public func missingNodes(from index: TreeIndex, of feed: Feed) throws -> UInt64 {
        try roots(of: feed).missingNodes(from: index, in: reader.tree(of: feed))
    }
}
