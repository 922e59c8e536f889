/// How files and folders are taken in.
public struct ImportOptions: Sendable {
    /// The folder of the drive in which they arrive.
    public var folder = ""
    /// The bytes of content after which a batch is committed.
    public var batchByteCount = DriveLimits.importByteCount
    /// The number of entries after which a batch is committed.
    public var batchEntryCount = DriveLimits.batchFileCount
    /// Whether everything is counted first, so that progress can tell how much there is.
    public var countsFirst = false
    /// Asked now and then; once it says yes, what is gathered is committed and the import ends.
    public var isCancelled: @Sendable () -> Bool = { false }

    /// Makes the options of a plain import into the root.
    public init() {}
}

/// How far an import or export has come; what is counted is committed, or written.
public struct FolderProgress: Sendable, Hashable {
    /// Files, links and folders that are done, unchanged ones included.
    public var entryCount = 0
    /// Bytes of files that are done, unchanged ones included.
    public var byteCount: UInt64 = 0
    /// What there is in all, if it was counted.
    public var totalEntryCount: Int?
    /// The bytes there are in all, if they were counted.
    public var totalByteCount: UInt64?
}

/// What an import did.
public struct ImportReport: Sendable {
    /// Files that were stored.
    public internal(set) var fileCount = 0
    /// Links that were stored.
    public internal(set) var linkCount = 0
    /// Folders that were stored.
    public internal(set) var folderCount = 0
    /// Bytes of the files that were stored.
    public internal(set) var byteCount: UInt64 = 0
    /// Files, links and folders that were as the drive has them.
    public internal(set) var unchangedCount = 0
    /// True if the import ended early because it was asked to.
    public internal(set) var isCancelled = false
    /// What could not be read; the first ones word for word.
    public internal(set) var problems: [FolderProblem] = []
    /// How many could not be read.
    public internal(set) var problemCount = 0
}

extension Drive {
    /// Takes files and folders in, on the calling thread.
    ///
    /// A folder that is given as `src` arrives as `src/…`, as `src/` it arrives as its contents.
    /// What can be read is stored, the rest is named in the report.
    @discardableResult
    public func importFolder(
        _ paths: [String], options: ImportOptions = ImportOptions(),
        progress: @escaping (FolderProgress) -> Void = { _ in }
    ) throws -> ImportReport {
        var importer = FolderImporter(
            self, options: options, to: try DrivePath(folder: options.folder),
            progress: progress)
        return try importer.run(paths)
    }
}
