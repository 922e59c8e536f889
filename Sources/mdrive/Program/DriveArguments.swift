import ArgumentParser
import Multiwriter

/// The folder of the drive, which every command is given, and how it is opened.
struct DriveArguments: ParsableArguments {
    static let optionName = "drive"

    @Option(name: .customLong(Self.optionName), help: .hidden)
    var folder: String

    /// The folder, to open the drive in it.
    var place: DriveFolder { DriveFolder(name: folder) }

    /// Opens a drive that must be there.
    func open(isReadOnly: Bool = false) throws -> Drive { try place.open(isReadOnly: isReadOnly) }

    /// Opens a drive that must be there, and that fetches content only when it is asked for.
    func openSparse() throws -> Drive { try place.openSparse() }

    /// Opens the drive, and makes it if there is none.
    func openOrMake() throws -> Drive { try place.openOrMake() }
}

/// The folder of a drive, and how the drive is opened.
struct DriveFolder {
    let name: String

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
        CrashGuard.install(for: name)
        do {
            return try Drive.open(at: name, options: options)
        } catch let error as DriveError {
            throw Failure(opening: name, error)
        }
    }
}
