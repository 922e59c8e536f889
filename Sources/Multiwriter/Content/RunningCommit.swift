import Dispatch
import Synchronization

/// A commit that is under way on a thread of its own, while the next one is being gathered.
final class RunningCommit: Sendable {
    private let outcome = Mutex<Result<BatchWork.Outcome, any Error>?>(nil)
    private let end = DispatchGroup()

    /// Begins at once; the write lock is held by the caller until the commit has ended.
    init(_ work: BatchWork, of drive: Drive) {
        Self.queue.async(group: end) {
            let outcome = Result { try drive.writeNow { try work.perform(drive, in: $0) } }
            self.outcome.withLock { $0 = outcome }
        }
    }

    /// Waits for the end.
    func result() -> Result<BatchWork.Outcome, any Error> {
        end.wait()
        guard let result = outcome.withLock({ $0 }) else {
            preconditionFailure("a commit that has ended has a result")
        }
        return result
    }

    private static let queue = DispatchQueue(
        label: "mdrive.commit", attributes: .concurrent)
}
