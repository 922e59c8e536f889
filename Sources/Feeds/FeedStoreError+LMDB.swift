import LMDB

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

extension FeedStoreError {
    /// What a failure of the database means for a store.
    init(_ error: LMDBError, path: String) {
        let (code, sentence) = Self.meaning(of: error.code, path: path)
        self.init(code, sentence, cause: error)
    }

    private static func meaning(
        of code: LMDBError.Code, path: String
    ) -> (code: Code, sentence: String) {
        switch code {
        case .noSuchFile:
            (.absent, "There is no store at \(path).")
        case .accessDenied, LMDBError.Code(rawValue: EPERM):
            (.notPermitted, "The store at \(path) may not be used by this user.")
        case .readOnly:
            (.readOnly, "The store at \(path) can only be read.")
        case LMDBError.Code(rawValue: ENOTDIR):
            (.notADirectory, "\(path) is not a folder, so there can be no store.")
        case .corrupted, .pageNotFound, .invalid, .versionMismatch:
            (.damaged, "The store at \(path) is damaged.")
        case .diskFull, .mapFull, LMDBError.Code(rawValue: EDQUOT):
            (.full, "There is no room left for the store at \(path); nothing was lost.")
        default:
            (.database, "The store at \(path) failed.")
        }
    }

    /// Runs something that uses the database, and wraps its errors once.
    static func wrapping<Result>(
        path: String, _ body: () throws -> Result
    ) throws -> Result {
        do {
            return try body()
        } catch let error as LMDBError {
            throw FeedStoreError(error, path: path)
        }
    }
}
