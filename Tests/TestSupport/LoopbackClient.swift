import Foundation

/// A connection to this machine that says whatever a test wants.
public final class LoopbackClient: Sendable {
    private let descriptor: Int32

    /// Connects to a port of `127.0.0.1`.
    public init(port: Int) throws {
        #if canImport(Darwin)
            descriptor = socket(AF_INET, SOCK_STREAM, 0)
        #else
            descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        #endif
        guard descriptor >= 0 else { throw POSIXError(.EMFILE) }
        var name = sockaddr_in()
        name.sin_family = sa_family_t(AF_INET)
        name.sin_port = in_port_t(port).bigEndian
        name.sin_addr.s_addr = inet_addr("127.0.0.1")
        let result = withUnsafePointer(to: &name) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard result == 0 else { throw POSIXError(.ECONNREFUSED) }
    }

    /// Connects to `127.0.0.1:PORT`.
    public convenience init(_ address: String) throws {
        try self.init(port: Int(address.split(separator: ":").last ?? "") ?? 0)
    }

    deinit { close(descriptor) }

    /// Sends bytes, all of them.
    public func send(_ bytes: [UInt8]) throws {
        guard write(descriptor, bytes, bytes.count) == bytes.count else {
            throw POSIXError(.EPIPE)
        }
    }
}
