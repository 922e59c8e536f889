import Cryptography
import Feeds

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Writes a listing of the view into a folder, page by page.
struct FolderExporter {
    private let drive: Drive
    private var view: ViewPages
    private let target: TargetFolder
    private let place: String
    private let options: ExportOptions
    private let report: (FolderProgress) -> Void
    private let prefixCount: Int
    private var inventory: ContentInventory
    private var result = ExportReport()
    private var problems = FolderProblems()
    private var progress = FolderProgress()
    private var temporaryCount: UInt64 = 0
    /// Folders whose mode and time are set once everything in them is written, innermost last.
    private var open: [(path: DrivePath, names: [String], version: Version)] = []

    init(
        _ drive: Drive, _ view: ViewPages, to target: TargetFolder, at place: String,
        options: ExportOptions, progress: @escaping (FolderProgress) -> Void
    ) {
        self.drive = drive
        self.view = view
        self.target = target
        self.place = place
        self.options = options
        report = progress
        inventory = ContentInventory(of: drive)
        prefixCount =
            DrivePath.root == (try? DrivePath(folder: options.folder))
            ? 0 : ((try? DrivePath.pieces(of: options.folder))?.count ?? 0)
    }

    mutating func run() throws -> ExportReport {
        try openRoot()
        while !result.isCancelled {
            let page = try drive.readNow { try view.next(in: $0) }
            guard let page else { break }
            for entry in page {
                if options.isCancelled() {
                    result.isCancelled = true
                    break
                }
                close(before: entry.path)
                write(entry)
            }
            report(progress)
        }
        closeAll()
        result.problems = problems.all
        result.problemCount = problems.count
        result.viewProblems = view.problems
        return result
    }

    /// The folder itself may have a mode and a time, if its contents were taken in as a whole.
    private mutating func openRoot() throws {
        let path = try DrivePath(folder: options.folder)
        let version = try drive.readNow { snapshot -> Version? in
            let links = try options.link.map { [$0] } ?? drive.links(in: snapshot)
            var walk = MergedWalk(
                try drive.sources(links, in: snapshot),
                in: MergedWalk.PathRange(lower: path.bytes, upper: path.bytes + [0]),
                of: snapshot)
            return walk.next(in: snapshot)?.shown
        }
        if let version, version.type == .directory { open.append((path, [], version)) }
    }

    private mutating func write(_ entry: ViewEntry) {
        guard let shown = entry.shown else { return }
        progress.entryCount += 1
        let names: [String]
        do {
            names = try Self.names(of: entry.path, given: shown.name, without: prefixCount)
        } catch {
            problems.note(place + entry.path.string, error)
            return
        }
        var taken: Set<String> = []
        for (position, version) in entry.versions.enumerated() {
            var names = names
            let isOther = position > 0 || entry.isAlsoFolder && version.type != .directory
            if version.type == .deletion || isOther && version.type == .directory { continue }
            do {
                if isOther { names = try conflictNames(names, of: entry, version, taken: &taken) }
                try write(version, of: entry, to: names)
                if isOther { result.conflictCount += 1 }
            } catch {
                problems.note(place + "/" + names.joined(separator: "/"), error)
            }
        }
    }

    /// A name that tells the writer, and that nothing else in the drive has.
    private func conflictNames(
        _ names: [String], of entry: ViewEntry, _ version: Version, taken: inout Set<String>
    ) throws -> [String] {
        let parent = entry.path.parent.folderPrefix
        let name = "\(names[names.count - 1]).conflict-\(version.link.hexadecimal.prefix(8))"
        var candidate = name
        var number = 1
        while true {
            let path = DrivePath(unchecked: parent + candidate.utf8)
            let other = try drive.entriesNow(at: [path])[0]
            if other.map(\.isDeleted) ?? true, taken.insert(candidate).inserted { break }
            number += 1
            candidate = "\(name)-\(number)"
        }
        return names.dropLast() + [candidate]
    }

