import Dispatch

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Copies between a descriptor that the event system cannot watch, such as a file or `/dev/null`,
/// and a pipe that it can.
enum DescriptorPump {
    /// Whether readiness of the descriptor can be watched.
    static func isWatchable(_ descriptor: Int32) -> Bool {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { return false }
        switch status.st_mode & S_IFMT {
        case S_IFIFO, S_IFSOCK: return true
        case S_IFCHR: return isatty(descriptor) == 1
        default: return false
        }
    }

    /// Makes an input that can be watched of any input.
    ///
    /// It owns the descriptor that is given, also when it fails.
    static func watchable(input descriptor: Int32) -> Int32? {
        guard !isWatchable(descriptor) else { return descriptor }
        guard let ends = makePipe() else {
            close(descriptor)
            return nil
        }
        copy(from: descriptor, to: ends.write)
        return ends.read
    }

    /// Makes an output that can be watched of any output.
    ///
    /// It owns the descriptor that is given, also when it fails.
    static func watchable(output descriptor: Int32) -> Int32? {
        guard !isWatchable(descriptor) else { return descriptor }
        guard let ends = makePipe() else {
            close(descriptor)
            return nil
        }
        copy(from: ends.read, to: descriptor)
        return ends.write
    }

    private static func makePipe() -> (read: Int32, write: Int32)? {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { return nil }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        return (ends[0], ends[1])
    }

    /// Copies on a thread of its own until either side ends, then closes both.
    private static func copy(from source: Int32, to sink: Int32) {
        DispatchQueue(label: "mdrive.pump").async {
            let size = 64 * 1024
            let buffer = UnsafeMutableRawPointer.allocate(byteCount: size, alignment: 16)
            defer {
                buffer.deallocate()
                close(source)
                close(sink)
            }
            while true {
                let count = read(source, buffer, size)
                if count < 0 && errno == EINTR { continue }
                guard count > 0 else { return }
                var written = 0
                while written < count {
                    let step = write(sink, buffer + written, count - written)
                    if step < 0 && errno == EINTR { continue }
                    guard step > 0 else { return }
                    written += step
                }
            }
        }
    }
}
