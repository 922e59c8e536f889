import CLMDB

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// The folder of an environment and the two files in it, looked at before LMDB touches them.
struct EnvironmentFiles {
    /// Tells one file from every other, whatever its names are.
    struct Identity: Hashable {
        let device: UInt64
        let inode: UInt64
    }

    let folder: String
    var data: String { folder + "/data.mdb" }
    var lock: String { folder + "/lock.mdb" }

    /// What the system knows about a file, or nil if there is none.
    private func status(of path: String) throws(LMDBError) -> stat? {
        var status = stat()
        if stat(path, &status) == 0 { return status }
        if errno == ENOENT { return nil }
        throw LMDBError(errno, "Opening the database at", folder)
    }

    /// The data file's identity, or nil if there is none or a crash left it empty.
    func identity() throws(LMDBError) -> Identity? {
        guard let status = try status(of: data), status.st_size > 0 else { return nil }
        return Identity(device: UInt64(status.st_dev), inode: UInt64(status.st_ino))
    }

    func dataByteCount() throws(LMDBError) -> Int {
        try status(of: data).map { Int($0.st_size) } ?? 0
    }

    /// Makes the folder if it is not there; returns true if it did.
    func makeFolder() throws(LMDBError) -> Bool {
        if let status = try status(of: folder) {
            guard status.st_mode & S_IFMT == S_IFDIR else {
                throw LMDBError(ENOTDIR, "Opening the database at", folder)
            }
            return false
        }
        guard mkdir(folder, 0o700) == 0 else {
            if errno == EEXIST { return false }
            throw LMDBError(errno, "Creating the folder", folder)
        }
        return true
    }

    /// Throws if the data file is not what this version of LMDB would have written.
    ///
    /// LMDB checks the same, but not before it has made a lock file.
    func checkHeader() throws(LMDBError) {
        let descriptor = open(data, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw LMDBError(errno, "Opening the database at", folder) }
        defer { close(descriptor) }
        var header = (UInt64(0), UInt64(0), UInt64(0))
        let readCount = withUnsafeMutableBytes(of: &header) { bytes in
            pread(descriptor, bytes.baseAddress, bytes.count, 0)
        }
        guard readCount >= 0 else { throw LMDBError(errno, "Reading the database at", folder) }
        let magic = UInt32(truncatingIfNeeded: header.2)
        let version = UInt32(truncatingIfNeeded: header.2 >> 32)
        guard readCount == 24, magic == 0xBEEF_C0DE else {
            throw LMDBError(MDB_INVALID, "Opening the database at", folder)
        }
        guard version == 1 else {
            throw LMDBError(MDB_VERSION_MISMATCH, "Opening the database at", folder)
        }
    }

    /// Gives the lock file its disk space while a missing one is an error, and not a signal.
    ///
    /// LMDB makes a sparse file and writes to it through a map. Never called while this process
    /// has the environment open, because closing the file would drop this process's locks.
    func reserveLockFile(readerCount: Int) throws(LMDBError) {
        #if canImport(Glibc)
            let status = try status(of: lock)
            let byteCount = Int(status?.st_size ?? 0)
            if let status, byteCount > 0, Int(status.st_blocks) * 512 >= byteCount { return }
            let descriptor = open(lock, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
            guard descriptor >= 0 else { throw LMDBError(errno, "Opening the file", lock) }
            defer { close(descriptor) }
            // A file in use keeps its size: other processes have mapped exactly that.
            let wanted = byteCount > 0 ? byteCount : (readerCount + 4) * 64
            let result = posix_fallocate(descriptor, 0, wanted)
            guard result == 0 || result == EINVAL || result == EOPNOTSUPP else {
                throw LMDBError(result, "Opening the file", lock)
            }
        #endif
    }

    /// Makes the names of new files survive a power cut.
    func synchronizeFolder(isNew: Bool) {
        var folders = [folder]
        if isNew { folders.append(folder + "/..") }
        for path in folders {
            let descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
            guard descriptor >= 0 else { continue }
            fsync(descriptor)
            close(descriptor)
        }
    }

    /// Takes away what a failed creation left.
    func remove(withFolder: Bool) {
        unlink(data)
        unlink(lock)
        if withFolder { rmdir(folder) }
    }

    /// Tells whether the file system has no room for even a small commit.
    var isDiskFull: Bool {
        var status = statvfs()
        guard statvfs(folder, &status) == 0 else { return false }
        return status.f_bavail < 64
    }
}
