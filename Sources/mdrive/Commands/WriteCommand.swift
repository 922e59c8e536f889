import ArgumentParser
import Multiwriter

/// Stores what comes over standard input.
struct WriteCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "write",
        abstract: "Stores standard input as a file.",
        usage: "mdrive DIR write NAME",
        discussion: """
            Makes the drive if there is none. The file appears when all of it is stored; memory \
            does not grow with it.

            EXAMPLES:
              echo hello | mdrive alice write greeting.txt
              tar c photos | mdrive alice write backup/photos.tar
            """)

    @OptionGroup var drive: DriveArguments

    @Argument(help: "The name of the file; slashes make folders.")
    var name: String

    func run() throws {
        _ = try DrivePath(naming: name)
        let interruption = Interruption()
        var input = StandardInput(until: interruption)
        do {
            // What cannot be read makes no drive.
            var bytes = try input.next()
            let drive = try drive.openOrMake()
            defer { drive.close() }
            var progress = Progress("writing \(name)")
            progress.totalByteCount = input.expectedByteCount.map { $0 + UInt64(bytes.count) }
            var writer = try drive.makeWriter(for: NewEntry(name: name))
            while !bytes.isEmpty {
                try writer.writeNow(bytes)
                progress.byteCount += UInt64(bytes.count)
                progress.show()
                bytes = try input.next()
            }
            try writer.finishNow()
        } catch is Interruption.Requested {
            throw Failure("interrupted: '\(name)' was not stored")
        }
    }
}
