import Dispatch
import Synchronization

/// The one thread of control on which all replications of a drive run.
///
/// Whatever happens is queued; one turn of the hub deals with all that is queued, so that the
/// cost of a transaction and of a wake-up is shared by everything that came together.
final class SyncLane: Sendable {
    private struct Inbox {
        var events: [SyncHub.Event] = []
        var streams: [Int: ReplicationStream] = [:]
        var isScheduled = false
        var isTicking = false
        var isShutDown = false
        var nextNumber = 1
    }

    private let queue = DispatchQueue(label: "mdrive.sync", qos: .userInitiated)
    private let inbox = Mutex(Inbox())
    private let hub: Mutex<SyncHub>
    private let watcher: Mutex<CommitWatcher?>
    private let report: @Sendable (SyncEvent) -> Void
    private let start = ContinuousClock.now

    init(hub: consuming sending SyncHub, report: @escaping @Sendable (SyncEvent) -> Void) {
        self.hub = Mutex(hub)
        self.report = report
        watcher = Mutex(nil)
    }

    /// Wakes the lane whenever another process commits.
    func watch(_ path: String) {
        let watcher = CommitWatcher(path: path, queue: queue) { [weak self] in
            self?.post(.storeChanged)
        }
        self.watcher.withLock { $0 = watcher }
    }

    /// Makes the stream for a connection; `nil` once the lane is shut down.
    func attach(
        options: ReplicationOptions, making make: (Int) -> ReplicationStream
    ) -> ReplicationStream {
        let number = inbox.withLock { inbox in
            defer { inbox.nextNumber += 1 }
            return inbox.nextNumber
        }
        let stream = make(number)
        let isShutDown = inbox.withLock { inbox in
            if !inbox.isShutDown { inbox.streams[number] = stream }
            return inbox.isShutDown
        }
        if isShutDown {
            stream.finish(.failure(SyncError(.storage, "The drive is closed.")))
            return stream
        }
        post(.attached(number, options))
        tick()
        return stream
    }

    func post(_ event: SyncHub.Event) {
        let mustSchedule = inbox.withLock { inbox in
            guard !inbox.isShutDown else { return false }
            inbox.events.append(event)
            defer { inbox.isScheduled = true }
            return !inbox.isScheduled
        }
        if mustSchedule { queue.async { self.runTurn() } }
    }

    /// Ends everything and waits until no turn runs.
    func shutDown() {
        let streams = inbox.withLock { inbox in
            inbox.isShutDown = true
            inbox.events = []
            defer { inbox.streams = [:] }
            return inbox.streams
        }
        watcher.withLock { $0 = nil }
        for stream in streams.values {
            stream.perform(.close)
            stream.finish(.success(()))
        }
        hub.withLock { _ in }
    }

    /// Where things stand.
    var status: SyncStatus { hub.withLock { $0.status } }

    private func runTurn() {
        let (events, streams) = inbox.withLock { inbox in
            defer { inbox.events = [] }
            return (inbox.events, inbox.streams)
        }
        let now = ContinuousClock.now - start
        let turn = hub.withLock { $0.turn(events, now: now) }
        for action in turn.actions { perform(action, streams) }
        let mustSchedule = inbox.withLock { inbox in
            inbox.isScheduled = !inbox.isShutDown && (turn.hasMore || !inbox.events.isEmpty)
            return inbox.isScheduled
        }
        if mustSchedule { queue.async { self.runTurn() } }
    }

    private func perform(_ action: SyncHub.Action, _ streams: [Int: ReplicationStream]) {
        switch action {
        case .output(let number, let output):
            streams[number]?.perform(output)
        case .finished(let number, let result):
            let stream = inbox.withLock { $0.streams.removeValue(forKey: number) }
            stream?.perform(.close)
            stream?.finish(result)
        case .report(let event):
            report(event)
        }
    }

    /// Passes the time on to the hub while there are connections.
    private func tick() {
        let mustBegin = inbox.withLock { inbox in
            defer { inbox.isTicking = true }
            return !inbox.isTicking
        }
        if mustBegin { scheduleTick() }
    }

    private func scheduleTick() {
        queue.asyncAfter(deadline: .now() + .seconds(1)) { [weak self] in
            guard let self else { return }
            let goesOn = inbox.withLock { inbox in
                inbox.isTicking = !inbox.streams.isEmpty && !inbox.isShutDown
                return inbox.isTicking
            }
            guard goesOn else { return }
            post(.tick)
            scheduleTick()
        }
    }
}
