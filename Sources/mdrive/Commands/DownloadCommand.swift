import Archives
import ArgumentParser
import Cryptography
import DriveNetworking
import Multiwriter

/// Fetches contents into a drive that does not fetch them by itself.
struct DownloadCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "download",
        abstract: "Fetches the contents of files and folders, and no others.",
        usage: "mdrive DIR download [--from HOST:PORT] [--timeout SECONDS] PATH …",
        discussion: """
            For a drive that 'sync --sparse' made: a sync of it that runs fetches what is asked \
            for here; with --from this command dials itself. A folder stands for all that is \
            below it, / for everything. What does not come is named and stays asked for, so that \
            the next sync fetches it.

            Without --timeout nothing is waited for if no sync runs, else until nothing has \
            arrived for 30 seconds.

            EXAMPLES:
              mdrive phone download photos/2026
              mdrive phone download --from here.example:4747 /
              mdrive phone download film.mkv --bytes 0-1048575
            """)

    @OptionGroup var drive: DriveArguments
    @OptionGroup var patience: PatienceArguments

    @Option(
        help: ArgumentHelp("Dials an address and fetches from there.", valueName: "host:port"))
    var from: String?

    @Option(
        help: ArgumentHelp(
            "Only bytes of one file, counted from 0, the last one included.",
            valueName: "first-last"))
    var bytes: String?

    @Argument(help: ArgumentHelp("Paths in the drive.", valueName: "path"))
    var paths: [String]

    func validate() throws {
        if let from { _ = try SyncCommand.address(from) }
        guard let bytes else { return }
        _ = try Self.range(bytes)
        guard paths.count == 1 else {
            throw ValidationError("--bytes goes with the path of one file")
        }
    }

    private static func range(_ text: String) throws -> BlobRange {
        let ends = text.split(separator: "-", omittingEmptySubsequences: false)
        guard ends.count == 2, let first = UInt64(ends[0]) else {
            throw ValidationError("--bytes takes FIRST-LAST or FIRST-, as 0-1048575")
        }
        if ends[1].isEmpty { return BlobRange(from: first) }
        guard let last = UInt64(ends[1]), last >= first else {
            throw ValidationError("--bytes takes FIRST-LAST or FIRST-, as 0-1048575")
        }
        return BlobRange(from: first, through: last)
    }

    func run() async throws {
        for path in paths { _ = try DrivePath(folder: path) }
        let drive = from == nil ? try drive.open() : try drive.openSparse()
        defer { drive.close() }
        let patience = Patience(
            self.drive.folder, timeout: patience.timeout, isConnecting: from != nil)
        let isDone = try await withThrowingTaskGroup(of: Bool.self) { group in
            if let from {
                let address = try SyncCommand.address(from)
                // What is known already is asked for before a peer that does not stay is met.
                for path in paths { try? await note(path, drive) }
                let (settlements, settled) = AsyncStream.makeStream(of: Void.self)
                drive.onSyncEvent { if $0.kind == .settled { settled.yield() } }
                group.addTask {
                    let session = SyncSession(
                        drive, isOnce: false, wait: .seconds(5), isVerbose: false)
                    try await session.run([.connect(address)])
                    return false
                }
                group.addTask {
                    await Self.waitForIndex(of: drive, settlements, patience.timeout)
                    try await fetch(drive, patience)
                    return true
                }
            } else {
                let interruption = Interruption()
                group.addTask {
                    _ = await interruption.requested()
                    return false
                }
                group.addTask {
                    try await fetch(drive, patience)
                    return true
                }
            }
            defer { group.cancelAll() }
            return try await group.next() ?? false
        }
        guard isDone else {
            throw Failure("interrupted: what is missing stays asked for, the next sync fetches it")
        }
    }

    /// Asks for what is known to be missing, and does not wait.
    private func note(_ path: String, _ drive: Drive) async throws {
        if bytes == nil { _ = try await drive.download(at: path, timeout: .zero) }
    }

    /// Waits until the lists of files are up to date with a peer, or nothing comes any more.
    private static func waitForIndex(
        of drive: Drive, _ settlements: AsyncStream<Void>, _ timeout: Duration
    ) async {
        var before: UInt64?
        while before != drive.syncStatus.receivedByteCount, !Task.isCancelled {
            before = drive.syncStatus.receivedByteCount
            let isSettled = await withTaskGroup(of: Bool.self) { group in
                group.addTask {
                    for await _ in settlements { return true }
                    return false
                }
                group.addTask {
                    try? await Task.sleep(for: timeout)
                    return false
                }
                defer { group.cancelAll() }
                return await group.next() ?? false
            }
            if isSettled { return }
        }
    }
}

extension DownloadCommand {
    private func fetch(_ drive: Drive, _ patience: Patience) async throws {
        var done = DownloadProgress()
        var missing: [MissingContent] = []
        var missingFileCount = 0
        var problems: [FolderProblem] = []
        for path in paths {
            let report = try await report(path, drive, patience.timeout)
            done.add(report.progress)
            missing += report.missing
            missingFileCount += report.missingFileCount
            problems += report.problems
        }
        // Who interrupts has not waited in vain.
        try Task.checkCancellation()
        ProgressLine.shared.clear()
        for problem in problems { StandardError.write("\(problem)") }
        guard missingFileCount == 0 else {
            for content in missing.prefix(20) {
                let writer = content.link.hexadecimal.prefix(8)
                StandardError.write(
                    "'\(content.name)' by \(writer): \(content.presence.text)")
            }
            if missingFileCount > 20 {
                StandardError.write("and \(missingFileCount - 20) more of the kind")
            }
            let files = Quantity.count(missingFileCount, "file is", "files are")
            throw Failure(
                "\(files) not here, or not whole, and asked for at the next sync: "
                    + patience.reason)
        }
        var output = StandardOutput()
        let files = Quantity.count(done.fileCount, "file")
        let what = bytes == nil ? Quantity.bytes(done.byteLength) : "the bytes asked for"
        try output.write(line: "\(files), \(what): all here")
        try output.finish()
        if !problems.isEmpty { throw Failed() }
    }

    private func report(
        _ path: String, _ drive: Drive, _ timeout: Duration
    ) async throws -> DownloadReport {
        let show = { @Sendable (progress: DownloadProgress) in
            ProgressLine.shared.show {
                "fetching  \(progress.blockCount - progress.missingCount) of "
                    + "\(Quantity.count(progress.blockCount, "block"))  "
                    + Quantity.count(progress.fileCount, "file")
            }
        }
        guard let bytes else {
            return try await drive.download(at: path, timeout: timeout, progress: show)
        }
        guard let entry = try await drive.entry(at: path) else {
            throw DriveError(.unknownName, "nothing stands at '\(path)'")
        }
        guard let version = entry.shown, version.type == .file else {
            throw Failure("'\(path)' is no file: --bytes goes with one")
        }
        return try await drive.download(
            version, bytes: Self.range(bytes), timeout: timeout, progress: show)
    }
}
