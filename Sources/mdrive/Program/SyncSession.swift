import Cryptography
import Dispatch
import DriveNetworking
import Logging
import Multiwriter

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// The replications of one `sync` command, from their beginning until they are done or interrupted.
final class SyncSession: Sendable {
    /// How a drive is met.
    enum Meeting: Sendable {
        case pipe(ReplicationRole)
        case listen(NetworkAddress)
        case connect(NetworkAddress)
    }

    private let drive: Drive
    private let network: DriveNetwork
    private let isOnce: Bool
    private let wait: Duration
    private let isVerbose: Bool

    init(_ drive: Drive, isOnce: Bool, wait: Duration, isVerbose: Bool) {
        self.drive = drive
        self.isOnce = isOnce
        self.wait = wait
        self.isVerbose = isVerbose
        let options = ReplicationOptions(isOnce: isOnce)
        network = DriveNetwork(logger: Self.logger(isVerbose)) { role in
            drive.replicate(role: role, options: options)
        }
    }

    private static func logger(_ isVerbose: Bool) -> Logger {
        var logger = Logger(label: "mdrive") { label in
            guard isVerbose else { return SwiftLogNoOpLogHandler(label) }
            return StreamLogHandler.standardError(label: label)
        }
        logger.logLevel = .debug
        return logger
    }

    /// Runs until all are done, one fails, or a signal comes.
    func run(_ meetings: [Meeting]) async throws {
        let interruption = Interruption()
        tellEvents()
        let hurry = interruption.onRequest { [isOnce] in
            // Somebody who does not answer must not hold up the end.
            DispatchQueue.global().asyncAfter(deadline: .now() + 6) {
                leave(isOnce ? Failure.report(Self.interrupted) : 0)
            }
        }
        defer { withExtendedLifetime(hurry) {} }
        let outcome = try await withThrowingTaskGroup(of: Outcome.self) { group in
            group.addTask { await interruption.requested() ? .interrupted : .done }
            group.addTask {
                try await self.meet(meetings)
                return .done
            }
            if ProgressLine.shared.isShown { group.addTask { await self.showProgress() } }
            defer {
                // What hangs on a connection ends with it, what waits with the group.
                drive.unreplicate()
                group.cancelAll()
            }
            return try await group.next() ?? .done
        }
        ProgressLine.shared.clear()
        if outcome == .interrupted, isOnce {
            throw Self.interrupted
        }
    }

    private static let interrupted = Failure(
        "interrupted before both sides had everything; what arrived is stored")

    private enum Outcome {
        case done
        case interrupted
    }

    private func meet(_ meetings: [Meeting]) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for meeting in meetings {
                group.addTask {
                    switch meeting {
                    case .pipe(let role): try await self.speak(role)
                    case .listen(let address): try await self.listen(at: address)
                    case .connect(let address): try await self.connect(to: address)
                    }
                }
            }
            try await group.waitForAll()
        }
    }

    private func speak(_ role: ReplicationRole) async throws {
        try await end(of: network.replicate(input: 0, output: 1, role: role))
    }

    /// Waits for the end of a replication, which is at once if the task is cancelled.
    private func end(of stream: ReplicationStream) async throws {
        try await withTaskCancellationHandler {
            try await stream.finished()
        } onCancel: {
            stream.close()
        }
    }
}

extension SyncSession {
    /// Takes connections: all that come, or with `--once` until one has gone through.
    private func listen(at address: NetworkAddress) async throws {
        let (streams, arrivals) = AsyncStream.makeStream(of: ReplicationStream.self)
        let listener = try await network.listen(at: address) { arrivals.yield($0) }
        if address.port == 0 || ProgressLine.shared.isShown || isVerbose {
            StandardError.write("listening on \(listener.address)")
        }
        let result: Result<Void, any Error>
        do {
            try await withThrowingDiscardingTaskGroup { connections in
                for await stream in streams {
                    connections.addTask {
                        do {
                            try await self.serve(stream)
                        } catch {
                            // This cancels the other connections, but not the wait for more.
                            arrivals.finish()
                            throw error
                        }
                    }
                }
            }
            result = .success(())
        } catch is Completed {
            result = .success(())
        } catch {
            result = .failure(error)
        }
        await listener.close()
        try result.get()
    }

