import Synchronization

/// The place in a drive where its sync lane stands while anything replicates.
package final class SyncSlot: Sendable {
    private struct State {
        var lane: SyncLane?
        var isClosed = false
        var handlers: [@Sendable (SyncEvent) -> Void] = []
    }

    private let state = Mutex(State())

    package init() {}

    /// The lane, made at the first call; `nil` after `close()`.
    func lane(making make: () -> SyncLane) -> SyncLane? {
        state.withLock { state in
            guard !state.isClosed else { return nil }
            if let lane = state.lane { return lane }
            let lane = make()
            state.lane = lane
            return lane
        }
    }

    /// The lane, if anything has replicated.
    var current: SyncLane? { state.withLock { $0.lane } }

    func add(_ handler: @escaping @Sendable (SyncEvent) -> Void) {
        state.withLock { $0.handlers.append(handler) }
    }

    func report(_ event: SyncEvent) {
        for handler in state.withLock({ $0.handlers }) { handler(event) }
    }

    /// Ends all replications; no other can begin.
    package func close() {
        let lane = state.withLock { state in
            state.isClosed = true
            defer { state.lane = nil }
            return state.lane
        }
        lane?.shutDown()
    }
}
