import ArgumentParser
import Multiwriter

/// The content that stands at a path.
struct CatCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cat",
        abstract: "The content of a file, whoever wrote it.",
        usage: "mdrive DIR cat [--timeout SECONDS] PATH",
        discussion: """
            Of a conflict, the version that 'ls' shows first is read; 'read' reads the others.

            What is not here is fetched while a sync of this drive runs, and printed as it comes: \
            without --timeout it is waited for 30 seconds, or not at all if no sync runs.

            EXAMPLES:
              mdrive alice cat notes/bob.txt
              mdrive alice cat photo.jpg > photo.jpg
            """)

    @OptionGroup var drive: DriveArguments
    @OptionGroup var patience: PatienceArguments

    @Argument(help: "The path of a file in the drive.")
    var path: String

    func run() async throws {
        try await ContentPrinter(arguments: drive, patience: patience, name: path).run { drive in
            guard let entry = try drive.entryNow(at: path) else {
                throw DriveError(.unknownName, "nothing stands at '\(path)'")
            }
            guard let version = entry.shown, version.type != .directory else {
                throw Failure("'\(path)' is a folder: 'ls' shows what is in it")
            }
            if version.type == .symlink || version.type == .hardlink {
                throw Failure("'\(path)' is a link: read '\(version.linkname ?? "")' instead")
            }
            return version
        }
    }
}
