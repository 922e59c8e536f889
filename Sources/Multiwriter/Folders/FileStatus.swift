#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// What the system says of a file, without following a link.
struct FileStatus: Equatable {
    enum Kind: Equatable {
        case file, directory, symlink, other
    }

    let kind: Kind
    let byteCount: Int64
    /// Permission bits, set-user-id and the like included, the kind excluded.
    let mode: UInt32
    let uid: UInt32
    let gid: UInt32
    let mtime: Timestamp
    let ctime: Timestamp
    /// Device and number: what the file is, under whatever name.
    let identity: Identity

    struct Identity: Hashable {
        let device: UInt64
        let number: UInt64
    }

    init(_ status: stat) {
        switch status.st_mode & S_IFMT {
        case S_IFREG: kind = .file
        case S_IFDIR: kind = .directory
        case S_IFLNK: kind = .symlink
        default: kind = .other
        }
        byteCount = Int64(status.st_size)
        mode = UInt32(status.st_mode & 0o7777)
        uid = status.st_uid
        gid = status.st_gid
        #if canImport(Darwin)
            mtime = Timestamp(status.st_mtimespec)
            ctime = Timestamp(status.st_ctimespec)
        #else
            mtime = Timestamp(status.st_mtim)
            ctime = Timestamp(status.st_ctim)
        #endif
        identity = Identity(
            device: UInt64(truncatingIfNeeded: status.st_dev), number: UInt64(status.st_ino))
    }

    /// The status of what a path names, following links or not.
    static func of(_ path: String, followsLinks: Bool) throws(FileSystemError) -> FileStatus {
        try of(path, in: AT_FDCWD, followsLinks: followsLinks)
    }

    /// The status of a name in an open folder; a link is not followed unless asked for.
    static func of(
        _ name: String, in folder: Int32, followsLinks: Bool = false
    ) throws(FileSystemError) -> FileStatus {
        var status = stat()
        let flags = followsLinks ? 0 : AT_SYMLINK_NOFOLLOW
        try FileSystemError.check { fstatat(folder, name, &status, flags) }
        return FileStatus(status)
    }
}

extension Timestamp {
    init(_ time: timespec) {
        let nanoseconds = UInt32(clamping: time.tv_nsec)
        self.init(seconds: Int64(time.tv_sec), nanoseconds: min(nanoseconds, 999_999_999))
    }

    var timespec: timespec {
        var time = Self.makeTimespec()
        time.tv_sec = time_t(clamping: seconds)
        time.tv_nsec = Int(nanoseconds)
        return time
    }

    private static func makeTimespec() -> timespec { .init() }
}
