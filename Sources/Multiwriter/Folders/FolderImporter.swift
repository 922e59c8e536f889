#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Walks folders and gathers what changed into batches.
struct FolderImporter {
    private let drive: Drive
    private let options: ImportOptions
    private let target: DrivePath
    private let report: (FolderProgress) -> Void
    private let ownFolder: FileStatus.Identity?
    private var batch: EntryBatch
    private var result = ImportReport()
    private var problems = FolderProblems()
    private var progress = FolderProgress()
    /// What is gathered and counts as done once it is committed.
    private var pending = FolderProgress()
    /// The same of what is being committed.
    private var committing = FolderProgress()

    init(
        _ drive: Drive, options: ImportOptions, to target: DrivePath,
        progress: @escaping (FolderProgress) -> Void
    ) {
        self.drive = drive
        self.options = options
        self.target = target
        report = progress
        ownFolder = try? FileStatus.of(drive.path, followsLinks: true).identity
        batch = EntryBatch(drive)
    }

    mutating func run(_ paths: [String]) throws -> ImportReport {
        if options.countsFirst {
            let total = Self.count(paths, except: ownFolder)
            progress.totalEntryCount = total.entryCount
            progress.totalByteCount = total.byteCount
        }
        // Whatever goes wrong, nothing goes on behind the caller's back.
        defer { try? batch.finishCommit() }
        for path in paths {
            guard try importTop(path) else { break }
        }
        try commit()
        try settle()
        result.problems = problems.all
        result.problemCount = problems.count
        return result
    }

    /// Takes in what the user named; false if the import was cancelled.
    private mutating func importTop(_ path: String) throws -> Bool {
        let isContents = path.utf8.last == UInt8(ascii: "/")
        let status: FileStatus
        do {
            status = try FileStatus.of(path, followsLinks: isContents)
        } catch {
            problems.note(path, error)
            return true
        }
        if status.kind == .directory {
            let name = isContents ? "" : Self.lastName(of: path)
            let folder = try? DrivePath(folder: Self.join(target.name, name))
            guard let folder else {
                problems.note(path, .badName, "no path can be made of this name")
                return true
            }
            return try importFolder(path, status, as: folder)
        }
        let child = FolderScan.Child(name: Array(Self.lastName(of: path).utf8), status: status)
        let parent = String(
            decoding: path.utf8.prefix(path.utf8.count - child.name.count), as: UTF8.self)
        return try importChildren([child][...], of: parent.isEmpty ? "." : parent, as: target)
    }

    /// Takes in a folder and all that is below; false if the import was cancelled.
    private mutating func importFolder(
        _ path: String, _ status: FileStatus, as folder: DrivePath
    ) throws -> Bool {
        if status.identity == ownFolder { return true }
        let scan: FolderScan
        do {
            scan = try FolderScan(path)
        } catch {
            problems.note(path, error)
            return true
        }
        for failure in scan.failures {
            problems.note(
                Self.join(path, String(decoding: failure.name, as: UTF8.self)), failure.error)
        }
        try add(folder: path, status, as: folder)
        var rest = scan.children[...]
        while !rest.isEmpty {
            let page = rest.prefix(DriveLimits.pageCount)
            rest = rest.dropFirst(page.count)
            guard try importChildren(page, of: path, as: folder) else { return false }
        }
        for child in scan.children where child.status.kind == .directory && child.isText {
            let name = Self.join(folder.name, child.text)
            guard let below = try? DrivePath(naming: name) else {
                problems.note(Self.join(path, child.text), .badName, "its path is too long")
                continue
            }
            guard try importFolder(Self.join(path, child.text), child.status, as: below) else {
                return false
            }
        }
        return true
    }

    private mutating func add(
        folder path: String, _ status: FileStatus, as folder: DrivePath
    ) throws {
        var entry = NewEntry(name: folder.name, type: .directory)
        entry.take(status)
        let known = try drive.entriesNow(at: [folder])[0]
        guard !entry.isSame(as: known, byteCount: 0) else {
            noteUnchanged(byteCount: 0)
            return
        }
        try makeRoom(for: folder)
        try batch.add(entry)
        pending.entryCount += 1
        result.folderCount += 1
    }

