import ArgumentParser
import Multiwriter

/// The folder of the drive, which every command is given, and how it is opened.
struct DriveArguments: ParsableArguments {
    static let optionName = "drive"

    @Option(name: .customLong(Self.optionName), help: .hidden)
    var folder: String

    /// Opens a drive that must be there.
    func open(isReadOnly: Bool = false) throws -> Drive {
        try open(isReadOnly ? .readOnly : .mustExist)
    }

    /// Opens a drive that must be there, and that fetches content only when it is asked for.
    func openSparse() throws -> Drive {
        try open(DriveOptions(presence: .mustExist, isSparse: true))
    }

    /// Opens the drive, and makes it if there is none.
    func openOrMake() throws -> Drive {
        try open(DriveOptions())
    }

    private func open(_ options: DriveOptions) throws -> Drive {
        CrashGuard.install(for: folder)
        do {
            return try Drive.open(at: folder, options: options)
        } catch let error as DriveError {
            throw Failure(opening: folder, error)
        }
    }
}
