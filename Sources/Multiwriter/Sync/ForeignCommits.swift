import Dispatch
import Synchronization

/// Tells those who wait in a drive of commits that other processes made.
final class ForeignCommits: Sendable {
    private let watcher: CommitWatcher

    /// Watches the file of a store as long as it is kept; `nil` if the system cannot.
    init?(path: String, onCommit: @escaping @Sendable () -> Void) {
        let queue = DispatchQueue(label: "mdrive.commits")
        let gate = Gate()
        let watcher = CommitWatcher(path: path, queue: queue) {
            guard gate.close() else { return }
            queue.asyncAfter(deadline: .now() + .milliseconds(2)) {
                gate.open()
                onCommit()
            }
            // A commit is written a moment before it can be read.
            queue.asyncAfter(deadline: .now() + .milliseconds(40), execute: onCommit)
        }
        guard let watcher else { return nil }
        self.watcher = watcher
    }

    /// Lets one of many calls through until it is opened again: a commit is many writes.
    private final class Gate: Sendable {
        private let isClosed = Mutex(false)

        func close() -> Bool {
            isClosed.withLock { isClosed in
                defer { isClosed = true }
                return !isClosed
            }
        }

        func open() { isClosed.withLock { $0 = false } }
    }
}
