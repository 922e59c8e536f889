import CompactEncoding
import Cryptography
import LMDB
import Merkle

/// One feed inside a write transaction: what is read once, changed many times and written once.
final class FeedState {
    let feed: Feed
    let tiles: TileCache
    /// Blocks that are to become the next row.
    let gathering = RowGathering()
    /// All of the transaction, which owns this object.
    unowned let changes: PendingChanges
    private let reader: StoreReader
    var record: FeedRecord
    /// The appender, and with it the roots; made when first needed.
    private var cachedAppender: TreeAppender?
    private var cachedVerifier: HeadVerifier?
    /// Who signs the head when the transaction ends, or when somebody asks for the signature.
    private var signer: KeyPair?
    /// Blocks may have come that the contiguous length does not count.
    private var mayBeContiguousFurther = false
    private(set) var isChanged = false
    private var isLastOfBlocks: Bool?
    private var isLastOfNodes: Bool?

    init(feed: Feed, record: FeedRecord, changes: PendingChanges) {
        self.feed = feed
        self.record = record
        self.changes = changes
        reader = changes.tableReader
        tiles = TileCache(reader: reader, number: feed.number)
    }

    var number: UInt32 { feed.number }

    func markChanged() { isChanged = true }
}

extension FeedState {
    /// The roots of the head.
    func roots() throws -> TreeRoots {
        if let cachedAppender { return cachedAppender.roots }
        let roots = try storedRoots(ofLength: record.head.length)
        cachedAppender = TreeAppender(roots: roots)
        return roots
    }

    /// The roots of a length that the feed has or had.
    func storedRoots(ofLength length: UInt64) throws -> TreeRoots {
        let tree = FeedTree(reader: reader, number: number, state: self)
        guard let roots = try tree.roots(ofLength: length) else {
            throw FeedStoreError(
                .incomplete, "Feed \(feed.key.id) lacks tree nodes of length \(length).")
        }
        return roots
    }

    /// Lends the appender out of this object, so that it grows in place.
    func takeAppender() throws -> TreeAppender {
        _ = try roots()
        guard let appender = cachedAppender else { return TreeAppender(roots: TreeRoots()) }
        cachedAppender = nil
        return appender
    }

    /// Takes the appender back and makes its roots the head, to be signed at the end.
    func giveBack(_ appender: TreeAppender, fork: UInt64, signer: KeyPair?) {
        setHead(appender.roots.head(fork: fork))
        record.signature = []
        self.signer = signer
        cachedAppender = appender
    }

    /// Makes roots the head that a peer has proven.
    func setHead(_ roots: TreeRoots, fork: UInt64, signature: [UInt8]) {
        setHead(roots.head(fork: fork))
        record.signature = signature
        signer = nil
        cachedAppender = TreeAppender(roots: roots)
    }

    private func setHead(_ head: TreeHead) {
        record.head.fork = head.fork
        record.head.length = head.length
        record.head.byteLength = head.byteLength
        record.head.treeHash = head.treeHash
        markChanged()
    }

    /// Puts the nodes that an appender has collected into their tiles.
    func store(_ nodes: [Node]) throws {
        for node in nodes { try tiles.set(node) }
    }

    /// The verifier of the feed's heads, `nil` if its manifest is not known.
    func verifier() throws -> HeadVerifier? {
        if let cachedVerifier { return cachedVerifier }
        cachedVerifier = try record.verifier()
        return cachedVerifier
    }

    /// Remembers who may sign the feed.
    func setManifest(_ manifest: Manifest, isCompat: Bool) {
        record.manifest = isCompat ? [] : manifest.encoded
        if isCompat { record.flags.insert(.isCompat) }
        cachedVerifier = nil
        markChanged()
    }
}

extension FeedState {
    /// The head with a contiguous length that counts every block that has come.
    func currentHead() throws -> FeedHead {
        try extendContiguousLength()
        return record.head
    }

    /// Counts a block that was stored.
    func didStoreBlock(at index: UInt64) {
        if index == record.head.contiguousLength { mayBeContiguousFurther = true }
        markChanged()
    }

