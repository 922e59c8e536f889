#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// What is in one folder, sorted by name.
struct FolderScan {
    struct Child {
        /// The name as the system has it, without a zero at the end.
        let name: [UInt8]
        let status: FileStatus

        var text: String { String(decoding: name, as: UTF8.self) }
        var isText: Bool { String(validating: name, as: UTF8.self) != nil }
    }

    private(set) var children: [Child] = []
    /// Children of which the system would not even say what they are.
    private(set) var failures: [(name: [UInt8], error: FileSystemError)] = []

    /// Reads a folder of any size with two calls to the system a child.
    init(_ path: String) throws(FileSystemError) {
        let folder = try OpenFile.folder(path)
        let copy = try FileSystemError.check { dup(folder.descriptor) }
        guard let stream = fdopendir(copy) else {
            let error = FileSystemError()
            close(copy)
            throw error
        }
        defer { closedir(stream) }
        while true {
            errno = 0
            guard let record = readdir(stream) else {
                if errno != 0 { throw FileSystemError() }
                break
            }
            let name = Self.name(of: record)
            if name.elementsEqual([0x2E]) || name.elementsEqual([0x2E, 0x2E]) { continue }
            add(name, in: folder.descriptor)
        }
        children.sort { $0.name.lexicographicallyPrecedes($1.name) }
    }

    private mutating func add(_ name: [UInt8], in folder: Int32) {
        var status = stat()
        let result = (name + [0]).withUnsafeBytes { bytes in
            guard let base = bytes.baseAddress else { return Int32(-1) }
            return fstatat(
                folder, base.assumingMemoryBound(to: CChar.self), &status, AT_SYMLINK_NOFOLLOW)
        }
        if result == 0 {
            children.append(Child(name: name, status: FileStatus(status)))
        } else if errno != ENOENT {
            failures.append((name, FileSystemError()))
        }
    }

    /// The name stands at the end of the record, which may be longer than its Swift type.
    private static func name(of record: UnsafeMutablePointer<dirent>) -> [UInt8] {
        guard let offset = MemoryLayout<dirent>.offset(of: \.d_name) else { return [] }
        let start = UnsafeRawPointer(record) + offset
        let count = strlen(start.assumingMemoryBound(to: CChar.self))
        return Array(UnsafeRawBufferPointer(start: start, count: count))
    }

    /// The target of a link.
    static func target(of path: String) throws(FileSystemError) -> [UInt8] {
        var buffer = [UInt8](repeating: 0, count: DriveLimits.maximumTargetByteCount + 1)
        let count = try FileSystemError.check {
            buffer.withUnsafeMutableBytes { bytes in
                guard let base = bytes.baseAddress else { return -1 }
                return readlink(path, base.assumingMemoryBound(to: CChar.self), bytes.count)
            }
        }
        return Array(buffer.prefix(count))
    }
}
