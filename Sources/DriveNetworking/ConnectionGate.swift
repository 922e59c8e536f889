import Multiwriter
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Counts the connections that others have begun, and says which of them must go.
final class ConnectionGate: Sendable {
    private struct State {
        /// All that are open, by their numbers.
        var streams: [Int: ReplicationStream] = [:]
        /// Those whose handshake was not complete when last looked, oldest first.
        var unknown: [Int] = []
    }

    private let limits: ConnectionLimits
    private let state = Mutex(State())

    init(_ limits: ConnectionLimits) { self.limits = limits }

    /// Takes a connection in; ends the one that makes room for it, or the new one itself.
    func admit(_ stream: ReplicationStream) {
        let maximumCount = connectionCount
        let victim = state.withLock { state -> (ReplicationStream, String)? in
            var victim: (ReplicationStream, String)?
            let isFull = state.streams.count >= maximumCount
            if isFull || state.unknown.count >= limits.handshakeCount {
                state.unknown.removeAll { state.streams[$0]?.isEstablished ?? true }
            }
            if isFull || state.unknown.count >= limits.handshakeCount {
                guard let oldest = state.unknown.first, let gone = state.streams[oldest] else {
                    return (
                        stream, "There are \(maximumCount) connections, and no room for this one."
                    )
                }
                state.unknown.removeFirst()
                state.streams[oldest] = nil
                victim = (
                    gone, "It made room for others, as its handshake was not complete."
                )
            }
            state.streams[stream.number] = stream
            state.unknown.append(stream.number)
            return victim
        }
        if let (stream, sentence) = victim { stream.refuse(sentence) }
    }

    /// Forgets a connection that is over.
    func forget(_ stream: ReplicationStream) {
        state.withLock { state in
            guard state.streams.removeValue(forKey: stream.number) != nil else { return }
            if let index = state.unknown.firstIndex(of: stream.number) {
                state.unknown.remove(at: index)
            }
        }
    }

    /// As many as are allowed, or as the system gives files for.
    private var connectionCount: Int {
        var limit = rlimit()
        guard Self.get(&limit) else { return limits.connectionCount }
        let count = Int(clamping: limit.rlim_cur) - limits.reservedDescriptorCount
        return max(1, min(limits.connectionCount, count))
    }

    private static func get(_ limit: inout rlimit) -> Bool {
        #if canImport(Glibc)
            getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0
        #else
            getrlimit(RLIMIT_NOFILE, &limit) == 0
        #endif
    }
}
