import Synchronization

/// What all connections of a drive together hold of what they received.
///
/// One connection is bounded by the largest frame; many are bounded by this.
final class ReceivedMemory: Sendable {
    fileprivate struct Holding {
        var byteCount: Int
        /// When its frame began, in the order of all; `nil` if it is complete.
        var partialSince: UInt64?
    }

    fileprivate struct State {
        var holdings: [Int: Holding] = [:]
        var heldByteCount = 0
        var pendingByteCount = 0
        var order: UInt64 = 0
    }

    private let state = Mutex(State())

    /// Whether connections should give back what they keep for frames to come.
    var isKeepingTooMuch: Bool {
        state.withLock { $0.heldByteCount > SyncLimits.keptByteCount }
    }

    /// Bytes that are held for frames.
    var heldByteCount: Int { state.withLock { $0.heldByteCount } }

    /// Notes what a connection holds for frames; returns a connection that is to be dropped.
    func note(_ number: Int, held byteCount: Int, isPartial: Bool) -> Int? {
        state.withLock { state -> Int? in
            let old = state.holdings.removeValue(forKey: number)
            state.heldByteCount += byteCount - (old?.byteCount ?? 0)
            guard byteCount > 0 else { return nil }
            state.order += 1
            let since = isPartial ? old?.partialSince ?? state.order : nil
            state.holdings[number] = Holding(byteCount: byteCount, partialSince: since)
            guard state.heldByteCount > SyncLimits.partialByteCount else { return nil }
            return state.takeOldest()
        }
    }

    /// Adds to what came and is not dealt with; true if it is too much.
    func add(_ byteCount: Int) -> Bool {
        state.withLock { state in
            state.pendingByteCount += byteCount
            return state.pendingByteCount > SyncLimits.receivedByteCount
        }
    }

    /// Forgets a connection that has ended.
    func forget(_ number: Int, pending byteCount: Int) {
        state.withLock { state in
            state.pendingByteCount -= byteCount
            state.heldByteCount -= state.holdings.removeValue(forKey: number)?.byteCount ?? 0
        }
    }
}

extension ReceivedMemory.State {
    /// The connection whose frame began first, a small one only if there is no large one.
    fileprivate mutating func takeOldest() -> Int? {
        let isLarge = holdings.values.contains {
            $0.partialSince != nil && $0.byteCount >= SyncLimits.smallPartialByteCount
        }
        let candidates = holdings.compactMap { number, holding -> (number: Int, since: UInt64)? in
            guard let since = holding.partialSince,
                !isLarge || holding.byteCount >= SyncLimits.smallPartialByteCount
            else { return nil }
            return (number, since)
        }
        guard let oldest = candidates.min(by: { $0.since < $1.since }) else { return nil }
        heldByteCount -= holdings.removeValue(forKey: oldest.number)?.byteCount ?? 0
        return oldest.number
    }
}
