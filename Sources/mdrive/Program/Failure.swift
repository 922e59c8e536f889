import DriveNetworking
import Multiwriter

/// Why a command failed, in one sentence that names the thing and the remedy.
struct Failure: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }

    /// Says why a drive could not be opened.
    init(opening folder: String, _ error: DriveError) {
        switch error.code {
        case .absent:
            self.init(
                "there is no drive at \(folder): the first write, import or sync makes one")
        case .notADrive:
            self.init("\(folder) is not a folder: name the folder of a drive, or a new one")
        case .newerFormat:
            self.init("\(error.message) Use a newer mdrive for \(folder).")
        default:
            self.init(Self.sentence(error))
        }
    }

    /// Writes an error as one line to standard error, and returns the exit code that it means.
    static func report(_ error: any Error) -> Int32 {
        switch error {
        case is StandardOutput.Closed:
            // Whoever reads has seen enough, as with `mdrive DIR list | head -1`.
            return 0
        case is Failed:
            return 1
        case is Interruption.Requested:
            StandardError.write("interrupted")
            return 1
        default:
            StandardError.write(sentence(error))
            return 1
        }
    }

    /// One sentence about an error, with a remedy where one is known.
    static func sentence(_ error: any Error) -> String {
        switch error {
        case let error as DriveError:
            // What is wrong with a text that was typed is said by what would be right.
            let isTyped = error.code == .badLink || error.code == .badReference
            return joined(error.message, isTyped ? nil : error.cause, remedy(for: error.code))
        case let error as SyncError:
            let cause = error.cause.map(DriveError.wrap)
            let isFull = (cause as? DriveError)?.code == .diskFull
            return joined(
                error.message, error.cause, isFull ? room : remedy(for: error.code))
        case let error as NetworkError:
            return joined(error.message, error.cause, nil)
        default:
            return "\(error)"
        }
    }

    /// Joins what happened, why, and what helps.
    private static func joined(
        _ message: String, _ cause: (any Error)?, _ remedy: String?
    ) -> String {
        [message, cause.map { "\($0)" }, remedy].compactMap { part in
            part.map { $0.hasSuffix(".") ? String($0.dropLast()) : $0 }
        }.joined(separator: ": ")
    }

    private static let room = "make room on the disk, then the same command goes on"

    private static func remedy(for code: DriveError.Code) -> String? {
        switch code {
        case .diskFull: room
        case .damaged: "restore the folder from a copy, or sync a new drive with a peer"
        case .unknownLink: "'status' shows the links that are known, 'add' follows another"
        case .unknownName: "'list' and 'ls' show what there is"
        case .notHere: "sync with a peer that has it"
        case .badReference: #"pass a row as 'list' prints it, or {"name":"…","link":"…"}"#
        case .badLink:
            "a link has 64 hexadecimal digits or 52 characters of z-base-32, as 'key' prints"
        default: nil
        }
    }

    private static func remedy(for code: SyncError.Code) -> String? {
        switch code {
        case .notMdrive, .hungUp, .silence: "join it with another 'mdrive DIR sync'"
        case .incomplete: "the same command goes on from there"
        default: nil
        }
    }
}
