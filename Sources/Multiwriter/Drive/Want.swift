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
    /// All blocks that somebody waits for.
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

    /// Waits for blocks; those that are held already are left out.
    package func want(
        _ wants: [Want], in transaction: borrowing StoreTransaction
    ) throws {
        for want in wants where !want.blocks.isEmpty {
            var end = want.blocks.upperBound
            try transaction.withEnvironmentTransaction { transaction in
                let known = try transaction.reading.value(forKey: want.key, in: tables.wants)
                if let known = known.flatMap(Want.end(of:)) { end = max(end, known) }
                try transaction.put(
                    Want.value(ofEnd: end), forKey: want.key, in: tables.wants)
            }
        }
    }

    /// Forgets wants whose blocks are all held; returns how many are left.
    @discardableResult
    package func removeFulfilledWants(in transaction: borrowing StoreTransaction) throws -> Int {
        let wants = try wants(in: transaction.snapshot)
        var left = wants.count
        for want in wants where try isHeld(want, in: transaction.snapshot) {
            try transaction.withEnvironmentTransaction { transaction in
                _ = try transaction.delete(want.key, in: tables.wants)
            }
            left -= 1
        }
        return left
    }

    func isHeld(_ want: Want, in snapshot: borrowing StoreSnapshot) throws -> Bool {
        guard let feed = try snapshot.feed(for: want.feed) else { return false }
        return try snapshot.firstMissing(in: want.blocks, of: feed) >= want.blocks.upperBound
    }
}

extension Want {
    fileprivate var key: [UInt8] {
        feed.bytes + withUnsafeBytes(of: blocks.lowerBound.bigEndian) { Array($0) }
    }

    fileprivate static func value(ofEnd end: UInt64) -> [UInt8] {
        withUnsafeBytes(of: end.littleEndian) { Array($0) }
    }

    fileprivate static func end(of value: [UInt8]) -> UInt64? {
        value.withUnsafeBytes { bytes in
            bytes.count == 8 ? UInt64(littleEndian: bytes.loadUnaligned(as: UInt64.self)) : nil
        }
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
