public import Logging
public import Multiwriter
import NIOCore
import NIOPosix

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Connects a drive to others over TCP, and over pairs of file descriptors.
///
/// Any number of connections may be open at once; each is one ``ReplicationStream``.
public final class DriveNetwork: Sendable {
    /// Makes the replication for a connection that is about to open.
    public typealias StreamMaker = @Sendable (ReplicationRole) -> ReplicationStream

    let makeStream: StreamMaker
    let logger: Logger
    let group: MultiThreadedEventLoopGroup
    private let gate: ConnectionGate

    /// The receive buffer: large reads are what makes decrypting in batches possible.
    static let receiveByteCount = 256 * 1024

    /// Makes a network whose replications come from a closure, usually `drive.replicate`.
    public init(
        logger: Logger, limits: ConnectionLimits = ConnectionLimits(),
        makeStream: @escaping StreamMaker
    ) {
        gate = ConnectionGate(limits)
        self.logger = logger
        self.makeStream = makeStream
        group = .singleton
    }

    /// Makes a network for the replications of a drive, whose events are logged.
    public convenience init(
        drive: Drive, options: ReplicationOptions = ReplicationOptions(), logger: Logger
    ) {
        self.init(logger: logger) { drive.replicate(role: $0, options: options) }
        drive.onSyncEvent { Self.log($0, to: logger) }
    }

    private static func log(_ event: SyncEvent, to logger: Logger) {
        var metadata: Logger.Metadata = ["connection": "\(event.connection)"]
        if let peer = event.peer { metadata["peer"] = "\(peer)" }
        if let feed = event.feed { metadata["feed"] = "\(feed)" }
        let level: Logger.Level =
            switch event.kind {
            case .problem, .refused, .refusedByPeer: .warning
            case .connected, .ended, .learned: .debug
            case .settled, .opened: .trace
            }
        logger.log(level: level, "\(event)", metadata: metadata)
    }

    /// Dials an address; returns when the connection is open, before the handshake.
    ///
    /// Cancelling the task ends the attempt at once.
    /// The dialler is the initiator of the encrypted stream.
    public func connect(to address: NetworkAddress) async throws(NetworkError) -> ReplicationStream
    {
        let stream = makeStream(.initiator)
        stream.locate(at: "\(address)")
        let host = address.host.isEmpty ? "localhost" : address.host
        do {
            let future = ClientBootstrap(group: group)
                .channelOption(.tcpOption(.tcp_nodelay), value: 1)
                .channelOption(.allowRemoteHalfClosure, value: true)
                .channelOption(.recvAllocator, value: Self.receiveAllocator)
                .connectTimeout(.seconds(20))
                .channelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        try channel.pipeline.syncOperations.addHandler(ReplicationHandler(stream))
                    }
                }
                .connect(host: host, port: address.port)
            let channel = try await PendingConnection().channel(of: future)
            logger.debug(
                "connected", metadata: ["peer": "\(channel.remoteAddress?.description ?? "?")"])
        } catch {
            stream.close()
            throw NetworkError(
                .cannotConnect, "\(address) cannot be reached.", cause: error.plain)
        }
        return stream
    }

    /// Accepts connections at an address until the listener is closed.
    ///
    /// `onConnection` is called with every replication that begins.
    public func listen(
        at address: NetworkAddress,
        onConnection: @escaping @Sendable (ReplicationStream) -> Void = { _ in }
    ) async throws(NetworkError) -> DriveListener {
        let makeStream = makeStream
        let logger = logger
        let gate = gate
        let bootstrap = ServerBootstrap(group: group)
            .serverChannelOption(.backlog, value: 256)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelOption(.allowRemoteHalfClosure, value: true)
            .childChannelOption(.recvAllocator, value: Self.receiveAllocator)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let stream = makeStream(.responder)
                    stream.locate(at: "\(NetworkAddress(channel.remoteAddress))")
                    try channel.pipeline.syncOperations.addHandler(ReplicationHandler(stream))
                    logger.debug(
                        "accepted",
                        metadata: ["peer": "\(channel.remoteAddress?.description ?? "?")"])
                    gate.admit(stream)
                    channel.closeFuture.whenComplete { _ in gate.forget(stream) }
                    onConnection(stream)
                }
            }
        do {
            let channel = try await Self.bind(bootstrap, to: address)
            return DriveListener(channel)
        } catch {
            throw NetworkError(
                .cannotListen, "\(address) cannot be listened on.", cause: error.plain)
        }
    }

    /// An empty host binds `::`, which takes IPv4 too, or `0.0.0.0` where there is no IPv6.
    private static func bind(
        _ bootstrap: ServerBootstrap, to address: NetworkAddress
    ) async throws -> any Channel {
        guard address.host.isEmpty else {
            return try await bootstrap.bind(host: address.host, port: address.port).get()
        }
        do {
            return try await bootstrap.bind(host: "::", port: address.port).get()
        } catch let error as IOError where error.errnoCode == EADDRINUSE {
            throw error
        } catch {
            return try await bootstrap.bind(host: "0.0.0.0", port: address.port).get()
        }
    }

    // Every connection keeps one of these: large ones only where much arrives.
    static let receiveAllocator = AdaptiveRecvByteBufferAllocator(
        minimum: 2 * 1024, initial: 4 * 1024, maximum: receiveByteCount)
}
