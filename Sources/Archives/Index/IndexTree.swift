import Cryptography
public import Feeds

/// A sorted map of keys to values in one append-only feed.
///
/// Every change is a block that carries the tree nodes it rewrote, so each version of the map stays
/// readable. See docs/formats/hyperbee.md.
public struct IndexTree: Sendable, Hashable {
    /// The feed.
    public let feed: Feed
    /// The version that is read, `nil` for the newest one.
    public let pinnedVersion: UInt64?

    /// Reads the newest version of an index.
    public init(_ feed: Feed) {
        self.init(feed, pinnedVersion: nil)
    }

    init(_ feed: Feed, pinnedVersion: UInt64?) {
        self.feed = feed
        self.pinnedVersion = pinnedVersion
    }

    /// The same index at one version; version 1 is empty.
    ///
    /// A version in the middle of a batch cannot be read.
    public func checkout(_ version: UInt64) -> IndexTree {
        IndexTree(feed, pinnedVersion: max(1, version))
    }

    /// The version that is read: one more than the number of the newest block.
    public func version(in snapshot: borrowing StoreSnapshot) throws -> UInt64 {
        let length = try snapshot.head(of: feed).length
        guard let pinnedVersion else { return max(1, length) }
        guard pinnedVersion <= max(1, length) else {
            throw ArchiveError(
                .unknownVersion,
                "Version \(pinnedVersion) is beyond the end of index \(feed.key.id).")
        }
        return pinnedVersion
    }

    /// Block 0, or `nil` if the feed is empty.
    public func header(in snapshot: borrowing StoreSnapshot) throws -> IndexHeader? {
        guard try snapshot.head(of: feed).length > 0 else { return nil }
        return try snapshot.withBlock(at: 0, of: feed) { bytes in
            guard let bytes else { throw ArchiveError.missing(0, of: feed.key) }
            let header: IndexHeader?
            do {
                header = try IndexHeader(decoding: bytes)
            } catch {
                throw ArchiveError.malformedIndex(0, of: feed.key, "no header", cause: error)
            }
            guard let header, header.isIndex else {
                throw ArchiveError.malformedIndex(0, of: feed.key, "the feed is no index")
            }
            return header
        }
    }

    /// The entry of a key, `nil` if there is none.
    public func entry(
        for key: [UInt8], in snapshot: borrowing StoreSnapshot
    ) throws -> IndexEntry? {
        let version = try version(in: snapshot)
        guard version > 1 else { return nil }
        var reference = NodeReference(seq: version - 1, offset: 0)
        for depth in 0..<ArchiveLimits.maximumIndexDepth {
            let step = try snapshot.withIndexBlock(reference.seq, of: feed) { block -> Step in
                // The newest block on the way to a key tells all about it.
                if KeyOrder.compare(key, block.key) == 0 {
                    return .found(try lastChange(reference.seq, block))
                }
                return .search(
                    try feed.checkedNode(reference, in: block, isRoot: depth == 0))
            }
            guard case .search(let node) = step else {
                if case .found(let entry) = step { return entry }
                return nil
            }
            let (position, isFound) = try snapshot.bisect(node, for: key, of: feed)
            if isFound { return try snapshot.indexEntry(node.keys[position], of: feed) }
            guard !node.isLeaf else { return nil }
            reference = node.children[position]
        }
        throw ArchiveError.malformedIndex(reference.seq, of: feed.key, "the tree is too deep")
    }

    private enum Step {
        case found(IndexEntry?)
        case search(IndexNode)
    }

    private func lastChange(_ seq: UInt64, _ block: IndexBlock) throws -> IndexEntry? {
        do {
            return try block.isDeletion(seq: seq) ? nil : IndexEntry(seq: seq, block)
        } catch {
            throw ArchiveError.malformedIndex(
                seq, of: feed.key, "a tree node is broken", cause: error)
        }
    }
}

extension StoreSnapshot {
    /// The position of a key in a node, or of the child below which it would be.
    func bisect(
        _ node: IndexNode, for key: [UInt8], of feed: Feed
    ) throws -> (position: Int, isFound: Bool) {
        var start = 0
        var end = node.keys.count
        while start < end {
            let middle = (start + end) >> 1
            let order = try compare(key, toKeyOf: node.keys[middle], of: feed)
            if order == 0 { return (middle, true) }
            if order < 0 { end = middle } else { start = middle + 1 }
        }
        return (start, false)
    }
}
