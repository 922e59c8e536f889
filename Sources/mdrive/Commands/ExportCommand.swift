import ArgumentParser
import Cryptography
import Multiwriter

/// Writes files and folders out.
struct ExportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export",
        abstract: "Writes files and folders out; unchanged ones are skipped.",
        usage: "mdrive DIR export FOLDER [--from FOLDER] [--link KEY] [--force]",
        discussion: """
            Nothing is written outside of the folder, and a file that is there and differs is kept \
            unless --force is given. Of a conflict both files are written, the second under a name \
            that tells its writer.

            EXAMPLES:
              mdrive alice export /tmp/out
              mdrive alice export /tmp/bob --link "$(mdrive bob key)"
            """)

    @OptionGroup var drive: DriveArguments

    @Option(
        help: ArgumentHelp("One folder of the drive, instead of everything.", valueName: "folder"))
    var from = ""

    @Option(
        help: ArgumentHelp("One writer's archive alone, instead of all together.", valueName: "key")
    )
    var link: String?

    @Flag(help: "Replaces files that are there and differ.")
    var force = false

    @Argument(help: ArgumentHelp("The folder to write to; it is made.", valueName: "folder"))
    var target: String

    func run() throws {
        let interruption = Interruption()
        var options = ExportOptions()
        options.folder = from
        options.link = try link.map { text in try FeedKey(link: text) }
        options.isForced = force
        options.isCancelled = { interruption.isRequested }
        let drive = try drive.open(isReadOnly: true)
        defer { drive.close() }
        var progress = Progress("exporting")
        if ProgressLine.shared.isShown { try progress.count(in: from, of: options.link, drive) }
        let report = try drive.exportFolder(to: target, options: options) { step in
            progress.entryCount = step.entryCount
            progress.byteCount = step.byteCount
            progress.show()
        }
        ProgressLine.shared.clear()
        if report.isCancelled {
            StandardError.write(
                "interrupted: \(Quantity.count(report.fileCount, "file")) with "
                    + "\(Quantity.bytes(report.byteCount)) were written, "
                    + "the same command goes on from there")
        }
        if report.conflictCount > 0 {
            StandardError.write(
                "\(Quantity.count(report.conflictCount, "file")) of conflicts stand next to the "
                    + "ones that are shown, under names that tell their writers")
        }
        for problem in report.viewProblems { StandardError.write("\(problem)") }
        try report.problems.map(withRemedy).report(count: report.problemCount)
        if report.isCancelled || !report.viewProblems.isEmpty { throw Failed() }
    }
    private func withRemedy(_ problem: FolderProblem) -> FolderProblem {
        if problem.code == .notHere {
            return FolderProblem(
                path: problem.path, code: problem.code,
                message: problem.message + ": 'download' fetches it")
        }
        guard problem.code == .differs else { return problem }
        return FolderProblem(
            path: problem.path, code: problem.code,
            message: problem.message + " unless --force is given")
    }
}

extension Progress {
    /// Counts what there is to do.
    fileprivate mutating func count(in folder: String, of link: FeedKey?, _ drive: Drive) throws {
        var (entryCount, byteCount) = (0, UInt64(0))
        try drive.forEachEntry(in: folder, of: link) { entry in
            entryCount += max(1, entry.versions.count)
            for version in entry.versions { byteCount &+= version.byteLength }
        }
        totalEntryCount = entryCount
        totalByteCount = byteCount
    }
}
