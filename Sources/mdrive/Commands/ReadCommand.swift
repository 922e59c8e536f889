import ArgumentParser

/// The content of one writer's file.
struct ReadCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "read",
        abstract: "The content of a row that 'list' printed.",
        usage: "mdrive DIR read [--timeout SECONDS] ROW",
        discussion: """
            Of the row, the name and the link count: what is read is the latest content of this \
            name by this writer. What of it is not here is fetched as by 'cat'.

            EXAMPLES:
              mdrive alice read "$(mdrive alice list | head -1)"
              mdrive alice read '{"name":"notes/bob.txt","link":"4f1c…"}' > bob.txt
            """)

    @OptionGroup var drive: DriveArguments
    @OptionGroup var patience: PatienceArguments

    @Argument(help: #"A printed row, or {"name":…,"link":…}."#)
    var row: String

    func run() async throws {
        try await ContentPrinter.print(row: row, of: drive.place, timeout: patience.timeout)
    }
}
