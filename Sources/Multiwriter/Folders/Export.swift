public import Cryptography

/// How files and folders are written out.
public struct ExportOptions: Sendable {
    /// The folder of the drive that is written out.
    public var folder = ""
    /// One archive alone, instead of the merged view.
    public var link: FeedKey?
    /// Whether files that are there and differ are replaced.
    public var isForced = false
    /// Whether set-user-id and set-group-id bits that others gave are kept on files.
    public var keepsForeignSetID = false
    /// Asked now and then; once it says yes, the export ends.
    public var isCancelled: @Sendable () -> Bool = { false }

    /// Makes the options of a plain export of everything.
    public init() {}
}

/// What an export did.
public struct ExportReport: Sendable {
    /// Files that were written.
    public internal(set) var fileCount = 0
    /// Links that were written.
    public internal(set) var linkCount = 0
    /// Folders that were made, or were there.
    public internal(set) var folderCount = 0
    /// Bytes of the files that were written.
    public internal(set) var byteCount: UInt64 = 0
    /// Files and links that were there already, the same.
    public internal(set) var unchangedCount = 0
    /// Files and links of conflicts that were written under a name that tells the writer.
    public internal(set) var conflictCount = 0
    /// True if the export ended early because it was asked to.
    public internal(set) var isCancelled = false
    /// What could not be written; the first ones word for word.
    public internal(set) var problems: [FolderProblem] = []
    /// How many could not be written.
    public internal(set) var problemCount = 0
    /// What could not be shown of writers' archives.
    public internal(set) var viewProblems: [ViewProblem] = []
}

extension Drive {
    /// Writes files and folders out, on the calling thread.
    ///
    /// Nothing is written outside of the folder, whatever a name or a link says, and nothing that
    /// differs is replaced unless it is asked for. Of a conflict, what is shown gets the name, and
    /// the others get one that tells their writer.
    @discardableResult
    public func exportFolder(
        to path: String, options: ExportOptions = ExportOptions(),
        progress: @escaping (FolderProgress) -> Void = { _ in }
    ) throws -> ExportReport {
        let folder: TargetFolder
        let view = try ViewPages(
            of: self, in: options.folder, of: options.link, options: ViewOptions())
        do {
            // An unknown link must not leave an empty folder behind.
            if let link = options.link {
                _ = try readNow { try requireIndex(of: link, in: $0) }
            }
            folder = try TargetFolder(path, isForced: options.isForced)
        } catch let error as FileSystemError {
            throw DriveError(.fileSystem, "\(path) cannot be written to", cause: error)
        }
        var exporter = FolderExporter(
            self, view, to: folder, at: path, options: options, progress: progress)
        return try exporter.run()
    }
}
