import Feeds

/// A tree node as it was read, with its references checked.
struct IndexNode: Sendable {
    let reference: NodeReference
    let keys: [UInt64]
    let children: [NodeReference]

    var isLeaf: Bool { children.isEmpty }

    /// Checks what can be checked without reading further blocks.
    ///
    /// A node other than the root always has a key: together with the order of keys, which every
    /// walk checks, this keeps a walk from ever meeting one node twice.
    init(
        _ reference: NodeReference, in block: IndexBlock, isRoot: Bool
    ) throws(IndexCodingError) {
        guard let level = try block.level(at: reference.offset) else { throw .malformedLevel }
        let known = 1...max(1, reference.seq)
        guard isRoot || !level.keys.isEmpty,
            level.keys.allSatisfy(known.contains),
            level.children.allSatisfy({ known.contains($0.seq) })
        else { throw .malformedLevel }
        self.reference = reference
        keys = level.keys
        children = level.children
    }
}

extension StoreSnapshot {
    /// Reads the parts of an index block in place.
    func withIndexBlock<Result>(
        _ seq: UInt64, of feed: Feed, _ body: (IndexBlock) throws -> Result
    ) throws -> Result {
        try withBlock(at: seq, of: feed) { bytes in
            guard let bytes else { throw ArchiveError.missing(seq, of: feed.key) }
            return try body(try feed.indexBlock(seq, in: bytes))
        }
    }

    /// Reads one tree node.
    func indexNode(
        _ reference: NodeReference, of feed: Feed, isRoot: Bool = false
    ) throws -> IndexNode {
        try withIndexBlock(reference.seq, of: feed) { block in
            try feed.checkedNode(reference, in: block, isRoot: isRoot)
        }
    }

    /// The order of a key and the key of a block.
    func compare(_ key: [UInt8], toKeyOf seq: UInt64, of feed: Feed) throws -> Int {
        try withIndexBlock(seq, of: feed) { KeyOrder.compare(key, $0.key) }
    }

    /// The key and the value of a block.
    func indexEntry(_ seq: UInt64, of feed: Feed) throws -> IndexEntry {
        try withIndexBlock(seq, of: feed) { IndexEntry(seq: seq, $0) }
    }
}

extension Feed {
    /// The parts of an index block.
    func indexBlock(
        _ seq: UInt64, in bytes: UnsafeRawBufferPointer
    ) throws(ArchiveError) -> IndexBlock {
        do {
            return try IndexBlock(decoding: bytes)
        } catch {
            throw ArchiveError.malformedIndex(seq, of: key, "it is no entry", cause: error)
        }
    }

    func checkedNode(
        _ reference: NodeReference, in block: IndexBlock, isRoot: Bool
    ) throws(ArchiveError) -> IndexNode {
        do {
            return try IndexNode(reference, in: block, isRoot: isRoot)
        } catch {
            throw ArchiveError.malformedIndex(
                reference.seq, of: key, "tree node \(reference.offset) is broken", cause: error)
        }
    }
}
