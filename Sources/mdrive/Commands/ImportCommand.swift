import ArgumentParser
import Multiwriter

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Takes files and folders in.
struct ImportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import",
        abstract: "Takes files and folders in; unchanged ones are skipped.",
        usage: "mdrive DIR import PATH … [--to FOLDER]",
        discussion: """
            'src' arrives as src/…, 'src/' as its contents. Contents, modes, symbolic links, empty \
            folders and times are kept. What cannot be read is named and the rest is taken in. \
            Makes the drive if there is none.

            EXAMPLES:
              mdrive alice import photos
              mdrive alice import photos/ --to 2026/summer
            """)

    @OptionGroup var drive: DriveArguments

    @Option(
        help: ArgumentHelp("The folder of the drive in which they arrive.", valueName: "folder"))
    var to = ""

    @Argument(help: ArgumentHelp("Files and folders.", valueName: "path"))
    var paths: [String]

    func run() throws {
        _ = try DrivePath(folder: to)
        let interruption = Interruption()
        let drive = try openDrive()
        defer { drive.close() }
        var options = ImportOptions()
        options.folder = to
        options.countsFirst = ProgressLine.shared.isShown
        options.isCancelled = { interruption.isRequested }
        var progress = Progress("importing")
        let report = try drive.importFolder(paths, options: options) { step in
            progress.entryCount = step.entryCount
            progress.byteCount = step.byteCount
            progress.totalEntryCount = step.totalEntryCount
            progress.totalByteCount = step.totalByteCount
            progress.show()
        }
        ProgressLine.shared.clear()
        if report.isCancelled {
            let done = report.fileCount + report.linkCount + report.folderCount
            StandardError.write(
                "interrupted: \(Quantity.count(done, "entry", "entries")) with "
                    + "\(Quantity.bytes(report.byteCount)) are stored, "
                    + "the same command goes on from there")
        }
        try report.problems.report(count: report.problemCount)
        if report.isCancelled { throw Failed() }
    }

    /// Makes no drive for nothing: if none of the paths exists, there must be one already.
    private func openDrive() throws -> Drive {
        var status = stat()
        if paths.contains(where: { lstat($0, &status) == 0 }) { return try drive.openOrMake() }
        do {
            return try drive.open()
        } catch is Failure {
            throw Failure("\(paths[0]): \(String(cString: strerror(ENOENT)))")
        }
    }
}
