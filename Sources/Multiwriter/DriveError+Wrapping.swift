import Archives
import Feeds
import LMDB

extension DriveError {
    /// Turns errors of the layers below into the drive's own; others pass.
    static func wrapping<Result>(_ body: () throws -> Result) throws -> Result {
        do {
            return try body()
        } catch {
            throw wrap(error)
        }
    }

    /// The drive's own error for one of the layers below; others stay what they are.
    package static func wrap(_ error: any Error) -> any Error {
        switch error {
        case let error as FeedStoreError: DriveError(error)
        case let error as ArchiveError: DriveError(error)
        case let error as LMDBError: DriveError(.storage, "the storage failed", cause: error)
        default: error
        }
    }

    private init(_ error: FeedStoreError) {
        let code: Code =
            switch error.code {
            case .absent: .absent
            case .notADirectory: .notADrive
            case .newerFormat: .newerFormat
            case .damaged: .damaged
            case .readOnly: .notWritable
            case .full: .diskFull
            default: .storage
            }
        self.init(code, error.message, cause: error.cause)
    }

    private init(_ error: ArchiveError) {
        let code: Code =
            switch error.code {
            case .blockNotAvailable, .contentUnknown: .notHere
            case .invalidPath: .badName
            default: .damaged
            }
        self.init(code, error.message, cause: error.cause)
    }
}
