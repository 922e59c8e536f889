import Cryptography
import LMDB

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Opens the tables of a store, and makes what a new one needs.
struct StoreOpening {
    let environment: Environment
    let tables: Tables
    let primaryKey: PrimaryKey
    let identity: StoreIdentity

    init(path: String, options: FeedStoreOptions) throws {
        let (environment, tables) = try FeedStoreError.wrapping(path: path) {
            try Self.open(path: path, options: options)
        }
        self.environment = environment
        self.tables = tables
        primaryKey = try FeedStoreError.wrapping(path: path) {
            try Self.readOrMakePrimaryKey(environment, tables, path: path, options: options)
        }
        guard let identity = StoreIdentity(path: environment.dataFilePath) else {
            throw FeedStoreError(.absent, "The store at \(path) has gone.")
        }
        self.identity = identity
    }

    private static func open(
        path: String, options: FeedStoreOptions
    ) throws -> (Environment, Tables) {
        if try StoreIdentity.isOtherThanDirectory(path: path) {
            throw FeedStoreError(
                .notADirectory, "\(path) is not a folder, so there can be no store.")
        }
        let environment = try Environment(path: path, options: options.environmentOptions)
        if let meta = try environment.existingDatabase(named: Tables.names[0]) {
            try checkFormat(environment, meta, path: path)
        } else if options.presence == .mustExist {
            throw FeedStoreError(.absent, "The database at \(path) holds no store.")
        }
        return (environment, try Tables(environment))
    }

    private static func checkFormat(
        _ environment: Environment, _ meta: Database, path: String
    ) throws {
        let format: UInt32? = try environment.read { transaction in
            try transaction.withValue(forKey: Tables.MetaKey.format.bytes, in: meta) { value in
                guard let value else { return nil }
                guard value.count == 4 else {
                    throw FeedStoreError(.damaged, "The store at \(path) is damaged.")
                }
                return UInt32(littleEndian: value.loadUnaligned(as: UInt32.self))
            }
        }
        guard let format, format > Tables.formatVersion else { return }
        throw FeedStoreError(
            .newerFormat,
            "The store at \(path) has format \(format), and this program knows formats up to "
                + "\(Tables.formatVersion): use a newer one.")
    }

    /// Two processes may make a store at once: the first to write decides.
    private static func readOrMakePrimaryKey(
        _ environment: Environment, _ tables: Tables, path: String, options: FeedStoreOptions
    ) throws -> PrimaryKey {
        let found = try environment.read { try primaryKey(in: $0, tables, path: path) }
        if let found { return found }
        guard options.presence == .createIfAbsent, !options.isReadOnly else {
            throw FeedStoreError(.absent, "The database at \(path) holds no store.")
        }
        let made = options.primaryKey ?? PrimaryKey.random()
        return try environment.write { transaction in
            if let found = try primaryKey(in: transaction.reading, tables, path: path) {
                return found
            }
            try Tables.MetaKey.primary.bytes.withUnsafeBytes { key in
                try made.withUnsafeBytes { try transaction.put($0, forKey: key, in: tables.meta) }
            }
            try Tables.MetaKey.format.bytes.withUnsafeBytes { key in
                try withUnsafeBytes(of: Tables.formatVersion.littleEndian) {
                    try transaction.put($0, forKey: key, in: tables.meta)
                }
            }
            return made
        }
    }

    private static func primaryKey(
        in transaction: borrowing ReadTransaction, _ tables: Tables, path: String
    ) throws -> PrimaryKey? {
        try transaction.withValue(
            forKey: Tables.MetaKey.primary.bytes, in: tables.meta
        ) { value in
            guard let value else { return nil }
            guard let key = PrimaryKey(value) else {
                throw FeedStoreError(
                    .damaged, "The primary key of the store at \(path) is damaged.")
            }
            return key
        }
    }
}

/// Tells one store from every other, whatever its paths are.
struct StoreIdentity: Hashable {
    private let device: UInt64
    private let inode: UInt64

    /// `nil` if there is no file.
    init?(path: String) {
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        device = UInt64(truncatingIfNeeded: status.st_dev)
        inode = UInt64(truncatingIfNeeded: status.st_ino)
    }

    /// Whether something that is not a folder is in the way.
    static func isOtherThanDirectory(path: String) throws -> Bool {
        var status = stat()
        guard stat(path, &status) == 0 else { return errno == ENOTDIR }
        return status.st_mode & S_IFMT != S_IFDIR
    }
}
