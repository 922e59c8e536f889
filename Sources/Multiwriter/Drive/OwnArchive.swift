import Archives
import CompactEncoding
import Cryptography
import Feeds
import LMDB
import Synchronization

/// The archive that this drive alone can write.
final class OwnArchive: Sendable {
    /// The key of the index feed.
    let link: FeedKey
    /// Signs both feeds; made when it is asked for, which takes as long as a signature.
    var keyPair: KeyPair { primaryKey.keyPair(named: "db") }
    private let primaryKey: PrimaryKey
    private let known = Mutex<Archive?>(nil)

    private init(link: FeedKey, primaryKey: PrimaryKey) {
        self.link = link
        self.primaryKey = primaryKey
    }

    /// Finds the archive, or makes it: its feeds, its record and the secret behind them are there
    /// together or not at all.
    static func open(
        in store: FeedStore, _ tables: DriveTables, isReadOnly: Bool
    ) throws -> OwnArchive {
        if let link = try store.read({ try storedLink(tables, in: $0) }) {
            return OwnArchive(link: link, primaryKey: store.primaryKey)
        }
        guard !isReadOnly else {
            throw DriveError(.notADrive, "the store at \(store.path) holds no drive")
        }
        let link = try store.write { transaction in
            let archive = try Archive.own(primaryKey: store.primaryKey, in: transaction)
            try transaction.withEnvironmentTransaction { transaction in
                try transaction.put(
                    [DriveTables.formatVersion], forKey: DriveTables.formatKey, in: tables.drive)
                try transaction.put(
                    archive.key.bytes, forKey: DriveTables.selfKey, in: tables.drive)
                try transaction.put(
                    WriterRecord().encoded, forKey: archive.key.bytes, in: tables.writers)
            }
            return archive.key
        }
        return OwnArchive(link: link, primaryKey: store.primaryKey)
    }

    private static func storedLink(
        _ tables: DriveTables, in snapshot: borrowing StoreSnapshot
    ) throws -> FeedKey? {
        try snapshot.withEnvironmentTransaction { transaction in
            let format = try transaction.value(forKey: DriveTables.formatKey, in: tables.drive)
            guard let format else { return nil }
            guard format.count == 1, format[0] <= DriveTables.formatVersion else {
                throw DriveError(.newerFormat, "the drive was made by a newer version of mdrive")
            }
            let value = try transaction.value(forKey: DriveTables.selfKey, in: tables.drive)
            guard let link = value.flatMap({ FeedKey($0) }) else {
                throw DriveError(.damaged, "the drive does not say which archive is its own")
            }
            return link
        }
    }

    /// The archive with the power to write it.
    func writable(in transaction: borrowing StoreTransaction) throws -> Archive {
        if let archive = known.withLock({ $0 }) { return archive }
        let archive = try Archive.own(primaryKey: primaryKey, in: transaction)
        guard archive.key == link else {
            throw DriveError(.damaged, "the drive's secret is not the one of its own archive")
        }
        known.withLock { $0 = archive }
        return archive
    }
}
