import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Lets one stream at a time append to the own content feed, in all processes.
///
/// The blocks of a file must follow one another, and a large file takes many transactions. Those
/// who wait in this process go on in the order in which they came; the lock of a process that
/// dies is free at once.
final class WriteLock: Sendable {
    private struct State {
        var isHeld = false
        var waiting: [Int] = []
        var nextTicket = 0
        var descriptor: Int32 = -1
    }

    private let path: String
    private let state = Mutex(State())

    init(folder: String) { path = folder + "/content.lock" }

    deinit {
        state.withLock { if $0.descriptor >= 0 { close($0.descriptor) } }
    }

    /// A place in the queue: who takes it first goes first.
    func takeTicket() -> Int {
        state.withLock { state in
            state.nextTicket += 1
            state.waiting.append(state.nextTicket)
            return state.nextTicket
        }
    }

    /// Gives up a place, or what was acquired with it.
    func release(_ ticket: Int) {
        state.withLock { state in
            if let position = state.waiting.firstIndex(of: ticket) {
                if position == 0, state.isHeld {
                    flock(state.descriptor, LOCK_UN)
                    state.isHeld = false
                }
                state.waiting.remove(at: position)
            }
        }
    }

    /// Acquires the lock if it is this ticket's turn and no other process has it.
    func tryAcquire(_ ticket: Int) throws(DriveError) -> Bool {
        try state.withLock { state throws(DriveError) in
            guard state.waiting.first == ticket else { return false }
            if state.isHeld { return true }
            if state.descriptor < 0 {
                state.descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
                guard state.descriptor >= 0 else {
                    throw DriveError(
                        .storage, "the drive cannot be locked for writing",
                        cause: FileSystemError())
                }
            }
            if flock(state.descriptor, LOCK_EX | LOCK_NB) == 0 {
                state.isHeld = true
                return true
            }
            guard errno == EWOULDBLOCK || errno == EINTR else {
                throw DriveError(
                    .storage, "the drive cannot be locked for writing", cause: FileSystemError())
            }
            return false
        }
    }

    /// Waits for the lock on the calling thread.
    func acquireBlocking(_ ticket: Int) throws(DriveError) {
        while try !tryAcquire(ticket) { usleep(5000) }
    }

    /// Waits for the lock without holding a thread.
    func acquire(_ ticket: Int) async throws {
        while try !tryAcquire(ticket) { try await Task.sleep(for: .milliseconds(5)) }
    }
}
