import NIOCore

/// An address that takes connections until it is closed.
public final class DriveListener: Sendable {
    private let channel: any Channel

    init(_ channel: any Channel) {
        self.channel = channel
    }

    /// The address that is listened on, with the port that the system chose.
    public var address: NetworkAddress {
        NetworkAddress(channel.localAddress)
    }

    /// Takes no more connections; those that are open go on.
    public func close() async {
        try? await channel.close().get()
    }
}

extension NetworkAddress {
    init(_ address: SocketAddress?) {
        self.init(host: address?.ipAddress ?? "", port: address?.port ?? 0)
    }
}