    private mutating func write(
        _ version: Version, of entry: ViewEntry, to names: [String]
    ) throws {
        switch version.type {
        case .directory:
            try target.withFolder(names) { _ in }
            result.folderCount += 1
            open.append((entry.path, names, version))
        case .file: try write(version, content: version, to: names)
        case .symlink: try writeLink(version, to: names)
        case .hardlink:
            let reference = EntryReference(name: version.linkname ?? "", link: version.link)
            let content = try drive.readNow { try drive.version(of: reference, in: $0) }
            guard let content, content.type == .file else {
                throw DriveError(
                    .unknownName, "it is a second name of '\(reference.name)', which is no file")
            }
            try write(version, content: content, to: names)
        case .deletion: break
        }
    }

    private mutating func write(
        _ version: Version, content: Version, to names: [String]
    ) throws {
        let name = names[names.count - 1]
        let mode = mode(of: version)
        try checkPresence(of: content)
        var reader = try drive.readerNow(of: content)
        try target.withFolder(names.dropLast()) { folder in
            switch try existing(name, in: folder) {
            case nil: break
            case let status? where status.kind != .file:
                guard target.isForced, status.kind != .directory else { throw Self.taken }
            case let status?:
                let isSame = status.byteCount == Int64(clamping: reader.remainingByteCount)
                if isSame, let mtime = version.metadata.mtime, status.mtime == mtime,
                    mode == nil || mode == status.mode
                {
                    result.unchangedCount += 1
                    progress.byteCount += reader.remainingByteCount
                    return
                }
                var content = reader
                if isSame, try hasContent(name, in: folder, &content) {
                    let file = try OpenFile(name, in: folder, O_RDONLY | O_NONBLOCK)
                    try finish(file, version, mode)
                    result.unchangedCount += 1
                    progress.byteCount += reader.remainingByteCount
                    return
                }
                guard target.isForced else { throw Self.differs }
            }
            try replace(name, in: folder, version, mode, &reader)
        }
    }

    private mutating func replace(
        _ name: String, in folder: Int32, _ version: Version, _ mode: UInt32?,
        _ reader: inout ContentReader
    ) throws {
        temporaryCount += 1
        var byteCount: UInt64 = 0
        try TargetFolder.replace(name, in: folder, number: temporaryCount) { temporary in
            let file = try OpenFile(
                temporary, in: folder, O_WRONLY | O_CREAT | O_EXCL, mode: 0o600)
            try reader.forEachPiece { piece in
                if options.isCancelled() {
                    throw DriveError(.cancelled, "it was given up half-way")
                }
                try file.write(piece)
                byteCount += UInt64(piece.count)
            }
            try finish(file, version, mode ?? 0o666 & ~TargetFolder.creationMask)
        }
        result.fileCount += 1
        result.byteCount += byteCount
        progress.byteCount += byteCount
    }

    private func finish(
        _ file: borrowing OpenFile, _ version: Version, _ mode: UInt32?
    ) throws(FileSystemError) {
        if let mode { try file.setMode(mode) }
        if let mtime = version.metadata.mtime { try file.setModificationTime(mtime) }
    }

    private mutating func writeLink(_ version: Version, to names: [String]) throws {
        let name = names[names.count - 1]
        let text = version.linkname ?? ""
        guard !text.isEmpty, !text.utf8.contains(0),
            text.utf8.count <= DriveLimits.maximumTargetByteCount
        else { throw DriveError(.badName, "no link can have the target that it has") }
        temporaryCount += 1
        let number = temporaryCount
        try target.withFolder(names.dropLast()) { folder in
            if let status = try existing(name, in: folder) {
                let isSame =
                    status.kind == .symlink
                    && (try? TargetFolder.target(of: name, in: folder)) == Array(text.utf8)
                guard !isSame else {
                    if let mtime = version.metadata.mtime, mtime != status.mtime {
                        try TargetFolder.setModificationTime(mtime, of: name, in: folder)
                    }
                    result.unchangedCount += 1
                    return
                }
                guard target.isForced, status.kind != .directory else { throw Self.taken }
            }
            try TargetFolder.replace(name, in: folder, number: number) { temporary in
                try FileSystemError.check { symlinkat(text, folder, temporary) }
                if let mtime = version.metadata.mtime {
                    try TargetFolder.setModificationTime(mtime, of: temporary, in: folder)
                }
            }
            result.linkCount += 1
        }
    }

