public import Cryptography
public import Feeds
import Merkle

/// The content feed of an archive: pieces of files, and nothing that says which piece is whose.
///
/// See docs/formats/hyperblobs.md.
public struct Blobs: Sendable, Hashable {
    /// The feed.
    public let feed: Feed

    /// Reads and writes blobs in a feed.
    public init(_ feed: Feed) { self.feed = feed }

    /// Writes a blob, cut into blocks of one size.
    public func put(
        _ content: UnsafeRawBufferPointer,
        blockByteCount: Int = ArchiveLimits.contentBlockByteCount,
        in transaction: borrowing StoreTransaction, signingWith keyPair: KeyPair
    ) throws -> WrittenBlob {
        var writer = BlobWriter(feed: feed, cutting: .into(blockByteCount), signingWith: keyPair)
        try writer.write(content, in: transaction)
        return try writer.finish(in: transaction)
    }

    /// Writes a blob, cut into blocks of one size.
    public func put(
        _ content: [UInt8], blockByteCount: Int = ArchiveLimits.contentBlockByteCount,
        in transaction: borrowing StoreTransaction, signingWith keyPair: KeyPair
    ) throws -> WrittenBlob {
        try content.withUnsafeBytes {
            try put(
                $0, blockByteCount: blockByteCount, in: transaction, signingWith: keyPair)
        }
    }

    /// Reads a blob, or bytes of it; a range that goes beyond the blob is cut off at its end.
    public func read(
        _ blob: Blob, _ range: BlobRange = .all, in snapshot: borrowing StoreSnapshot
    ) throws -> [UInt8] {
        var reader = try reader(for: blob, range, in: snapshot)
        var content: [UInt8] = []
        // An id may claim any length: memory is taken as the blocks come.
        content.reserveCapacity(Int(min(reader.remainingByteCount, 1 << 20)))
        while try reader.withNext(in: snapshot, { content.append(contentsOf: $0) }) != nil {}
        return content
    }

    /// Drops the local copies of a blob's blocks; the feed keeps its length and tree.
    ///
    /// With a block map the listed blocks go as well, even if another blob shares them.
    public func clear(_ blob: Blob, in transaction: borrowing StoreTransaction) throws {
        guard let blocks = blob.blocks else { throw malformed("its end is out of range") }
        if blob.isBlockMap, let map = try heldMap(of: blob, in: transaction.snapshot) {
            let length = try transaction.snapshot.head(of: feed).length
            for entry in map.entries where entry.index < length {
                try transaction.clear(entry.index..<entry.index + 1, of: feed)
            }
        }
        let length = try transaction.snapshot.head(of: feed).length
        let held = blocks.clamped(to: 0..<length)
        if !held.isEmpty { try transaction.clear(held, of: feed) }
    }

    /// The number of bytes of the content of a blob.
    public func byteLength(
        of blob: Blob, in snapshot: borrowing StoreSnapshot
    ) throws -> UInt64 {
        guard blob.isBlockMap else { return blob.byteLength }
        return try map(of: blob, in: snapshot).byteLength
    }

    /// What the content of a blob hashes to, from the tree alone.
    public func contentHash(
        of blob: Blob, in snapshot: borrowing StoreSnapshot
    ) throws -> ContentHash {
        var hasher = ContentHasher()
        if blob.isBlockMap {
            for entry in try map(of: blob, in: snapshot).entries {
                try add(leafOf: entry.index, to: &hasher, in: snapshot)
            }
        } else {
            for index in try storedBlocks(of: blob, in: snapshot) {
                try add(leafOf: index, to: &hasher, in: snapshot)
            }
        }
        return hasher.hash
    }

    func malformed(_ what: String, cause: (any Error)? = nil) -> ArchiveError {
        ArchiveError(
            .malformedBlob, "A blob of content feed \(feed.key.id) is malformed: \(what).",
            cause: cause)
    }

    /// The blocks of a blob, all of which lie in the feed as it is known here.
    func storedBlocks(
        of blob: Blob, in snapshot: borrowing StoreSnapshot
    ) throws -> Range<UInt64> {
        guard let blocks = blob.blocks, blocks.upperBound <= ArchiveLimits.maximumSafeInteger
        else { throw malformed("its end is out of range") }
        let length = try snapshot.head(of: feed).length
        guard blocks.upperBound <= length || blocks.isEmpty else {
            throw ArchiveError.missing(max(length, blocks.lowerBound), of: feed.key)
        }
        return blocks
    }

    private func add(
        leafOf index: UInt64, to hasher: inout ContentHasher,
        in snapshot: borrowing StoreSnapshot
    ) throws {
        guard let leaf = try snapshot.node(at: TreeIndex(block: index), of: feed) else {
            throw ArchiveError.missing(index, of: feed.key)
        }
        hasher.add(leafHash: leaf.hash, size: leaf.size)
    }
}
