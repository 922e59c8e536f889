import ArgumentParser
import Multiwriter

/// The content that stands at a path.
struct CatCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cat",
        abstract: "The content of a file, whoever wrote it.",
        usage: "mdrive DIR cat PATH",
        discussion: """
            Of a conflict, the version that 'ls' shows first is read; 'read' reads the others.

            EXAMPLES:
              mdrive alice cat notes/bob.txt
              mdrive alice cat photo.jpg > photo.jpg
            """)

    @OptionGroup var drive: DriveArguments

    @Argument(help: "The path of a file in the drive.")
    var path: String

    func run() throws {
        let drive = try drive.open(isReadOnly: true)
        defer { drive.close() }
        guard let entry = try drive.entryNow(at: path) else {
            throw DriveError(.unknownName, "nothing stands at '\(path)'")
        }
        guard let version = entry.shown, version.type != .directory else {
            throw Failure("'\(path)' is a folder: 'ls' shows what is in it")
        }
        if version.type == .symlink || version.type == .hardlink {
            throw Failure("'\(path)' is a link: read '\(version.linkname ?? "")' instead")
        }
        try drive.readerNow(of: version).copyToStandardOutput("reading \(path)")
    }
}
