import ArgumentParser
import Multiwriter

/// The content of one writer's file.
struct ReadCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "read",
        abstract: "The content of a row that 'list' printed.",
        usage: "mdrive DIR read ROW",
        discussion: """
            Of the row, the name and the link count: what is read is the latest content of this \
            name by this writer.

            EXAMPLES:
              mdrive alice read "$(mdrive alice list | head -1)"
              mdrive alice read '{"name":"notes/bob.txt","link":"4f1c…"}' > bob.txt
            """)

    @OptionGroup var drive: DriveArguments

    @Argument(help: #"A printed row, or {"name":…,"link":…}."#)
    var row: String

    func run() throws {
        let reference = try EntryReference(parsing: row)
        let drive = try drive.open(isReadOnly: true)
        defer { drive.close() }
        try drive.readerNow(of: reference).copyToStandardOutput("reading \(reference.name)")
    }
}
