public import Feeds
import LMDB

extension Drive {
    /// Whether of other archives only the index is fetched, and content when it is asked for.
    ///
    /// True if the drive was opened so, or if that is stored in it.
    public func isSparse(in snapshot: borrowing StoreSnapshot) throws -> Bool {
        if options.isSparse { return true }
        return try snapshot.withEnvironmentTransaction { transaction in
            try transaction.value(forKey: DriveTables.sparseKey, in: tables.drive) == [1]
        }
    }

    /// Stores whether the drive is sparse, on the calling thread; a sync that runs follows.
    ///
    /// What is held stays; a drive that is not sparse any more fetches what is missing.
    public func setSparseNow(_ isSparse: Bool) throws {
        guard try readNow({ try self.isSparse(in: $0) }) != isSparse else { return }
        try writeNow { transaction in
            try transaction.withEnvironmentTransaction { transaction in
                try transaction.put(
                    [isSparse ? 1 : 0], forKey: DriveTables.sparseKey, in: tables.drive)
            }
        }
    }
}
