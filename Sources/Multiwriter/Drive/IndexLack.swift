import Archives
import Cryptography
import Feeds
import LMDB

/// A block of an index that a lookup needs and that is not here, and what is looked up.
///
/// It is stored, so that the process that is connected can fetch it and ask its peers for the
/// blocks to come.
struct IndexLack: Sendable, Hashable {
    /// The index.
    let feed: FeedKey
    /// The block that is missing.
    let block: UInt64
    /// The message that tells a peer what is looked up.
    let hint: [UInt8]
}

extension Drive {
    /// All blocks of indexes that somebody waits for, the first ones of each feed.
    func lacks(in snapshot: borrowing StoreSnapshot) throws -> [IndexLack] {
        var lacks: [IndexLack] = []
        try snapshot.withEnvironmentTransaction { transaction in
            try transaction.withCursor(in: tables.drive) { cursor in
                var isAtKey = try IndexLack.prefix.withUnsafeBytes {
                    try cursor.move(toFirstNotBefore: $0)
                }
                while isAtKey, lacks.count < DriveLimits.maximumHintCount {
                    let lack = try cursor.withCurrent { key, value in IndexLack(key, value) }
                    guard let lack else { return }
                    lacks.append(lack)
                    isAtKey = try cursor.moveToNext()
                }
            }
        }
        return lacks
    }

    /// Waits for blocks of indexes; what another one waits for already stays as it is.
    func want(_ lacks: [IndexLack], in transaction: borrowing StoreTransaction) throws {
        let known = try self.lacks(in: transaction.snapshot)
        let room = max(0, DriveLimits.maximumHintCount - known.count)
        try transaction.withEnvironmentTransaction { transaction in
            for lack in lacks.prefix(room)
            where !known.contains(where: { $0.key == lack.key }) {
                try transaction.put(lack.hint, forKey: lack.key, in: tables.drive)
            }
        }
    }

    /// Waits for blocks of indexes no more.
    func unwant(_ lacks: [IndexLack], in transaction: borrowing StoreTransaction) throws {
        try transaction.withEnvironmentTransaction { transaction in
            for lack in lacks { _ = try transaction.delete(lack.key, in: tables.drive) }
        }
    }

    /// Forgets blocks of indexes that are here.
    func removeFulfilledLacks(in transaction: borrowing StoreTransaction) throws {
        let found = try lacks(in: transaction.snapshot).filter { lack in
            guard let feed = try transaction.snapshot.feed(for: lack.feed) else { return true }
            let range = lack.block..<lack.block + 1
            return try transaction.snapshot.firstMissing(in: range, of: feed) > lack.block
        }
        if !found.isEmpty { try unwant(found, in: transaction) }
    }
}

extension IndexLack {
    fileprivate static let prefix = Array("hint".utf8)

    fileprivate var key: [UInt8] {
        Self.prefix + feed.bytes + withUnsafeBytes(of: block.bigEndian) { Array($0) }
            + Digest.hash(of: hint).bytes.prefix(8)
    }

    fileprivate init?(_ key: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer) {
        let start = Self.prefix.count
        guard key.count == start + 48, key.starts(with: Self.prefix),
            value.count <= ArchiveLimits.maximumHintByteCount,
            let feed = FeedKey(UnsafeRawBufferPointer(rebasing: key[start..<start + 32]))
        else { return nil }
        let block = UInt64(
            bigEndian: key.loadUnaligned(fromByteOffset: start + 32, as: UInt64.self))
        guard block < .max else { return nil }
        self.init(feed: feed, block: block, hint: Array(value))
    }
}
