import LMDB
import Merkle

/// Re-hashes all that is stored of one feed, in steps that keep no snapshot for long.
///
/// Every held block is hashed and compared with its leaf, every node with its children, the roots
/// with the head, and the signature is checked.
public struct FeedVerification: Sendable {
    private enum Stage {
        case head
        case nodes(from: UInt64)
        case blocks(from: UInt64)
        case finished
    }

    /// The feed.
    public let feed: Feed
    /// What is broken, as far as was looked.
    public private(set) var damages: [FeedDamage] = []
    /// The blocks that were hashed.
    public private(set) var checkedBlockCount: UInt64 = 0
    /// The bytes of the blocks that were hashed.
    public private(set) var checkedByteCount: UInt64 = 0
    private var stage = Stage.head

    /// Begins with nothing checked.
    public init(of feed: Feed) { self.feed = feed }

    /// Whether everything was checked.
    public var isFinished: Bool {
        guard case .finished = stage else { return false }
        return true
    }

    /// Checks a part, of the feed as this snapshot has it.
    public mutating func advance(in snapshot: borrowing StoreSnapshot) throws {
        switch stage {
        case .head:
            try checkHead(in: snapshot)
        case .nodes(let number):
            let next = try checkNodes(from: number, in: snapshot.reader)
            stage = next.map { .nodes(from: $0) } ?? .blocks(from: 0)
        case .blocks(let index):
            let next = try checkBlocks(from: index, in: snapshot.reader)
            stage = next.map { .blocks(from: $0) } ?? .finished
        case .finished:
            break
        }
    }

    private mutating func report(_ damage: FeedDamage) {
        if damages.count < Limits.maximumReportedDamageCount { damages.append(damage) }
    }

    private mutating func checkHead(in snapshot: borrowing StoreSnapshot) throws {
        stage = .nodes(from: 0)
        let reader = snapshot.reader
        let record: FeedRecord
        let verifier: HeadVerifier?
        do {
            record = try reader.record(of: feed)
            verifier = try record.verifier()
        } catch let error as FeedStoreError where error.code == .damaged {
            report(.record)
            stage = .finished
            return
        }
        let head = record.head
        let tree = reader.tree(of: feed)
        var roots: [Node] = []
        for index in TreeIndex.roots(ofLength: head.length) {
            do {
                if let root = try tree.node(at: index) {
                    roots.append(root)
                } else {
                    report(.rootMissing(index))
                }
            } catch let error as FeedStoreError where error.code == .damaged {
                report(.tile(index))
            }
        }
        let contiguous = try reader.firstMissing(in: 0..<head.length, ofFeed: feed.number)
        if contiguous != head.contiguousLength { report(.contiguousLength) }
        guard roots.count == head.length.nonzeroBitCount else { return }
        guard let roots = TreeRoots(length: head.length, nodes: roots),
            roots.head(fork: head.fork) == head.treeHead
        else { return report(.head) }
        let isUnsigned = head.length == 0 && head.fork == 0
        let isValid = verifier?.isValid(record.signature, for: roots, fork: head.fork) ?? false
        if !isValid, !isUnsigned { report(.signature) }
    }

    /// Checks some tiles; returns where to go on.
    private mutating func checkNodes(from number: UInt64, in reader: StoreReader) throws -> UInt64?
    {
        guard let length = try lengthOrFinish(in: reader) else { return nil }
        let tree = FeedTree(reader: reader, number: feed.number, state: nil)
        var remaining = Limits.verifiedTileCount
        var next: UInt64?
        let first = IndexKey(feed: feed.number, number)
        try reader.transaction.pointee.withCursor(in: reader.tables.nodes) { cursor in
            var isAtKey = try first.withBytes { try cursor.move(toFirstNotBefore: $0) }
            while isAtKey {
                guard let key = try cursor.withCurrent({ key, _ in IndexKey(key) }),
                    key.feedNumber == feed.number
                else { return }
                guard remaining > 0 else { return next = key.number }
                remaining -= 1
                let position = TilePosition(number: key.number)
                if let tile = try cursor.withCurrent({ _, value in PackedTile(value) }) {
                    try check(tile, at: position, in: tree, length: length)
                } else {
                    report(.tile(position.index(ofSlot: 0)))
                }
                isAtKey = try cursor.moveToNext()
            }
        }
        return next
    }

