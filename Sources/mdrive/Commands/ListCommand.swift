import ArgumentParser
import Multiwriter

/// Every write that is known here, one line each.
struct ListCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "One JSON row per write, of every writer.",
        usage: "mdrive DIR list [--limit COUNT] [--offset COUNT]",
        discussion: """
            Every write is a row, the own ones first; a file that was written three times is \
            listed three times. See 'ls' for what stands at each path now.

            EXAMPLES:
              mdrive alice list
              mdrive alice list | jq -r .name
              mdrive alice read "$(mdrive alice list | head -1)"
            """)

    @OptionGroup var drive: DriveArguments

    @Option(help: ArgumentHelp("At most this many rows of each writer.", valueName: "count"))
    var limit: Int?

    @Option(help: ArgumentHelp("Skips this many rows of each writer.", valueName: "count"))
    var offset = 0

    func validate() throws {
        guard offset >= 0, (limit ?? 0) >= 0 else {
            throw ValidationError("counts start at 0")
        }
    }

    func run() throws {
        let drive = try drive.open(isReadOnly: true)
        defer { drive.close() }
        var output = StandardOutput()
        let problems = try drive.forEachRow(limit: limit, offset: offset) { row in
            try output.write(line: row.json)
        }
        try output.finish()
        try problems.report()
    }
}
