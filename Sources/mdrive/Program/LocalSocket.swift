#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Sockets in a folder, through which the programs that use it talk to each other.
enum LocalSocket {
    /// Begins to listen in a folder under a name that is nobody else's.
    ///
    /// It gets its name once it can be connected to: who finds one that refuses knows that its
    /// program is gone.
    static func listen(in folder: String, named name: String) throws(SystemCalls.Problem) -> Int32 {
        let descriptor = try make()
        let early = "." + name
        do throws(SystemCalls.Problem) {
            try withAddress(of: early, in: folder) { bind(descriptor, $0, $1) }
            guard chmod(folder + "/" + early, 0o600) == 0, systemListen(descriptor) == 0,
                rename(folder + "/" + early, folder + "/" + name) == 0
            else { throw SystemCalls.Problem() }
            return descriptor
        } catch {
            unlink(folder + "/" + early)
            close(descriptor)
            throw error
        }
    }

    /// Connects to a name in a folder.
    static func connect(to name: String, in folder: String) throws(SystemCalls.Problem) -> Int32 {
        let descriptor = try make()
        do throws(SystemCalls.Problem) {
            try withAddress(of: name, in: folder) { systemConnect(descriptor, $0, $1) }
            return descriptor
        } catch {
            close(descriptor)
            throw error
        }
    }

    /// How long one call of `read` or `write` may wait.
    static func setTimeout(seconds: Int, of descriptor: Int32) {
        var limit = timeval(tv_sec: seconds, tv_usec: 0)
        let size = socklen_t(MemoryLayout<timeval>.size)
        for option in [SO_RCVTIMEO, SO_SNDTIMEO] {
            setsockopt(descriptor, SOL_SOCKET, option, &limit, size)
        }
    }

    private static func make() throws(SystemCalls.Problem) -> Int32 {
        #if canImport(Darwin)
            let kind = SOCK_STREAM
        #else
            let kind = Int32(SOCK_STREAM.rawValue)
        #endif
        let descriptor = socket(AF_UNIX, kind, 0)
        guard descriptor >= 0 else { throw SystemCalls.Problem() }
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        return descriptor
    }

    /// An address holds about a hundred bytes; a longer path is taken by way of its open folder.
    private static func withAddress(
        of name: String, in folder: String,
        _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32
    ) throws(SystemCalls.Problem) {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let room = MemoryLayout.size(ofValue: address.sun_path) - 1
        var path = folder + "/" + name
        var descriptor: Int32 = -1
        defer { if descriptor >= 0 { close(descriptor) } }
        if path.utf8.count > room {
            descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
            guard descriptor >= 0 else { throw SystemCalls.Problem() }
            path = "/proc/self/fd/\(descriptor)/" + name
        }
        let bytes = Array(path.utf8.prefix(room))
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body($0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard result == 0 else { throw SystemCalls.Problem() }
    }
}

private func systemListen(_ descriptor: Int32) -> Int32 { listen(descriptor, 16) }

private func systemConnect(
    _ descriptor: Int32, _ address: UnsafePointer<sockaddr>, _ size: socklen_t
) -> Int32 {
    connect(descriptor, address, size)
}
