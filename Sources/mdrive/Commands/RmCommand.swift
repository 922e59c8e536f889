import ArgumentParser
import Multiwriter

/// Removes what stands at a path.
struct RmCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rm",
        abstract: "Removes files, whoever wrote them.",
        usage: "mdrive DIR rm [--recursive] PATH …",
        discussion: """
            A removal is an entry of one's own that the others receive; 'list' still shows the \
            writes, and content that was stored stays.

            EXAMPLES:
              mdrive alice rm notes/bob.txt
              mdrive alice rm -r photos
            """)

    @OptionGroup var drive: DriveArguments

    @Flag(name: .shortAndLong, help: "Removes folders and all that is in them.")
    var recursive = false

    @Argument(help: ArgumentHelp("Paths in the drive.", valueName: "path"))
    var paths: [String]

    func run() throws {
        let drive = try drive.open()
        defer { drive.close() }
        var hasFailed = false
        for path in paths {
            do {
                try remove(path, from: drive)
            } catch {
                StandardError.write(Failure.sentence(error))
                hasFailed = true
            }
        }
        if hasFailed { throw Failed() }
    }

    private func remove(_ path: String, from drive: Drive) throws {
        do {
            guard try drive.removeNow(path, isRecursive: recursive) > 0 else {
                throw DriveError(.unknownName, "nothing stands at '\(path)'")
            }
        } catch let error as DriveError where error.code == .badEntry {
            throw Failure("\(error): rm --recursive removes it and all that is in it")
        }
    }
}
