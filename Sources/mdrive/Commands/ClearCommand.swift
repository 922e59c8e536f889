import ArgumentParser
import Multiwriter

/// Frees local copies of contents.
struct ClearCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "clear",
        abstract: "Frees the local copies of files' contents.",
        usage: "mdrive DIR clear [--force] PATH …",
        discussion: """
            The files stay listed, other drives keep their copies, and connected peers are told. \
            'cat' and 'download' fetch the content again; a drive that is not sparse fetches it \
            by itself with the next sync. A folder stands for all that is below it; / frees the \
            contents of former versions as well.

            What this drive wrote itself may be nowhere else, and stays unless --force is given. \
            What is freed is used again; the file of the drive does not get smaller.

            EXAMPLES:
              mdrive phone clear photos/2025
              mdrive phone clear /
            """)

    @OptionGroup var drive: DriveArguments

    @Flag(help: "Frees what this drive wrote itself, too, although nobody else may have it.")
    var force = false

    @Argument(help: ArgumentHelp("Paths in the drive.", valueName: "path"))
    var paths: [String]

    func run() throws {
        for path in paths { _ = try DrivePath(folder: path) }
        let drive = try drive.open()
        defer { drive.close() }
        var (fileCount, blockCount, byteCount) = (0, UInt64(0), UInt64(0))
        var hasFailed = false
        for path in paths {
            do {
                let report = try drive.clearNow(path, includingOwn: force)
                fileCount += report.fileCount
                blockCount += report.blockCount
                byteCount += report.byteCount
                guard report.keptCount > 0 else { continue }
                StandardError.write(Self.sentence(report, path))
                if report.blockCount == 0 { hasFailed = true }
            } catch {
                StandardError.write(Failure.sentence(error))
                hasFailed = true
            }
        }
        if blockCount > 0 || !hasFailed {
            var output = StandardOutput()
            let files = Quantity.count(fileCount, "file")
            let blocks = Quantity.count(blockCount, "block")
            try output.write(line: "\(files), \(blocks), \(Quantity.bytes(byteCount)) freed")
            try output.finish()
        }
        if blockCount > 0, try !drive.readNow({ try drive.isSparse(in: $0) }) {
            StandardError.write(
                "this drive is not sparse: the next sync fetches it again, unless it is "
                    + "'sync --sparse'")
        }
        if hasFailed { throw Failed() }
    }

    private static func sentence(_ report: ClearingReport, _ path: String) -> String {
        let reason = "was written here, and nobody else may have it: --force frees it all the same"
        guard report.keptCount > 1 else {
            return "'\(report.keptNames.first ?? path)' stays, because it " + reason
        }
        return "\(report.keptCount) files of '\(path)' stay, because what is in them " + reason
    }
}
