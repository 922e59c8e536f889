import CLMDB

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// A failure of an environment: LMDB's code to switch on and a sentence to act on.
///
/// Two errors are equal when their codes are.
public struct LMDBError: Error, Equatable, Sendable, CustomStringConvertible {
    /// What failed.
    public let code: Code

    /// One sentence: what was attempted, where, and why it did not work.
    public let message: String

    /// Creates an error from a code and a whole sentence.
    public init(code: Code, message: String) {
        self.code = code
        self.message = message
    }

    /// Describes what LMDB or the system returned for something that was attempted at a path.
    init(_ result: Int32, _ attempt: String, _ path: String) {
        code = Code(rawValue: result)
        message = "\(attempt) \(path) failed: \(code.explanation) (\(code.name))"
    }

    /// The sentence of the error.
    public var description: String { message }

    /// Tells whether both errors have the same code.
    public static func == (left: LMDBError, right: LMDBError) -> Bool { left.code == right.code }
}

extension LMDBError {
    /// LMDB's own codes (negative), those of the system (`errno`, positive), and a few of ours.
    public struct Code: RawRepresentable, Hashable, Sendable {
        /// The number that LMDB or the system returned.
        public let rawValue: Int32

        /// Takes a number as LMDB or the system returned it.
        public init(rawValue: Int32) { self.rawValue = rawValue }

        /// The key is there already: `MDB_KEYEXIST`.
        public static let keyExists = Code(rawValue: MDB_KEYEXIST)
        /// The key or the table is not there: `MDB_NOTFOUND`.
        public static let notFound = Code(rawValue: MDB_NOTFOUND)
        /// A page that is referred to does not exist: `MDB_PAGE_NOTFOUND`.
        public static let pageNotFound = Code(rawValue: MDB_PAGE_NOTFOUND)
        /// The data file is damaged: `MDB_CORRUPTED`.
        public static let corrupted = Code(rawValue: MDB_CORRUPTED)
        /// An earlier failure stopped the environment: `MDB_PANIC`.
        public static let panic = Code(rawValue: MDB_PANIC)
        /// The file has the format of another version of LMDB: `MDB_VERSION_MISMATCH`.
        public static let versionMismatch = Code(rawValue: MDB_VERSION_MISMATCH)
        /// The file is not an LMDB environment: `MDB_INVALID`.
        public static let invalid = Code(rawValue: MDB_INVALID)
        /// The map has no room left: `MDB_MAP_FULL`.
        public static let mapFull = Code(rawValue: MDB_MAP_FULL)
        /// More tables were opened than the environment was opened for: `MDB_DBS_FULL`.
        public static let databasesFull = Code(rawValue: MDB_DBS_FULL)
        /// Every reader's slot is taken: `MDB_READERS_FULL`.
        public static let readersFull = Code(rawValue: MDB_READERS_FULL)
        /// The transaction has changed too much: `MDB_TXN_FULL`.
        public static let transactionFull = Code(rawValue: MDB_TXN_FULL)
        /// Another process grew the map: `MDB_MAP_RESIZED`.
        public static let mapResized = Code(rawValue: MDB_MAP_RESIZED)
        /// The table exists with other properties: `MDB_INCOMPATIBLE`.
        public static let incompatible = Code(rawValue: MDB_INCOMPATIBLE)
        /// The transaction cannot go on after an error: `MDB_BAD_TXN`.
        public static let badTransaction = Code(rawValue: MDB_BAD_TXN)
        /// A key is empty or too long: `MDB_BAD_VALSIZE`.
        public static let badValueSize = Code(rawValue: MDB_BAD_VALSIZE)
        /// The table's handle means nothing to this transaction: `MDB_BAD_DBI`.
        public static let badDatabase = Code(rawValue: MDB_BAD_DBI)
        /// The disk is full: `ENOSPC`.
        public static let diskFull = Code(rawValue: ENOSPC)
        /// The permission is missing: `EACCES`.
        public static let accessDenied = Code(rawValue: EACCES)
        /// Nothing is at the path: `ENOENT`.
        public static let noSuchFile = Code(rawValue: ENOENT)
        /// The environment or its file system can only be read: `EROFS`.
        public static let readOnly = Code(rawValue: EROFS)
        /// The device failed: `EIO`.
        public static let inputOutput = Code(rawValue: EIO)
        /// The environment was closed.
        public static let closed = Code(rawValue: -40_001)
        /// The environment was opened before this process was forked off.
        public static let openedBeforeFork = Code(rawValue: -40_002)
    }
}

extension LMDBError.Code {
    /// The name in C, for those who look it up.
    var name: String {
        switch self {
        case .keyExists: "MDB_KEYEXIST"
        case .notFound: "MDB_NOTFOUND"
        case .pageNotFound: "MDB_PAGE_NOTFOUND"
        case .corrupted: "MDB_CORRUPTED"
        case .panic: "MDB_PANIC"
        case .versionMismatch: "MDB_VERSION_MISMATCH"
        case .invalid: "MDB_INVALID"
        case .mapFull: "MDB_MAP_FULL"
        case .databasesFull: "MDB_DBS_FULL"
        case .readersFull: "MDB_READERS_FULL"
        case .transactionFull: "MDB_TXN_FULL"
        case .mapResized: "MDB_MAP_RESIZED"
        case .incompatible: "MDB_INCOMPATIBLE"
        case .badTransaction: "MDB_BAD_TXN"
        case .badValueSize: "MDB_BAD_VALSIZE"
        case .badDatabase: "MDB_BAD_DBI"
        case .diskFull: "ENOSPC"
        case .accessDenied: "EACCES"
        case .noSuchFile: "ENOENT"
        case .readOnly: "EROFS"
        case .inputOutput: "EIO"
        default: "code \(rawValue)"
        }
    }

    /// What the code means to someone who does not know LMDB.
    var explanation: String {
        switch self {
        case .corrupted, .pageNotFound: "the database is damaged"
        case .versionMismatch: "the database was written by another version of LMDB"
        case .invalid: "the file is not an LMDB database"
        case .panic: "an earlier failure stopped the database, it must be opened again"
        case .mapFull: "the database cannot be mapped any larger"
        case .readersFull: "too many readers have the database open"
        case .badTransaction: "the transaction had failed before"
        case .badValueSize: "a key must have 1 to \(Limits.maximumKeyByteCount) bytes"
        case .diskFull: "the disk is full, nothing was changed"
        case .closed: "the database was closed"
        default: String(cString: mdb_strerror(rawValue))
        }
    }
}
