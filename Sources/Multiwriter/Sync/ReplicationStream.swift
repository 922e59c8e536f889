import SecretStream
import Synchronization

/// One replication with one other drive, over any stream of bytes in both directions.
///
/// Whoever owns the stream hands in what arrives, in order and from one thread at a time, sends
/// what it is asked to send, and reports how much was taken and when the stream ended. Everything
/// that arrives is decrypted on the calling thread and dealt with on the drive's sync lane.
public final class ReplicationStream: Sendable {
    /// The number of the connection in this process, as in ``SyncEvent`` and ``SyncStatus``.
    public let number: Int

    private struct State: ~Copyable {
        var intake: Intake?
        var output: (@Sendable (ReplicationOutput) -> Void)?
        var pendingByteCount = 0
        var isPaused = false
        var early: [ReplicationOutput] = []
        var isEstablished = false
        var ending: Result<Void, SyncError>?
        var waiters: [CheckedContinuation<Result<Void, SyncError>, Never>] = []
    }

    private let drive: Drive
    private let lane: SyncLane
    private let state: Mutex<State>
    private let pauseByteCount: Int

    init(
        number: Int, drive: Drive, lane: SyncLane, intake: consuming sending Intake,
        pauseByteCount: Int
    ) {
        self.number = number
        self.drive = drive
        self.lane = lane
        self.pauseByteCount = pauseByteCount
        state = Mutex(State(intake: intake))
    }

    /// Begins; the handler may be called from any thread and must keep the order of its calls.
    ///
    /// It passes on and returns at once; it must not call the drive or the stream.
    public func start(_ output: @escaping @Sendable (ReplicationOutput) -> Void) {
        let greeting = state.withLock { state in
            state.output = output
            defer { state.early = [] }
            guard state.ending == nil else { return state.early }
            let bytes = state.intake?.takeOutgoing() ?? []
            return (bytes.isEmpty ? [] : [.write(bytes)]) + state.early
        }
        for item in greeting { output(item) }
    }

    /// Says where the far end is, for people who watch.
    public func locate(at address: String) {
        lane.post(.located(number, address: address))
    }

    /// Takes bytes that arrived.
    public func receive(_ bytes: UnsafeRawBufferPointer) {
        let result = state.withLock { state -> Received in
            guard state.ending == nil, state.intake != nil else { return Received() }
            var received = Received()
            do throws(SyncError) {
                try state.intake?.receive(bytes)
            } catch {
                received.error = error
            }
            received.handshake = state.intake?.takeOutgoing() ?? []
            received.established = state.intake?.takeEstablished()
            if received.established != nil { state.isEstablished = true }
            received.batch = state.intake?.takeBatch() ?? MessageBatch()
            received.frameCount = state.intake?.takeFrameCount() ?? 0
            if received.error != nil { state.intake = nil }
            received.byteCount = max(bytes.count, received.batch.byteCount)
            state.pendingByteCount += received.byteCount
            let isFull = noteMemory(&state, received.byteCount)
            if isFull || state.pendingByteCount > pauseByteCount, !state.isPaused {
                state.isPaused = true
                received.mustPause = true
            }
            return received
        }
        if !result.handshake.isEmpty { perform(.write(result.handshake)) }
        if result.mustPause { perform(.pauseReading) }
        if let established = result.established { lane.post(.established(number, established)) }
        let progress = ReceivedBytes(
            byteCount: bytes.count, heldByteCount: result.byteCount, frameCount: result.frameCount)
        lane.post(.received(number, result.batch, progress))
        if let error = result.error { lane.post(.failed(number, error)) }
    }

    /// Accounts for what came; true if all connections together hold so much that this one is
    /// to wait.
    private func noteMemory(_ state: inout State, _ byteCount: Int) -> Bool {
        let memory = lane.receivedMemory
        var (held, isPartial) = state.intake?.takeStock() ?? (0, false)
        if !isPartial, held > 0, memory.isKeepingTooMuch {
            state.intake?.release()
            (held, isPartial) = (0, false)
        }
        let oldest = memory.note(number, held: held, isPartial: isPartial)
        if let oldest {
            lane.post(.failed(oldest, .violation("the peer went beyond partialByteCount")))
        }
        return memory.add(byteCount)
    }

    private struct Received {
        var byteCount = 0
        var handshake: [UInt8] = []
        var established: Established?
        var batch = MessageBatch()
        var frameCount = 0
        var error: SyncError?
        var mustPause = false
    }

    /// Notes that bytes which came are dealt with.
    func didConsume(byteCount: Int) {
        let mustResume = state.withLock { state in
            guard state.ending == nil else { return false }
            state.pendingByteCount -= byteCount
            let isFull = lane.receivedMemory.add(-byteCount) && state.pendingByteCount > 0
            guard state.isPaused, !isFull, state.pendingByteCount <= pauseByteCount / 2 else {
                return false
            }
            state.isPaused = false
            return true
        }
        if mustResume { perform(.resumeReading) }
    }

    /// Notes that bytes of a `write` have left this process.
    public func didWrite(byteCount: Int) {
        lane.post(.wrote(number, byteCount: byteCount))
    }

    /// Notes that the stream below is over; nothing more can be received or sent.
    public func end(_ error: (any Error)? = nil) {
        let problem = state.withLock { state -> SyncError? in
            let early = state.intake?.hangUpError
            guard let error else { return early }
            guard let early else {
                return SyncError(.transport, "The connection broke.", cause: error)
            }
            return SyncError(early.code, early.message, cause: error)
        }
        lane.post(.hungUp(number, problem))
    }

    /// Whether the handshake is complete.
    public var isEstablished: Bool { state.withLock { $0.isEstablished } }

    /// Ends the replication from this side because there are too many of them.
    public func refuse(_ sentence: String) {
        lane.post(.failed(number, SyncError(.crowded, sentence)))
    }

    /// Ends the replication from this side.
    public func close() {
        lane.post(.close(number))
    }

    /// Waits for the end.
    ///
    /// - Throws: why it ended, unless it was closed, or left by a far end that owed nothing.
    public func finished() async throws(SyncError) {
        let result = await withCheckedContinuation { continuation in
            let ending = state.withLock { state in
                if state.ending == nil { state.waiters.append(continuation) }
                return state.ending
            }
            if let ending { continuation.resume(returning: ending) }
        }
        try result.get()
    }

    /// Passes output on, or keeps it until the stream is started.
    func perform(_ item: ReplicationOutput) {
        let output = state.withLock { state in
            if state.output == nil, state.ending == nil { state.early.append(item) }
            return state.output
        }
        output?(item)
    }

    func finish(_ result: Result<Void, SyncError>) {
        let waiters = state.withLock { state in
            guard state.ending == nil else { return state.waiters }
            state.ending = result
            state.intake = nil
            // It holds the stream below, which holds this.
            state.output = nil
            lane.receivedMemory.forget(number, pending: state.pendingByteCount)
            state.pendingByteCount = 0
            defer { state.waiters = [] }
            return state.waiters
        }
        for waiter in waiters { waiter.resume(returning: result) }
    }
}
