#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Calls of the system that repeat themselves when a signal comes, and wait when a descriptor that
/// another program shares with us was set not to block.
enum SystemCalls {
    /// A call that failed, in the system's own words.
    struct Problem: Error, Equatable, CustomStringConvertible {
        let number: Int32

        init() { number = errno }

        var description: String { String(cString: strerror(number)) }
    }

    /// Writes as much as the system takes at once.
    static func write(
        _ descriptor: Int32, _ bytes: UnsafeRawBufferPointer
    ) throws(Problem) -> Int {
        while true {
            let count = systemWrite(descriptor, bytes.baseAddress, bytes.count)
            if count >= 0 { return count }
            try repeatOrThrow(descriptor, POLLOUT)
        }
    }

    /// Reads what there is; 0 at the end, `nil` if `isStopped` said so when a signal came.
    static func read(
        _ descriptor: Int32, into buffer: UnsafeMutableRawBufferPointer,
        unless isStopped: () -> Bool
    ) throws(Problem) -> Int? {
        while !isStopped() {
            let count = systemRead(descriptor, buffer.baseAddress, buffer.count)
            if count >= 0 { return count }
            try repeatOrThrow(descriptor, POLLIN)
        }
        return nil
    }

    private static func repeatOrThrow(_ descriptor: Int32, _ events: Int32) throws(Problem) {
        let problem = Problem()
        switch problem.number {
        case EINTR: return
        case EAGAIN:
            var request = pollfd(fd: descriptor, events: Int16(events), revents: 0)
            _ = poll(&request, 1, -1)
        default: throw problem
        }
    }

    /// Lets this process have as many files and connections as the system allows it.
    static func raiseDescriptorLimit() {
        #if canImport(Glibc)
            let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
        #else
            let resource = RLIMIT_NOFILE
        #endif
        var limit = rlimit()
        guard getrlimit(resource, &limit) == 0, limit.rlim_cur < limit.rlim_max else { return }
        limit.rlim_cur = min(limit.rlim_max, 65_536)
        _ = setrlimit(resource, &limit)
    }

    /// What kind of thing a descriptor is, and how large.
    static func status(of descriptor: Int32) -> stat? {
        var status = stat()
        return fstat(descriptor, &status) == 0 ? status : nil
    }
}

private func systemWrite(_ file: Int32, _ bytes: UnsafeRawPointer?, _ count: Int) -> Int {
    write(file, bytes, count)
}

private func systemRead(_ file: Int32, _ buffer: UnsafeMutableRawPointer?, _ count: Int) -> Int {
    read(file, buffer, count)
}
