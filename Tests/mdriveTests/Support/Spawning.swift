import Foundation
import Synchronization

/// What happens to descriptors between fork and exec.
struct SpawnActions {
    #if canImport(Darwin)
        var raw: posix_spawn_file_actions_t?
    #else
        var raw = posix_spawn_file_actions_t()
    #endif

    init() { posix_spawn_file_actions_init(&raw) }

    mutating func destroy() { posix_spawn_file_actions_destroy(&raw) }

    mutating func add(_ input: Int32, _ output: Int32, _ errors: Int32) {
        for (from, to) in [(input, STDIN_FILENO), (output, STDOUT_FILENO), (errors, STDERR_FILENO)]
        {
            posix_spawn_file_actions_adddup2(&raw, from, to)
        }
    }
}

/// What signals mean to the process that begins.
struct SpawnAttributes {
    #if canImport(Darwin)
        var raw: posix_spawnattr_t?
    #else
        var raw = posix_spawnattr_t()
    #endif

    init() { posix_spawnattr_init(&raw) }

    mutating func destroy() { posix_spawnattr_destroy(&raw) }

    /// As a shell would start it, whatever this process ignores or blocks.
    mutating func resetSignals() {
        var all = sigset_t()
        sigfillset(&all)
        posix_spawnattr_setsigdefault(&raw, &all)
        var none = sigset_t()
        sigemptyset(&none)
        posix_spawnattr_setsigmask(&raw, &none)
        posix_spawnattr_setflags(&raw, Int16(POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK))
    }
}

/// A descriptor that closes itself and that no other process inherits.
final class Descriptor: Sendable {
    let number: Int32
    private let isClosed = Mutex(false)

    init(_ number: Int32) throws {
        guard number >= 0 else { throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO) }
        _ = fcntl(number, F_SETFD, FD_CLOEXEC)
        self.number = number
    }

    deinit { closeNow() }

    func closeNow() {
        isClosed.withLock { isClosed in
            if !isClosed { close(number) }
            isClosed = true
        }
    }

    static func file(_ path: String, _ flags: Int32) throws -> Descriptor {
        try Descriptor(open(path, flags | O_CLOEXEC, 0o600))
    }

    static func pipe() throws -> (reader: Descriptor, writer: Descriptor) {
        var ends: [Int32] = [-1, -1]
        return try withoutLeaks {
            guard Foundation.pipe(&ends) == 0 else { throw POSIXError(.EMFILE) }
            return (try Descriptor(ends[0]), try Descriptor(ends[1]))
        }
    }

    static func socketPair() throws -> (Descriptor, Descriptor) {
        var ends: [Int32] = [-1, -1]
        #if canImport(Darwin)
            let kind = SOCK_STREAM
        #else
            let kind = Int32(SOCK_STREAM.rawValue)
        #endif
        return try withoutLeaks {
            guard socketpair(AF_UNIX, kind, 0, &ends) == 0 else { throw POSIXError(.EMFILE) }
            return (try Descriptor(ends[0]), try Descriptor(ends[1]))
        }
    }

    private static let lock = NSLock()

    /// Keeps a process that another test starts from inheriting what is just being made.
    static func withoutLeaks<Result, Failure: Error>(
        _ body: () throws(Failure) -> Result
    ) throws(Failure) -> Result {
        lock.lock()
        defer { lock.unlock() }
        return try body()
    }
}
