public import Cryptography
public import Feeds
import LMDB

/// Blocks that somebody waits for although the drive is sparse.
///
/// They are stored, so that the process that is connected can fetch what another one needs.
public struct Want: Sendable, Hashable {
    /// The feed.
    public let feed: FeedKey
    /// The blocks.
    public let blocks: Range<UInt64>

    /// Makes a want.
    public init(feed: FeedKey, blocks: Range<UInt64>) {
        self.feed = feed
        self.blocks = blocks
    }
}

extension Drive {
    /// All blocks that somebody waits for, each feed's in order and apart from each other.
    public func wants(in snapshot: borrowing StoreSnapshot) throws -> [Want] {
        var wants: [Want] = []
        try snapshot.withEnvironmentTransaction { transaction in
            try transaction.withCursor(in: tables.wants) { cursor in
                while try cursor.moveToNext() {
                    try cursor.withCurrent { key, value in
                        if let want = Want(key, value) { wants.append(want) }
                    }
                }
            }
        }
        return wants
    }

    /// The blocks of one feed that somebody waits for.
    func wanted(of feed: FeedKey, in snapshot: borrowing StoreSnapshot) throws -> BlockRanges {
        var ranges: [Range<UInt64>] = []
        try snapshot.withEnvironmentTransaction { transaction in
            try transaction.withCursor(in: tables.wants) { cursor in
                var isAtKey = try feed.withUnsafeBytes { try cursor.move(toFirstNotBefore: $0) }
                while isAtKey {
                    let want = try cursor.withCurrent { key, value in
                        Want(key, value).map { $0.feed == feed ? $0 : nil } ?? nil
                    }
                    guard let want else { return }
                    ranges.append(want.blocks)
                    isAtKey = try cursor.moveToNext()
                }
            }
        }
        return BlockRanges(ranges)
    }

    /// Waits for blocks; returns those that nobody waited for before.
    @discardableResult
    package func want(
        _ wants: [Want], in transaction: borrowing StoreTransaction
    ) throws -> [Want] {
        var added: [Want] = []
        for (feed, asked) in Self.ranges(byFeed: wants) {
            let known = try wanted(of: feed, in: transaction.snapshot)
            let news = asked.subtracting(known)
            guard !news.isEmpty else { continue }
            try replace(known, with: known.union(asked), of: feed, in: transaction)
            added += news.ranges.map { Want(feed: feed, blocks: $0) }
        }
        return added
    }

    /// Waits for blocks no more, whoever asked for them.
    package func unwant(_ wants: [Want], in transaction: borrowing StoreTransaction) throws {
        for (feed, given) in Self.ranges(byFeed: wants) {
            let known = try wanted(of: feed, in: transaction.snapshot)
            try replace(known, with: known.subtracting(given), of: feed, in: transaction)
        }
    }

    private static func ranges(byFeed wants: [Want]) -> [(FeedKey, BlockRanges)] {
        Dictionary(grouping: wants, by: \.feed).map { feed, wants in
            (feed, BlockRanges(wants.map(\.blocks)))
        }
    }

    private func replace(
        _ old: BlockRanges, with new: BlockRanges, of feed: FeedKey,
        in transaction: borrowing StoreTransaction
    ) throws {
        let (before, after) = (Set(old.ranges), Set(new.ranges))
        try transaction.withEnvironmentTransaction { transaction in
            for range in old.ranges where !after.contains(range) {
                let key = Want(feed: feed, blocks: range).key
                _ = try transaction.delete(key, in: tables.wants)
            }
            for range in new.ranges where !before.contains(range) {
                try transaction.put(
                    Want.value(ofEnd: range.upperBound),
                    forKey: Want(feed: feed, blocks: range).key, in: tables.wants)
            }
        }
    }

    /// Forgets wants whose blocks are all held; returns how many are left.
    @discardableResult
    package func removeFulfilledWants(in transaction: borrowing StoreTransaction) throws -> Int {
        let wants = try wants(in: transaction.snapshot)
        var left = wants.count
        var feed: Feed?
        for want in wants {
            if feed?.key != want.feed { feed = try transaction.snapshot.feed(for: want.feed) }
            guard let feed,
                try transaction.snapshot.firstMissing(in: want.blocks, of: feed)
                    >= want.blocks.upperBound
            else { continue }
            try transaction.withEnvironmentTransaction { transaction in
                _ = try transaction.delete(want.key, in: tables.wants)
            }
            left -= 1
        }
        return left
    }
}

extension Want {
    fileprivate var key: [UInt8] {
        feed.bytes + withUnsafeBytes(of: blocks.lowerBound.bigEndian) { Array($0) }
    }

    fileprivate static func value(ofEnd end: UInt64) -> [UInt8] {
        withUnsafeBytes(of: end.littleEndian) { Array($0) }
    }

    fileprivate init?(_ key: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer) {
        guard key.count == 40, value.count == 8,
            let feed = FeedKey(UnsafeRawBufferPointer(rebasing: key[..<32]))
        else { return nil }
        let start = UInt64(bigEndian: key.loadUnaligned(fromByteOffset: 32, as: UInt64.self))
        let end = UInt64(littleEndian: value.loadUnaligned(as: UInt64.self))
        guard start < end else { return nil }
        self.init(feed: feed, blocks: start..<end)
    }
}