    private mutating func check(
        _ tile: PackedTile, at position: TilePosition, in tree: FeedTree, length: UInt64
    ) throws {
        for slot in 0..<TilePosition.slotCount {
            let index = position.index(ofSlot: slot)
            guard let node = tile.node(inSlot: slot, index: index)?.node else { continue }
            guard index.lastBlock < length else {
                report(.nodeOutside(index))
                continue
            }
            do {
                if let left = try index.leftChild.flatMap({ try tree.node(at: $0) }),
                    let right = try index.rightChild.flatMap({ try tree.node(at: $0) }),
                    Node(parentOf: left, and: right) != node
                {
                    report(.node(index))
                }
                let isRoot = index.parent.lastBlock >= length
                if !isRoot, try tree.node(at: index.parent) == nil { report(.nodeDetached(index)) }
            } catch let error as FeedStoreError where error.code == .damaged {
                // The tile that cannot be read is reported when its turn comes.
            }
        }
    }

    /// Hashes some blocks; returns where to go on.
    private mutating func checkBlocks(
        from index: UInt64, in reader: StoreReader
    ) throws -> UInt64? {
        guard let length = try lengthOrFinish(in: reader) else { return nil }
        let tree = FeedTree(reader: reader, number: feed.number, state: nil)
        var remaining = Limits.verifiedByteCount
        var next: UInt64?
        var end = index
        try reader.forEachRow(in: index..<UInt64.max, ofFeed: feed.number) { row in
            if row.blocks.lowerBound < end, row.blocks.lowerBound >= index {
                report(.row(row.blocks.lowerBound))
            }
            end = max(end, row.blocks.upperBound)
            guard let content = readableContent(of: row) else {
                remaining -= Limits.verifiedByteCountOfEmptyBlock
                return .next
            }
            for index in max(index, row.blocks.lowerBound)..<row.blocks.upperBound {
                guard remaining > 0 else {
                    next = index
                    return .stop
                }
                guard let block = content.block(at: index) else {
                    report(.row(row.blocks.lowerBound))
                    break
                }
                remaining -= block.count + Limits.verifiedByteCountOfEmptyBlock
                try check(block, at: index, in: tree, length: length)
            }
            reader.transaction.pointee.noteSpent(byteCount: row.value.count)
            return .next
        }
        return next
    }

    private mutating func readableContent(of row: BlockRow) -> RowContent? {
        guard let content = try? row.content() else {
            report(.row(row.blocks.lowerBound))
            return nil
        }
        return content
    }

    private mutating func check(
        _ block: UnsafeRawBufferPointer, at index: UInt64, in tree: FeedTree, length: UInt64
    ) throws {
        checkedBlockCount += 1
        checkedByteCount += UInt64(block.count)
        guard index < length else { return report(.blockOutside(index)) }
        do {
            guard let leaf = try tree.node(at: TreeIndex(block: index)) else {
                return report(.leafMissing(index))
            }
            if Node(leafOf: index, bytes: block) != leaf { report(.block(index)) }
        } catch let error as FeedStoreError where error.code == .damaged {
            report(.leafMissing(index))
        }
    }

    /// The length to check against; a feed that was removed meanwhile has nothing to check.
    private func lengthOrFinish(in reader: StoreReader) throws -> UInt64? {
        do {
            return try reader.head(of: feed).length
        } catch let error as FeedStoreError where error.code == .unknownFeed {
            return nil
        }
    }
}

extension FeedStore {
    /// Re-hashes all that is stored of a feed, on the calling thread; returns what is broken.
    public func verify(
        _ feed: Feed, progress: (FeedVerification) throws -> Void = { _ in }
    ) throws -> [FeedDamage] {
        var verification = FeedVerification(of: feed)
        while !verification.isFinished {
            try read { try verification.advance(in: $0) }
            try progress(verification)
        }
        return verification.damages
    }
}

extension FeedStore {
    /// Walks through the pages of the database; returns what is broken, in sentences.
    ///
    /// To be done before anything is read from files that may be damaged.
    public func findStructuralDamage() throws -> [String] {
        try FeedStoreError.wrapping(path: path) { try environment.findDamage() }
    }
}