    /// A file of which something is missing is not begun.
    private mutating func checkPresence(of version: Version) throws {
        let presence = try drive.readNow { try inventory.presence(of: version, in: $0) }
        guard !presence.isWhole else { return }
        let what =
            presence.missingCount == presence.blockCount
            ? "" : ", or not all of it: \(presence.missingCount) blocks are missing"
        throw DriveError(.notHere, "its content is not here" + what)
    }

    private func existing(
        _ name: String, in folder: Int32
    ) throws(FileSystemError) -> FileStatus? {
        do {
            return try FileStatus.of(name, in: folder)
        } catch  where error.isAbsence {
            return nil
        }
    }

    private func hasContent(
        _ name: String, in folder: Int32, _ reader: inout ContentReader
    ) throws -> Bool {
        let file = try OpenFile(name, in: folder, O_RDONLY | O_NONBLOCK)
        var isSame = true
        var buffer = [UInt8](repeating: 0, count: DriveLimits.blockByteCount)
        try reader.forEachPiece { piece in
            var rest = piece[...]
            while isSame, !rest.isEmpty {
                let part = rest.prefix(buffer.count)
                let count = try buffer.withUnsafeMutableBytes { buffer in
                    try file.read(
                        into: UnsafeMutableRawBufferPointer(
                            rebasing: buffer[..<part.count]))
                }
                isSame = count == part.count && buffer.prefix(count).elementsEqual(part)
                rest = rest.dropFirst(part.count)
            }
        }
        return isSame
    }

    /// What others call set-user-id need not be so here.
    private func mode(of version: Version) -> UInt32? {
        guard let mode = version.mode else { return nil }
        let isOwn = version.link == drive.link || version.otherLinks.contains(drive.link)
        return isOwn || options.keepsForeignSetID ? mode : mode & 0o1777
    }

    private static let taken = DriveError(.alreadyThere, "something else stands there")
    private static let differs = DriveError(
        .differs, "it is there and differs: it stays as it is")
}

extension FolderExporter {
    /// The names of the folders on the way and of the file, each one that can be made.
    ///
    /// The name as it was given is taken where it leads to the same path, for it may hold a
    /// backslash, which the path cannot.
    static func names(
        of path: DrivePath, given: String, without prefixCount: Int
    ) throws(DriveError) -> [String] {
        var pieces = try DrivePath.pieces(of: path.name)
        let plain = try DrivePath.pieces(of: given)
        if plain.count == pieces.count, try DrivePath(folder: given) == path { pieces = plain }
        var names: [String] = []
        for piece in pieces.dropFirst(prefixCount) {
            guard piece.count <= DriveLimits.maximumNameByteCount, !piece.contains(0) else {
                throw DriveError(.badName, "no file can have this name here")
            }
            names.append(String(decoding: piece, as: UTF8.self))
        }
        guard !names.isEmpty else { throw DriveError(.badName, "it has no name") }
        return names
    }

    /// Everything in an open folder comes before its path with a `0`.
    fileprivate mutating func close(before path: DrivePath) {
        while let last = open.last,
            !path.bytes.lexicographicallyPrecedes(MergedWalk.PathRange.end(of: last.path))
        {
            closeLast()
        }
    }

    fileprivate mutating func closeAll() {
        while !open.isEmpty { closeLast() }
    }

    private mutating func closeLast() {
        guard let (_, names, version) = open.popLast() else { return }
        do {
            try target.withFolder(names) { folder in
                try TargetFolder.setAttributes(
                    of: folder, mode: version.mode, mtime: version.metadata.mtime)
            }
        } catch {
            problems.note(([place] + names).joined(separator: "/"), error)
        }
    }
}
