import Cryptography
import Feeds

extension Drive {
    /// Begins to replicate with another drive over a stream that the caller owns.
    ///
    /// After the drive was closed the stream is over from the start. On a pipe, and where the
    /// role is negotiated as on one, the greeting may take `pipeHandshakeTimeout`.
    public func replicate(
        role: ReplicationRole = .negotiated, options: ReplicationOptions = ReplicationOptions()
    ) -> ReplicationStream {
        replicate(role: role, options: options, randomness: .system)
    }

    func replicate(
        role: ReplicationRole, options: ReplicationOptions, randomness: Randomness
    ) -> ReplicationStream {
        var options = options
        if role == .negotiated || options.isPipe {
            options.limits.handshakeTimeout = max(
                options.limits.handshakeTimeout, options.limits.pipeHandshakeTimeout)
        }
        let slot = sync
        let lane = slot.lane {
            let lane = SyncLane(drive: self) { slot.report($0) }
            lane.watch(store)
            return lane
        }
        let keyPair = store.primaryKey.keyPair(named: Self.connectionKeyName)
        return (lane ?? .ended(self)).attach(self, options: options) {
            Intake(role: role, keyPair: keyPair, randomness: randomness)
        }
    }

    /// The name under which the key of a drive's connections is derived.
    static let connectionKeyName = "noise"

    /// Ends all replications; others can begin.
    public func unreplicate() {
        sync.current?.closeAll()
    }

    /// Calls a function with everything that happens to replications; it must be quick.
    public func onSyncEvent(_ handler: @escaping @Sendable (SyncEvent) -> Void) {
        sync.add(handler)
    }

    /// Where the replications of this process stand.
    public var syncStatus: SyncStatus { sync.current?.status ?? SyncStatus() }
}
