import NIOCore
import Synchronization

/// A connection that is being made, and that nobody waits for any more once the task is cancelled.
final class PendingConnection: Sendable {
    private struct State {
        var result: Result<any Channel, any Error>?
        var continuation: CheckedContinuation<any Channel, any Error>?
    }

    private let state = Mutex(State())

    /// Waits for a connection; one that comes after the task was cancelled is closed.
    func channel(of future: EventLoopFuture<any Channel>) async throws -> any Channel {
        future.whenComplete { self.settle($0) }
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let result = state.withLock { state in
                    if state.result == nil { state.continuation = continuation }
                    return state.result
                }
                if let result { continuation.resume(with: result) }
            }
        } onCancel: {
            settle(.failure(CancellationError()))
        }
    }

    private func settle(_ result: Result<any Channel, any Error>) {
        let (isFirst, continuation) = state.withLock { state in
            guard state.result == nil else { return (false, nil as Waiter?) }
            state.result = result
            defer { state.continuation = nil }
            return (true, state.continuation)
        }
        if !isFirst, case .success(let channel) = result { channel.close(promise: nil) }
        continuation?.resume(with: result)
    }

    private typealias Waiter = CheckedContinuation<any Channel, any Error>
}
