import Dispatch
import Feeds
import Synchronization

/// The one thread of control on which all replications of a drive run.
///
/// Whatever happens is queued; one turn of the hub deals with all that is queued, so that the
/// cost of a transaction and of a wake-up is shared by everything that came together.
final class SyncLane: Sendable {
    private struct Inbox {
        // Streams hold the drive while they are open; the lane must not.
        weak var drive: Drive?
        var events: [SyncHub.Event] = []
        var streams: [Int: ReplicationStream] = [:]
        var watcher: CommitWatcher?
        var observation: CommitObservation?
        var nextNumber = 1
        var isScheduled = false
        var isTicking = false
        var isShutDown = false
        var isLookingAgain = false
        var lookCount = 0
        var lastLook = ContinuousClock.now
    }

    /// What all connections hold of what they received.
    let receivedMemory = ReceivedMemory()
    private let queue = DispatchQueue(label: "mdrive.sync", qos: .userInitiated)
    private let inbox: Mutex<Inbox>
    private let hub: Mutex<SyncHub>
    private let report: @Sendable (SyncEvent) -> Void
    private let start = ContinuousClock.now

    init(drive: Drive, report: @escaping @Sendable (SyncEvent) -> Void) {
        inbox = Mutex(Inbox(drive: drive))
        hub = Mutex(SyncHub(drive: drive))
        self.report = report
    }

    /// A lane of a closed drive, on which every stream is over at once.
    static func ended(_ drive: Drive) -> SyncLane {
        let lane = SyncLane(drive: drive) { _ in }
        lane.shutDown()
        return lane
    }

    /// Wakes the lane whenever anybody commits, in this process or another.
    func watch(_ store: FeedStore) {
        let watcher = CommitWatcher(path: store.dataFilePath, queue: queue) { [weak self] in
            self?.post(.storeChanged)
        }
        let observation = store.observeCommits { [weak self] _ in self?.post(.storeChanged) }
        inbox.withLock { inbox in
            inbox.watcher = watcher
            inbox.observation = observation
        }
    }

    /// Makes the stream of a connection and takes it in.
    func attach(
        _ drive: Drive, options: ReplicationOptions, intake makeIntake: () -> Intake
    ) -> ReplicationStream {
        let number = inbox.withLock { inbox in
            defer { inbox.nextNumber += 1 }
            return inbox.nextNumber
        }
        let stream = ReplicationStream(
            number: number, drive: drive, lane: self, intake: makeIntake(),
            pauseByteCount: options.limits.incomingByteCount)
        let isShutDown = inbox.withLock { inbox in
            if !inbox.isShutDown { inbox.streams[number] = stream }
            return inbox.isShutDown
        }
        guard !isShutDown else {
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

    /// Ends every replication; others can begin.
    func closeAll() {
        for number in inbox.withLock({ Array($0.streams.keys) }) { post(.close(number)) }
    }

    /// Ends everything, for good, and waits until no turn runs.
    func shutDown() {
        let last = inbox.withLock { inbox in
            inbox.isShutDown = true
            let last = inbox
            inbox.events = []
            inbox.streams = [:]
            inbox.watcher = nil
            inbox.observation = nil
            return last
        }
        for stream in last.streams.values {
            stream.perform(.close)
            stream.finish(.success(()))
        }
        hub.withLock { _ in }
    }

    /// Where things stand.
    var status: SyncStatus { hub.withLock { $0.status } }

    private func runTurn() {
        let now = ContinuousClock.now - start
        var streams: [Int: ReplicationStream] = [:]
        // Released after the hub's lock: it may be the last to hold the drive.
        var drive: Drive?
        let turn = hub.withLock { hub -> SyncHub.Turn in
            let events = inbox.withLock { inbox -> [SyncHub.Event] in
                drive = inbox.isShutDown ? nil : inbox.drive
                streams = inbox.streams
                defer { inbox.events = [] }
                return inbox.events
            }
            guard drive != nil else { return SyncHub.Turn() }
            return hub.turn(events, now: now) { perform($0, streams) }
        }
        for action in turn.actions { perform(action, streams) }
        let mustSchedule = inbox.withLock { inbox in
            inbox.isScheduled = !inbox.isShutDown && (turn.hasMore || !inbox.events.isEmpty)
            return inbox.isScheduled
        }
        if mustSchedule { queue.async { self.runTurn() } }
        if turn.isBehind { lookAgain() }
        withExtendedLifetime(drive) {}
    }

    /// Looks soon whether a commit can be read by now, less and less often.
    private func lookAgain() {
        let pause = inbox.withLock { inbox -> Int? in
            guard !inbox.isLookingAgain else { return nil }
            inbox.isLookingAgain = true
            let isRow = ContinuousClock.now - inbox.lastLook < .seconds(2)
            inbox.lookCount = isRow ? min(inbox.lookCount + 1, 10) : 0
            inbox.lastLook = .now
            return 1 << inbox.lookCount
        }
        guard let pause else { return }
        queue.asyncAfter(deadline: .now() + .milliseconds(pause)) { [weak self] in
            guard let self else { return }
            inbox.withLock { $0.isLookingAgain = false }
            post(.storeChanged)
        }
    }

    private func perform(_ action: SyncHub.Action, _ streams: [Int: ReplicationStream]) {
        switch action {
        case .output(let number, let output):
            streams[number]?.perform(output)
        case .consumed(let number, let byteCount):
            streams[number]?.didConsume(byteCount: byteCount)
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
