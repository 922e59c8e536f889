import Synchronization

/// Threads for blocking work: one for writes, in order, and a few for reads.
///
/// An asynchronous caller hops there and back, so that no cooperative thread ever blocks.
public final class EnvironmentExecutor: Sendable {
    private let writer = Lane(label: "mdrive.write")
    private let readers: [Lane]

    /// Creates the threads' queues; the threads come when there is work.
    public init(readerCount: Int = 4) {
        precondition(readerCount > 0, "Reads need at least one thread.")
        readers = (0..<readerCount).map { Lane(label: "mdrive.read.\($0)") }
    }

    /// Runs blocking work on the writing thread, after what was given to it before.
    public func write<Result>(
        _ body: @Sendable () throws -> sending Result
    ) async throws -> sending Result {
        try await writer.run(body)
    }

    /// Runs blocking work on the least busy of the reading threads.
    public func read<Result>(
        _ body: @Sendable () throws -> sending Result
    ) async throws -> sending Result {
        var chosen = readers[0]
        for lane in readers where lane.load < chosen.load { chosen = lane }
        return try await chosen.run(body)
    }
}

/// One thread's worth of work, in order.
private actor Lane {
    private let executor: QueueExecutor
    private let waitingCount = Atomic<Int>(0)

    nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    nonisolated var load: Int { waitingCount.load(ordering: .relaxed) }

    init(label: String) {
        executor = QueueExecutor(label: label)
    }

    nonisolated func run<Result>(
        _ body: @Sendable () throws -> sending Result
    ) async throws -> sending Result {
        waitingCount.wrappingAdd(1, ordering: .relaxed)
        defer { waitingCount.wrappingSubtract(1, ordering: .relaxed) }
        return try await perform(body)
    }

    private func perform<Result>(
        _ body: @Sendable () throws -> sending Result
    ) throws -> sending Result {
        try body()
    }
}
