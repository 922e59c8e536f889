@preconcurrency import Dispatch
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// The wish of a person or of the system that the program ends: SIGINT, SIGTERM or SIGHUP.
///
/// The first signal asks the command to end cleanly, a second one of the same kind ends the program
/// at once, which loses nothing that was committed.
final class Interruption: Sendable {
    /// Thrown by a command that ends early because it was asked to.
    struct Requested: Error {}

    private let reader: Int32

    /// Watches for signals from now on.
    init() {
        reader = SignalPipe.open()
        for number in [SIGINT, SIGTERM, SIGHUP] {
            var action = sigaction()
            sigaction(number, nil, &action)
            // `nohup` means it. A shell that starts something in the background ignores SIGINT for
            // it, too, and whoever then sends one means it all the more.
            if number == SIGHUP, action.isIgnored { continue }
            action = sigaction()
            action.setHandler { _ in SignalPipe.noteSignal() }
            action.sa_flags = Int32(bitPattern: UInt32(SA_RESETHAND))
            sigaction(number, &action, nil)
        }
    }

    /// True once a signal came.
    var isRequested: Bool { SignalPipe.isSignalled }

    /// Throws once a signal came.
    func check() throws(Requested) {
        if isRequested { throw Requested() }
    }

    /// Waits until there is something to read, or until a signal comes.
    func waitForInput(_ descriptor: Int32) throws(SystemCalls.Problem) {
        var requests = [
            pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0),
            pollfd(fd: reader, events: Int16(POLLIN), revents: 0),
        ]
        while poll(&requests, 2, -1) < 0 {
            if errno != EINTR { throw SystemCalls.Problem() }
        }
    }

    /// Waits for a signal; false if the task is cancelled before there is one.
    func requested() async -> Bool {
        let (stream, continuation) = AsyncStream.makeStream(of: Void.self)
        let observer = onRequest { continuation.yield() }
        defer { withExtendedLifetime(observer) {} }
        for await _ in stream { return true }
        return false
    }

    /// Does something that a signal cancels, and throws once it has ended.
    func ending<Value: Sendable>(
        _ body: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        try check()
        return try await withThrowingTaskGroup(of: Value?.self) { group in
            group.addTask {
                _ = await self.requested()
                return nil
            }
            group.addTask { try await body() }
            defer { group.cancelAll() }
            guard let value = try await group.next() ?? nil else { throw Requested() }
            return value
        }
    }

    /// Calls a function once, on a queue of its own, when a signal comes or has come.
    func onRequest(_ body: @escaping @Sendable () -> Void) -> InterruptionObserver {
        InterruptionObserver(reader, body)
    }
}

/// Calls its function as long as it is kept.
final class InterruptionObserver: Sendable {
    private let source: any DispatchSourceRead

    fileprivate init(_ descriptor: Int32, _ body: @escaping @Sendable () -> Void) {
        source = DispatchSource.makeReadSource(
            fileDescriptor: descriptor, queue: DispatchQueue(label: "mdrive.interruption"))
        let source = source
        source.setEventHandler {
            source.cancel()
            body()
        }
        source.activate()
    }

    deinit { source.cancel() }
}

/// What a signal's handler touches: it may do next to nothing, and these calls are among it.
private enum SignalPipe {
    private static let hasSignal = Atomic<Bool>(false)
    private static let writer = Atomic<Int32>(-1)

    static var isSignalled: Bool { hasSignal.load(ordering: .acquiring) }

    /// The end that becomes readable when a signal comes, and stays so.
    static func open() -> Int32 {
        var ends: [Int32] = [-1, -1]
        precondition(pipe(&ends) == 0, "the system has no pipe left")
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        writer.store(ends[1], ordering: .releasing)
        _ = isSignalled
        return ends[0]
    }

    static func noteSignal() {
        let number = errno
        hasSignal.store(true, ordering: .releasing)
        var byte: UInt8 = 1
        _ = write(writer.load(ordering: .acquiring), &byte, 1)
        errno = number
    }
}

extension sigaction {
    fileprivate var isIgnored: Bool {
        #if canImport(Darwin)
            unsafeBitCast(__sigaction_u.__sa_handler, to: Int.self)
                == unsafeBitCast(SIG_IGN, to: Int.self)
        #else
            unsafeBitCast(__sigaction_handler.sa_handler, to: Int.self)
                == unsafeBitCast(SIG_IGN, to: Int.self)
        #endif
    }

    fileprivate mutating func setHandler(_ handler: @escaping @convention(c) (Int32) -> Void) {
        #if canImport(Darwin)
            __sigaction_u = __sigaction_u_t(__sa_handler: handler)
        #else
            __sigaction_handler.sa_handler = handler
        #endif
    }
}