    /// Takes in files and links of one folder; false if the import was cancelled.
    private mutating func importChildren(
        _ children: ArraySlice<FolderScan.Child>, of path: String, as folder: DrivePath
    ) throws -> Bool {
        var candidates: [(child: FolderScan.Child, path: DrivePath)] = []
        for child in children where child.status.kind != .directory {
            let place = Self.join(path, child.text)
            if child.status.kind == .other {
                problems.note(place, .badEntry, "neither a file nor a folder nor a link: left out")
            } else if !child.isText {
                problems.note(place, .badName, "its name is not valid UTF-8")
            } else if let path = try? DrivePath(naming: Self.join(folder.name, child.text)) {
                candidates.append((child, path))
            } else {
                problems.note(place, .badName, "no path can be made of this name")
            }
        }
        candidates.sort { $0.path < $1.path }
        let known = try drive.entriesNow(at: candidates.map(\.path))
        for (candidate, known) in zip(candidates, known) {
            if isCancelled() { return false }
            let name = Self.join(folder.name, candidate.child.text)
            let place = Self.join(path, candidate.child.text)
            try importChild(candidate.child, place, name, at: candidate.path, known)
        }
        return !result.isCancelled
    }

    private mutating func isCancelled() -> Bool {
        if !result.isCancelled { result.isCancelled = options.isCancelled() }
        return result.isCancelled
    }

    private mutating func importChild(
        _ child: FolderScan.Child, _ place: String, _ name: String, at path: DrivePath,
        _ known: ViewEntry?
    ) throws {
        var entry = NewEntry(name: name, type: child.status.kind == .symlink ? .symlink : .file)
        entry.take(child.status)
        if let shown = known?.shown, shown.isOther(than: name) {
            problems.note(
                place, .alreadyThere, "the drive keeps '\(shown.name)' under the same path")
            return
        }
        if entry.type == .symlink {
            do {
                let target = try FolderScan.target(of: place)
                guard let text = String(validating: target, as: UTF8.self) else {
                    problems.note(place, .badEntry, "its target is not valid UTF-8")
                    return
                }
                entry.linkname = text
            } catch {
                problems.note(place, error)
                return
            }
        }
        let byteCount = entry.type == .file ? UInt64(max(0, child.status.byteCount)) : 0
        guard !entry.isSame(as: known, byteCount: byteCount) else {
            noteUnchanged(byteCount: byteCount)
            return
        }
        try makeRoom(for: path)
        if entry.type == .symlink {
            try batch.add(entry)
            pending.entryCount += 1
            result.linkCount += 1
        } else {
            try importFile(place, entry)
        }
    }

    private mutating func importFile(_ place: String, _ entry: NewEntry) throws {
        var entry = entry
        var isBegun = false
        do {
            // A file that became a pipe since it was seen must not hold up the import.
            let file = try OpenFile(place, O_RDONLY | O_NONBLOCK)
            let status = try file.status
            guard status.kind == .file else { throw FileSystemError(number: EINVAL) }
            entry.take(status)
            try batch.begin(entry)
            isBegun = true
            var expected = UInt64(max(0, status.byteCount))
            while true {
                let piece = try file.readPiece(expecting: expected)
                if piece.isEmpty { break }
                guard !isCancelled() else { return try batch.abandon() }
                expected -= min(expected, UInt64(piece.count))
                pending.byteCount += UInt64(piece.count)
                result.byteCount += UInt64(piece.count)
                batch.append(piece, hashing: true)
                if batch.byteCount >= options.batchByteCount { try commit() }
            }
        } catch let error as FileSystemError {
            problems.note(place, error)
            if isBegun { try batch.abandon() }
            return
        }
        batch.end()
        pending.entryCount += 1
        result.fileCount += 1
    }

    /// Commits if the batch is full, or has the path already.
    private mutating func makeRoom(for path: DrivePath) throws {
        if batch.entryCount >= options.batchEntryCount
            || batch.byteCount >= options.batchByteCount || batch.contains(path)
        {
            try commit()
        }
    }

    /// Begins to commit what is gathered, while the next files are read and hashed.
    private mutating func commit() throws {
        try settle()
        committing = pending
        pending = FolderProgress()
        try batch.beginCommit()
    }

    private mutating func settle() throws {
        try batch.finishCommit()
        progress.entryCount += committing.entryCount
        progress.byteCount += committing.byteCount
        committing = FolderProgress()
        report(progress)
    }

    private mutating func noteUnchanged(byteCount: UInt64) {
        result.unchangedCount += 1
        progress.entryCount += 1
        progress.byteCount += byteCount
        if result.unchangedCount.isMultiple(of: 1000) { report(progress) }
    }

    static func join(_ folder: String, _ name: String) -> String {
        if folder.isEmpty || name.isEmpty { return folder + name }
        return folder.utf8.last == UInt8(ascii: "/") ? folder + name : folder + "/" + name
    }

    static func lastName(of path: String) -> String {
        let pieces = path.utf8.split(separator: UInt8(ascii: "/"))
        return pieces.last.map { String(decoding: $0, as: UTF8.self) } ?? ""
    }
}
