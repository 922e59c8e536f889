import ArgumentParser
import Feeds

/// A drive that many people write to, without a server.
@main
struct Mdrive: ParsableCommand {
    static let version = "0.1.0"

    static let configuration = CommandConfiguration(
        commandName: "mdrive",
        abstract: "A drive that many people write to, with no server.",
        usage: "mdrive DIR COMMAND …",
        discussion: """
            DIR is the folder in which mdrive keeps the drive; your files are inside it, not \
            beside it. The first write, import or sync makes it.

            EXAMPLES:
              echo hello | mdrive alice write greeting.txt
              mdrive alice import photos --to 2026
              mdrive alice sync --listen 0.0.0.0:4747          # here
              mdrive bob   sync --connect here.example:4747    # there
              mdrive bob ls -l
              mdrive bob cat greeting.txt
              mdrive bob export /tmp/out

            EXIT CODES:
              0 success, 1 failure, 64 usage.
            """,
        version: version,
        groupedSubcommands: [
            CommandGroup(
                name: "What all writers have:",
                subcommands: [
                    LsCommand.self, CatCommand.self, RmCommand.self, ImportCommand.self,
                    ExportCommand.self,
                ]),
            CommandGroup(
                name: "Every single write:",
                subcommands: [ListCommand.self, ReadCommand.self, WriteCommand.self]),
            CommandGroup(
                name: "Other drives:",
                subcommands: [
                    SyncCommand.self, DownloadCommand.self, ClearCommand.self, KeyCommand.self,
                    AddCommand.self, StatusCommand.self, VerifyCommand.self,
                ]),
        ])

    static func main() async {
        StandardStreams.secure()
        FeedStore.keepFreedMemory()
        let words = Array(CommandLine.arguments.dropFirst())
        if words == ["--version"] {
            // To describe all commands to the parser takes longer than all the rest.
            print(version)
            leave(0)
        }
        do {
            let arguments = try Invocation(words).arguments
            do {
                if let request = PlainRequest(arguments) {
                    try await request.run()
                } else {
                    var command = parsed(arguments)
                    if var command = command as? any AsyncParsableCommand {
                        try await command.run()
                    } else {
                        try command.run()
                    }
                }
            } catch {
                // Help and usage are the parser's to print.
                if exitCode(for: error) != .failure { exit(withError: error) }
                leave(Failure.report(error))
            }
        } catch {
            StandardError.write(lines: error.description)
            leave(64)
        }
        leave(0)
    }

    /// The command that the arguments ask for.
    ///
    /// To describe all commands takes longer than to run most of them, so only the one that is
    /// named is described. What it does not understand, and requests for help, are for all.
    private static func parsed(_ arguments: [String]) -> any ParsableCommand {
        if let name = arguments.first, let named = command(named: name),
            let command = try? named.parse(Array(arguments.dropFirst()))
        {
            return command
        }
        do {
            return try parseAsRoot(arguments)
        } catch {
            exit(withError: error)
        }
    }

    /// The command with a name.
    static func command(named name: String) -> (any ParsableCommand.Type)? {
        for group in configuration.groupedSubcommands {
            for command in group.subcommands where command.configuration.commandName == name {
                return command
            }
        }
        return nil
    }
}
