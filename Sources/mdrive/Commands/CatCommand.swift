import ArgumentParser

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
        let printer = ContentPrinter(folder: drive.place, timeout: patience.timeout, name: path)
        try await printer.printShown()
    }
}