    /// Counts a row of blocks that are all stored.
    func didStoreBlocks(_ blocks: Range<UInt64>) {
        if blocks.contains(record.head.contiguousLength) {
            record.head.contiguousLength = blocks.upperBound
            mayBeContiguousFurther = true
        }
        markChanged()
    }

    /// Counts blocks that were appended.
    func didAppendBlocks(from start: UInt64, count: UInt64) {
        if start == record.head.contiguousLength { record.head.contiguousLength += count }
    }

    /// Counts blocks that were removed; the head was asked for before, while there was no gap.
    func didRemoveBlocks(from start: UInt64) {
        record.head.contiguousLength = min(record.head.contiguousLength, start)
        markChanged()
    }

    private func extendContiguousLength() throws {
        guard mayBeContiguousFurther else { return }
        mayBeContiguousFurther = false
        record.head.contiguousLength = try changes.reader.firstMissing(
            in: record.head.contiguousLength..<record.head.length, ofFeed: number)
    }

    /// The signature field of the head, made if it is owed.
    func signature() throws -> [UInt8] {
        guard let signer else { return record.signature }
        guard let verifier = try verifier(),
            let signature = verifier.sign(record.head.treeHead, with: signer)
        else { throw FeedStoreError.notWritable(feed) }
        record.signature = signature
        self.signer = nil
        return signature
    }

    /// Whether the feed's next block has the greatest key of the table.
    func mayAppendBlocks() throws -> Bool {
        if let isLastOfBlocks { return isLastOfBlocks }
        let isLast = try reader.isLast(number, in: reader.tables.blocks)
        isLastOfBlocks = isLast
        return isLast
    }

    private func mayAppendNodes() throws -> Bool {
        if let isLastOfNodes { return isLastOfNodes }
        let isLast = try reader.isLast(number, in: reader.tables.nodes)
        isLastOfNodes = isLast
        return isLast
    }

    /// Writes the tiles if many have gathered, so that a long transaction stays small.
    func trim(in writing: borrowing WriteTransaction) throws {
        guard tiles.isLarge else { return }
        try tiles.write(to: writing, mayAppend: try mayAppendNodes())
        tiles.removeAll()
    }

    /// Writes all that changed.
    func write(to writing: borrowing WriteTransaction, change: UInt64) throws {
        try extendContiguousLength()
        try writeGathered()
        _ = try signature()
        try tiles.write(to: writing, mayAppend: try mayAppendNodes())
        let tables = reader.tables
        let former = ChangeKey(change: record.lastChange, feed: number)
        _ = try former.withBytes { try writing.delete($0, in: tables.changes) }
        record.lastChange = change
        try ChangeKey(change: change, feed: number).withBytes { key in
            try writing.put(
                UnsafeRawBufferPointer(start: nil, count: 0), forKey: key, in: tables.changes)
        }
        try writeRecord(to: writing)
        isChanged = false
    }

    func writeRecord(to writing: borrowing WriteTransaction) throws {
        let value = record.encoded
        try withUnsafeBytes(of: number.bigEndian) { key in
            try writing.put(value, forKey: key, in: reader.tables.feeds)
        }
    }
}

extension FeedRecord {
    /// The verifier of the feed's heads, `nil` if its manifest is not known.
    func verifier() throws -> HeadVerifier? {
        if flags.contains(.isCompat) { return HeadVerifier(compatKey: key) }
        guard !manifest.isEmpty else { return nil }
        do {
            let manifest = try Manifest(decoding: manifest)
            if let verifier = HeadVerifier(key: key, manifest: manifest) { return verifier }
        } catch {
            throw FeedStoreError(
                .damaged, "The manifest of feed \(key.id) is damaged.", cause: error)
        }
        throw FeedStoreError(.damaged, "Feed \(key.id) has the manifest of another feed.")
    }
}

extension FeedStoreError {
    static func notWritable(_ feed: Feed) -> FeedStoreError {
        FeedStoreError(.notWritable, "Feed \(feed.key.id) is signed by somebody else.")
    }
}
