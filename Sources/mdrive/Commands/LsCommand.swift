import ArgumentParser

/// What stands in a folder, or at a path.
struct LsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ls",
        abstract: "What stands at a path now, of all writers together.",
        usage: "mdrive DIR ls [-l] [-R] [--json] [PATH]",
        discussion: """
            Paths are whole, so that 'cat' and 'rm' take them; folders end in a slash. A path that \
            several people wrote without having seen each other's file is marked as a \
            conflict; the first version is the one that is shown. -l marks files whose content \
            is not here, or not all of it; --json says so in "held".

            EXAMPLES:
              mdrive alice ls
              mdrive alice ls -lR photos
              mdrive alice ls -R --json | jq -r 'select(.conflict) | .path'
            """)

    @OptionGroup var drive: DriveArguments

    @Flag(name: .shortAndLong, help: "Modes, sizes, times and writers; all versions of conflicts.")
    var long = false

    @Flag(name: [.customShort("R"), .long], help: "All that is below, too.")
    var recursive = false

    @Flag(help: "One JSON object per line.")
    var json = false

    @Argument(help: "A folder or file in the drive; everything if left out.")
    var path = ""

    func run() throws {
        let style: Listing.Style = json ? .json : long ? .long : .short
        let listing = FolderListing(
            folder: drive.place, path: path, style: style, isRecursive: recursive)
        try listing.run()
    }
}
