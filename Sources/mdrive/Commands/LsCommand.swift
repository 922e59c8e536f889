import ArgumentParser
import Multiwriter

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
        let drive = try drive.open(isReadOnly: true)
        defer { drive.close() }
        let path = try DrivePath(folder: path)
        var output = StandardOutput()
        let listing = Listing(
            style: json ? .json : long ? .long : .short, isForTerminal: output.isTerminal)
        var inventory = ContentInventory(of: drive)
        let presence = { (version: Version) -> ContentPresence? in
            // Who claims content that cannot be is named by who reads it.
            try? drive.readNow { try inventory.presence(of: version, in: $0) }
        }
        if !path.isRoot {
            guard let entry = try drive.entryNow(at: path.name) else {
                throw DriveError(.unknownName, "nothing stands at '\(path.name)'")
            }
            if entry.type != .directory {
                for line in listing.lines(for: entry, presence: presence) {
                    try output.write(line: line)
                }
                guard entry.isAlsoFolder else { return try output.finish() }
            }
        }
        let problems: [ViewProblem]
        if listing.style == .short {
            problems = try drive.forEachPath(in: path.name, isRecursive: recursive) { listed in
                switch listed {
                case .plain(let path, let isFolder) where !listing.isForTerminal:
                    let name = UnsafeRawBufferPointer(rebasing: path.dropFirst())
                    try output.write(line: name, endingIn: isFolder ? "/\n" : "\n")
                case .plain(let path, let isFolder):
                    try output.write(line: listing.line(for: path.dropFirst(), isFolder))
                case .entry(let entry):
                    for line in listing.lines(for: entry, presence: presence) {
                        try output.write(line: line)
                    }
                }
            }
        } else {
            var options = ViewOptions()
            options.isRecursive = recursive
            problems = try drive.forEachEntry(in: path.name, options: options) { entry in
                for line in listing.lines(for: entry, presence: presence) {
                    try output.write(line: line)
                }
            }
        }
        try output.finish()
        try problems.report()
    }
}
