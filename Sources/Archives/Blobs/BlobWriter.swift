public import Cryptography
public import Feeds
import Merkle

/// Writes a blob in pieces as they come; memory does not grow with the blob.
///
/// It is a value that may live through several transactions. Because a transaction's body can be
/// repeated, change a copy in it and keep that copy once the transaction is committed. If somebody
/// else appended to the feed in between, the blob gets a block map, for its blocks lie apart then.
public struct BlobWriter: Sendable {
    /// How pieces become blocks.
    public enum Cutting: Sendable, Hashable {
        /// Pieces are joined and cut into blocks of one size, the last one being shorter.
        case into(Int)
        /// Every piece is a block, whatever its size.
        case asGiven
    }

    /// Whether blocks are listed in a map, and whether equal ones are written once.
    public enum Mapping: Sendable, Hashable {
        /// The id names the blocks.
        case none
        /// The id names a map of the blocks.
        case mapped
        /// As `mapped`, and blocks equal to one of this blob or of an earlier one are not written.
        case deduplicated(against: Blob?)
    }

    /// The feed that is written to.
    public let feed: Feed
    private let keyPair: KeyPair
    private let cutting: Cutting
    private let mapping: Mapping
    /// Where the next block is expected to go, once there is one.
    private var end: UInt64?
    private var start: (block: UInt64, byte: UInt64) = (0, 0)
    private var map: BlockMap?
    private var known: [Digest: BlockMap.Entry]?
    private var rest: [UInt8] = []
    private var hasher = ContentHasher()

    /// Begins a blob; nothing is written before there is a whole block.
    public init(
        feed: Feed, cutting: Cutting = .into(ArchiveLimits.contentBlockByteCount),
        mapping: Mapping = .none, signingWith keyPair: KeyPair
    ) {
        if case .into(let count) = cutting { precondition(count > 0, "a block has bytes") }
        self.feed = feed
        self.cutting = cutting
        self.mapping = mapping
        self.keyPair = keyPair
    }

    /// The bytes given so far.
    public var byteLength: UInt64 { hasher.byteLength + UInt64(rest.count) }

    /// Adds a piece of the content.
    public mutating func write(
        _ piece: UnsafeRawBufferPointer, in transaction: borrowing StoreTransaction
    ) throws {
        guard case .into(let count) = cutting else {
            if !piece.isEmpty { try append(piece, in: transaction) }
            return
        }
        var piece = piece[...]
        if !rest.isEmpty {
            let part = piece.prefix(count - rest.count)
            rest.append(contentsOf: part)
            piece = piece.dropFirst(part.count)
            guard rest.count == count else { return }
            let block = rest
            rest.removeAll(keepingCapacity: true)
            try block.withUnsafeBytes { try append($0, in: transaction) }
        }
        while piece.count >= count {
            try append(UnsafeRawBufferPointer(rebasing: piece.prefix(count)), in: transaction)
            piece = piece.dropFirst(count)
        }
        rest.append(contentsOf: piece)
    }

    /// Adds a piece of the content.
    public mutating func write(
        _ piece: [UInt8], in transaction: borrowing StoreTransaction
    ) throws {
        try piece.withUnsafeBytes { try write($0, in: transaction) }
    }

    /// Adds a piece of which the caller may have hashed the very same bytes as a leaf before.
    ///
    /// The hash is used if the piece becomes a block as it is.
    public mutating func write(
        _ piece: [UInt8], hashedAs leafHash: Digest?, in transaction: borrowing StoreTransaction
    ) throws {
        try piece.withUnsafeBytes { piece in
            guard let leafHash, rest.isEmpty, cutting == .asGiven || cutting == .into(piece.count)
            else {
                return try write(piece, in: transaction)
            }
            if !piece.isEmpty { try append(piece, hashedAs: leafHash, in: transaction) }
        }
    }

    /// Writes what is left and ends the blob.
    public mutating func finish(
        in transaction: borrowing StoreTransaction
    ) throws -> WrittenBlob {
        if !rest.isEmpty {
            let block = rest
            rest = []
            try block.withUnsafeBytes { try append($0, in: transaction) }
        }
        try begin(in: transaction)
        var blob = Blob(
            blockOffset: start.block, blockLength: hasher.blockCount, byteOffset: start.byte,
            byteLength: hasher.byteLength)
        // A map without entries cannot be read; an empty blob needs none.
        if let map, !map.entries.isEmpty {
            let place = try place(in: transaction.snapshot)
            let blocks = map.blocks
            try transaction.append(blocks, to: feed, signingWith: keyPair)
            blob = Blob(
                blockOffset: place.block, blockLength: UInt64(blocks.count),
                byteOffset: place.byte,
                byteLength: blocks.reduce(0) { $0 + UInt64($1.count) }, isBlockMap: true)
        }
        return WrittenBlob(
            blob: blob, byteLength: hasher.byteLength, contentHash: hasher.hash)
    }

    /// The end of the feed, where the next block goes.
    private func place(
        in snapshot: borrowing StoreSnapshot
    ) throws -> (block: UInt64, byte: UInt64) {
        (try snapshot.head(of: feed).length, try snapshot.byteLength(of: feed))
    }

    /// Finds out where the blob begins.
    private mutating func begin(in transaction: borrowing StoreTransaction) throws {
        guard end == nil else { return }
        start = try place(in: transaction.snapshot)
        end = start.block
        switch mapping {
        case .none: break
        case .mapped: map = BlockMap()
        case .deduplicated(let blob):
            map = BlockMap()
            known =
                try blob.map {
                    try Blobs(feed).blocksByHash(of: $0, in: transaction.snapshot)
                } ?? [:]
        }
    }

    private mutating func append(
        _ block: UnsafeRawBufferPointer, hashedAs leafHash: Digest? = nil,
        in transaction: borrowing StoreTransaction
    ) throws {
        try begin(in: transaction)
        let index = try transaction.snapshot.head(of: feed).length
        if index != end, map == nil { map = try mapOfBlocksSoFar(in: transaction.snapshot) }
        let entry = BlockMap.Entry(index: index, byteLength: UInt64(block.count))
        if known != nil {
            let hash = Digest.hash(of: block)
            if let equal = known?[hash] {
                map?.entries.append(equal)
                hasher.add(block)
                return
            }
            known?[hash] = entry
        }
        map?.entries.append(entry)
        try transaction.append(to: feed, signingWith: keyPair) { appender in
            try appender.append(block, hashedAs: leafHash)
        }
        end = index + 1
        guard let leaf = try transaction.snapshot.node(at: TreeIndex(block: index), of: feed)
        else { return hasher.add(block) }
        hasher.add(leafHash: leaf.hash, size: leaf.size)
    }

    /// Lists the blocks that were written before somebody else's came in between.
    private func mapOfBlocksSoFar(in snapshot: borrowing StoreSnapshot) throws -> BlockMap {
        var map = BlockMap()
        for index in start.block..<start.block + hasher.blockCount {
            guard let leaf = try snapshot.node(at: TreeIndex(block: index), of: feed) else {
                throw ArchiveError(
                    .interrupted, "Content feed \(feed.key.id) was cut while it was written to.")
            }
            map.entries.append(BlockMap.Entry(index: index, byteLength: leaf.size))
        }
        return map
    }
}
