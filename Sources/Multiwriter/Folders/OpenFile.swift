#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// A file or folder that is open and closes itself.
struct OpenFile: ~Copyable {
    let descriptor: Int32

    private init(descriptor: Int32) { self.descriptor = descriptor }

    deinit { close(descriptor) }

    /// Opens a name in an open folder; a link is never followed.
    init(
        _ name: String, in folder: Int32 = AT_FDCWD, _ flags: Int32, mode: mode_t = 0
    ) throws(FileSystemError) {
        let flags = flags | O_NOFOLLOW | O_CLOEXEC
        descriptor = try FileSystemError.check { openat(folder, name, flags, mode) }
    }

    /// Opens a folder that the user named; links on the way there are the user's own.
    static func folder(_ path: String) throws(FileSystemError) -> OpenFile {
        OpenFile(
            descriptor: try FileSystemError.check {
                open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
            })
    }

    var status: FileStatus {
        get throws(FileSystemError) {
            var status = stat()
            try FileSystemError.check { fstat(descriptor, &status) }
            return FileStatus(status)
        }
    }

    /// Fills a buffer as far as the file goes.
    func read(into buffer: UnsafeMutableRawBufferPointer) throws(FileSystemError) -> Int {
        guard let base = buffer.baseAddress else { return 0 }
        var count = 0
        while count < buffer.count {
            let part = try FileSystemError.check {
                systemRead(descriptor, base + count, buffer.count - count)
            }
            guard part > 0 else { break }
            count += part
        }
        return count
    }

    /// Writes all bytes.
    func write(_ bytes: UnsafeRawBufferPointer) throws(FileSystemError) {
        guard let base = bytes.baseAddress else { return }
        var count = 0
        while count < bytes.count {
            count += try FileSystemError.check {
                systemWrite(descriptor, base + count, bytes.count - count)
            }
        }
    }

    /// Sets permission bits.
    func setMode(_ mode: UInt32) throws(FileSystemError) {
        try FileSystemError.check { fchmod(descriptor, mode_t(mode & 0o7777)) }
    }

    /// Sets the time of the last change; the time of the last access stays.
    func setModificationTime(_ time: Timestamp) throws(FileSystemError) {
        let times = [Self.unchangedTime, time.timespec]
        try FileSystemError.check { futimens(descriptor, times) }
    }

    /// Leaves a time as it is; the macro is not imported everywhere.
    static var unchangedTime: timespec {
        var time = timespec()
        #if canImport(Darwin)
            time.tv_nsec = -2
        #else
            time.tv_nsec = (1 << 30) - 2
        #endif
        return time
    }
}

/// The system's own call, out of reach of the method of the same name.
private func systemRead(_ file: Int32, _ buffer: UnsafeMutableRawPointer, _ count: Int) -> Int {
    read(file, buffer, count)
}

private func systemWrite(_ file: Int32, _ buffer: UnsafeRawPointer, _ count: Int) -> Int {
    write(file, buffer, count)
}