    /// Thrown when the one connection of `--once` has gone through.
    private struct Completed: Error {}

    /// Waits for the end of a connection; a stranger's does not concern the others.
    private func serve(_ stream: ReplicationStream) async throws {
        do {
            try await end(of: stream)
        } catch let error as SyncError where !isOnce || error.isOfStranger {
            StandardError.write(Failure.sentence(error))
            return
        }
        if isOnce, !Task.isCancelled { throw Completed() }
    }

    /// Dials, and without `--once` again whenever the connection has ended.
    private func connect(to address: NetworkAddress) async throws {
        do {
            try await end(of: dial(address))
        } catch let error as SyncError where !isOnce && error.code == .transport {
            StandardError.write(Failure.sentence(error) + ": dialling \(address) again")
        }
        guard !isOnce, !Task.isCancelled else { return }
        if isVerbose { StandardError.write("\(address) has hung up, dialling again") }
        try await network.stayConnected(to: address)
    }

    /// Dials for a while, because who is dialled may only be starting.
    private func dial(_ address: NetworkAddress) async throws -> ReplicationStream {
        let clock = ContinuousClock()
        let deadline = clock.now + wait
        while true {
            do throws(NetworkError) {
                return try await network.connect(to: address)
            } catch {
                guard error.isRefusal, clock.now < deadline else { throw error }
            }
            ProgressLine.shared.show { "waiting for somebody to listen on \(address)" }
            try await clock.sleep(for: .milliseconds(50))
        }
    }
}

extension SyncSession {
    private func tellEvents() {
        let isVerbose = isVerbose
        drive.onSyncEvent { event in
            switch event.kind {
            case .refused, .refusedByPeer, .problem: break
            case .connected, .ended, .learned, .settled: guard isVerbose else { return }
            }
            let peer = event.peer.map { " (peer \($0.hexadecimal.prefix(8)))" } ?? ""
            StandardError.write("\(event)" + peer)
        }
    }

    private func showProgress() async -> Outcome {
        var pace = Pace()
        let start = ContinuousClock.now
        while !Task.isCancelled {
            let status = drive.syncStatus
            pace.note(
                status.receivedByteCount + status.sentByteCount, at: ContinuousClock.now - start)
            ProgressLine.shared.show { Self.text(status, pace) }
            try? await Task.sleep(for: .milliseconds(200))
        }
        return .done
    }

    private static func text(_ status: SyncStatus, _ pace: Pace) -> String {
        guard !status.peers.isEmpty else { return "waiting for a peer" }
        var parts = [
            Quantity.count(status.peers.count, "peer"),
            "in \(Quantity.bytes(status.receivedByteCount))",
            "out \(Quantity.bytes(status.sentByteCount))",
        ]
        if let rate = pace.bytesPerSecond { parts.append(Quantity.bytes(UInt64(rate)) + "/s") }
        if status.missingBlockCount > 0 {
            parts.append(Quantity.count(status.missingBlockCount, "block") + " missing")
        } else if status.peers.allSatisfy(\.isSettled) {
            parts.append("up to date")
        } else if let reason = status.peers.lazy.compactMap(\.waitingFor).first {
            parts.append(reason)
        }
        return parts.joined(separator: "  ")
    }
}

extension SyncError {
    /// True if the far end never got as far as to be known.
    fileprivate var isOfStranger: Bool {
        [.notMdrive, .needsRole, .hungUp, .silence, .handshakeFailed].contains(code)
    }
}

extension NetworkError {
    /// True if the far end can be reached, and nobody listens there.
    fileprivate var isRefusal: Bool {
        guard code == .cannotConnect, let cause else { return false }
        return "\(cause)" == String(cString: strerror(ECONNREFUSED))
    }
}
