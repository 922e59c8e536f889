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

    let drive: Drive
    let report: SyncReport
    let isVerbose: Bool
    /// Moments at which it is looked what is missing.
    let lackMoments: AsyncStream<Void>
    let pokes: AsyncStream<Void>.Continuation
    private let network: DriveNetwork
    private let isOnce: Bool
    private let wait: Duration

    init(_ drive: Drive, isOnce: Bool, isPipe: Bool = false, wait: Duration, isVerbose: Bool) {
        self.drive = drive
        self.isOnce = isOnce
        self.wait = wait
        self.isVerbose = isVerbose
        report = SyncReport(isOnce: isOnce)
        (lackMoments, pokes) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
        var options = ReplicationOptions(isOnce: isOnce)
        options.isPipe = isPipe
        let settled = options
        // Everything that happens is told in sentences of ours.
        let logger = Logger(label: "mdrive") { SwiftLogNoOpLogHandler($0) }
        network = DriveNetwork(logger: logger) { drive.replicate(role: $0, options: settled) }
    }

    /// Runs until all are done, one fails, or a signal comes.
    func run(_ meetings: [Meeting]) async throws {
        let interruption = Interruption()
        tellEvents()
        let desk = openDesk()
        defer { withExtendedLifetime(desk) {} }
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
            if isVerbose {
                group.addTask { await self.tellLacks() }
                group.addTask { await self.poke() }
            }
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

    /// Lets other programs ask how this one stands; it does its work without that, too.
    private func openDesk() -> SyncDesk? {
        let (drive, report) = (drive, report)
        do throws(SystemCalls.Problem) {
            return try SyncDesk(in: drive.path) { report.json(drive.syncStatus) }
        } catch {
            if isVerbose { StandardError.write("'status' cannot see this sync: \(error)") }
            return nil
        }
    }

    /// Looks every second what is missing.
    private func poke() async -> Outcome {
        while (try? await Task.sleep(for: .seconds(1))) != nil { pokes.yield() }
        return .done
    }

    enum Outcome {
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
        report.note(.pipe, at: "standard input and output")
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
        SystemCalls.raiseDescriptorLimit()
        report.note(.listen, at: "\(listener.address)")
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
        } catch let error as SyncError where error.code == .crowded {
            // A storm of them is no news to anybody who did not ask for all that happens.
            return
        } catch let error as SyncError where !isOnce || error.isOfStranger {
            StandardError.write(Failure.sentence(error))
            return
        }
        if isOnce, !Task.isCancelled { throw Completed() }
    }

    /// Dials, and without `--once` again whenever the connection has ended.
    private func connect(to address: NetworkAddress) async throws {
        report.note(.connect, at: "\(address)")
        do {
            try await end(of: dial(address))
        } catch let error as SyncError
            where !isOnce && [.transport, .dismissed].contains(error.code)
        {
            StandardError.write(Failure.sentence(error) + ": dialling \(address) again")
        }
        guard !isOnce, !Task.isCancelled else { return }
        if isVerbose { StandardError.write("\(address) has hung up, dialling again") }
        try await network.stayConnected(to: address) { _ in
            self.report.note(failure: nil, at: "\(address)")
        } onFailure: { error in
            self.noteFailure(error, at: address)
        }
    }

    private func noteFailure(_ error: any Error, at address: NetworkAddress) {
        let sentence = Failure.sentence(error)
        report.note(failure: sentence, at: "\(address)")
        if isVerbose { StandardError.write("\(sentence): dialling \(address) again") }
    }

    /// Dials for a while, because who is dialled may only be starting.
    private func dial(_ address: NetworkAddress) async throws -> ReplicationStream {
        let clock = ContinuousClock()
        let deadline = clock.now + wait
        while true {
            do throws(NetworkError) {
                let stream = try await network.connect(to: address)
                report.note(failure: nil, at: "\(address)")
                return stream
            } catch {
                guard error.isRefusal, clock.now < deadline else { throw error }
                report.note(failure: Failure.sentence(error), at: "\(address)")
            }
            ProgressLine.shared.show { "waiting for somebody to listen on \(address)" }
            try await clock.sleep(for: .milliseconds(50))
        }
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
