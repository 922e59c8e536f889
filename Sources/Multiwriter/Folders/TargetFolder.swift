#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// A folder outside the drive that is written to and never left.
///
/// Every folder on the way is opened by name from the one above it and without following links, so
/// that no name and no link, whoever put it there and whenever, leads out.
final class TargetFolder {
    /// Folders deeper than this are opened anew each time, so that a deep tree cannot use up all
    /// descriptors.
    private static let maximumOpenCount = 64

    private let root: OpenFile
    private var open: [OpenFolder] = []
    /// Whether what stands in the way may be replaced.
    let isForced: Bool

    private final class OpenFolder {
        let name: String
        let file: OpenFile

        init(name: String, file: consuming OpenFile) {
            self.name = name
            self.file = file
        }
    }

    /// Opens a folder, and makes it and those above it if they are absent.
    init(_ path: String, isForced: Bool) throws(FileSystemError) {
        self.isForced = isForced
        do {
            root = try OpenFile.folder(path)
        } catch  where error.number == ENOENT {
            try Self.makeFolders(path)
            root = try OpenFile.folder(path)
        }
    }

    private static func makeFolders(_ path: String) throws(FileSystemError) {
        var position = path.utf8.startIndex
        while position < path.utf8.endIndex {
            let next =
                path.utf8[path.utf8.index(after: position)...]
                .firstIndex(of: UInt8(ascii: "/")) ?? path.utf8.endIndex
            let part = String(decoding: path.utf8[..<next], as: UTF8.self)
            if mkdir(part, 0o777) != 0, errno != EEXIST, errno != EISDIR {
                throw FileSystemError()
            }
            position = next
        }
    }

    /// Lends the descriptor of a folder below the root, making what is absent on the way.
    func withFolder<Result>(
        _ names: some Collection<String>, _ body: (Int32) throws -> Result
    ) throws -> Result {
        var depth = 0
        for name in names.prefix(Self.maximumOpenCount) {
            if depth < open.count, !open[depth].name.utf8.elementsEqual(name.utf8) {
                open.removeLast(open.count - depth)
            }
            if depth == open.count {
                let file = try enter(name, from: open.last?.file.descriptor ?? root.descriptor)
                open.append(OpenFolder(name: name, file: file))
            }
            depth += 1
        }
        var folder = depth == 0 ? root.descriptor : open[depth - 1].file.descriptor
        guard names.count > depth else { return try body(folder) }
        var deep: [OpenFolder] = []
        for name in names.dropFirst(depth) {
            deep = [OpenFolder(name: name, file: try enter(name, from: folder))]
            folder = deep[0].file.descriptor
        }
        return try withExtendedLifetime(deep) { try body(folder) }
    }

    private func enter(_ name: String, from folder: Int32) throws(FileSystemError) -> OpenFile {
        while true {
            do {
                return try OpenFile(name, in: folder, O_RDONLY | O_DIRECTORY)
            } catch  where error.number == ENOENT {
                // Nobody else gets in until the folder's own mode is set.
                if mkdirat(folder, name, 0o777) != 0, errno != EEXIST { throw FileSystemError() }
            } catch  where error.isObstacle && isForced {
                try FileSystemError.check { unlinkat(folder, name, 0) }
            }
        }
    }

    /// Puts a complete file, or link, in the place of a name in one step.
    ///
    /// It is made under a temporary name beside it, which disappears again if that fails.
    static func replace(
        _ name: String, in folder: Int32, number: UInt64,
        making make: (_ temporary: String) throws -> Void
    ) throws {
        let temporary = ".mdrive-\(getpid())-\(number).tmp"
        do {
            try make(temporary)
            try FileSystemError.check { renameat(folder, temporary, folder, name) }
        } catch {
            unlinkat(folder, temporary, 0)
            throw error
        }
    }

    /// Sets the time of the last change of what a name stands for, be it a link.
    static func setModificationTime(
        _ time: Timestamp, of name: String, in folder: Int32
    ) throws(FileSystemError) {
        let times = [OpenFile.unchangedTime, time.timespec]
        try FileSystemError.check { utimensat(folder, name, times, AT_SYMLINK_NOFOLLOW) }
    }
}

extension TargetFolder {
    /// Sets mode and time of an open folder.
    static func setAttributes(
        of folder: Int32, mode: UInt32?, mtime: Timestamp?
    ) throws(FileSystemError) {
        if let mode { try FileSystemError.check { fchmod(folder, mode_t(mode & 0o7777)) } }
        if let mtime {
            let times = [OpenFile.unchangedTime, mtime.timespec]
            try FileSystemError.check { futimens(folder, times) }
        }
    }

    /// The target of a link in an open folder.
    static func target(of name: String, in folder: Int32) throws(FileSystemError) -> [UInt8] {
        var buffer = [UInt8](repeating: 0, count: DriveLimits.maximumTargetByteCount + 1)
        let count = try FileSystemError.check {
            buffer.withUnsafeMutableBytes { bytes in
                guard let base = bytes.baseAddress else { return -1 }
                return readlinkat(
                    folder, name, base.assumingMemoryBound(to: CChar.self), bytes.count)
            }
        }
        return Array(buffer.prefix(count))
    }

    /// The permissions that a new file does not get.
    ///
    /// The system tells them only when they are set, so they are set back at once, and asked once.
    static let creationMask: UInt32 = {
        let mask = umask(0o077)
        umask(mask)
        return UInt32(mask)
    }()
}
