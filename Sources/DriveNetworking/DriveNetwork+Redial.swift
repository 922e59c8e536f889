import Logging
public import Multiwriter

extension DriveNetwork {
    /// Dials an address again and again, until the task is cancelled or the drive is found to be
    /// the far end.
    ///
    /// The pause doubles from one second to a minute and starts over after a connection that
    /// lasted. `onConnection` is called with every replication that begins, `onFailure` with why
    /// one could not begin or has ended.
    public func stayConnected(
        to address: NetworkAddress,
        onConnection: @escaping @Sendable (ReplicationStream) -> Void = { _ in },
        onFailure: @escaping @Sendable (any Error) -> Void = { _ in }
    ) async throws {
        let clock = ContinuousClock()
        var pause = Duration.seconds(1)
        while true {
            try Task.checkCancellation()
            let start = clock.now
            do {
                let stream = try await connect(to: address)
                onConnection(stream)
                try await withTaskCancellationHandler {
                    try await stream.finished()
                } onCancel: {
                    stream.close()
                }
            } catch let error as SyncError where error.code == .ourselves {
                throw error
            } catch {
                onFailure(error)
                logger.info("\(error)", metadata: ["peer": "\(address)"])
            }
            if clock.now - start > .seconds(60) { pause = .seconds(1) }
            try await clock.sleep(for: pause)
            pause = min(pause * 2, .seconds(60))
        }
    }
}
