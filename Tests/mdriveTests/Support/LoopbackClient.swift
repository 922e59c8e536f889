import Foundation

/// A connection to this machine that says whatever a test wants.
struct LoopbackClient {
    private let descriptor: Descriptor

    /// Connects to `127.0.0.1:PORT`.
    init(_ address: String) throws {
        #if canImport(Darwin)
            descriptor = try Descriptor(socket(AF_INET, SOCK_STREAM, 0))
        #else
            descriptor = try Descriptor(socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0))
        #endif
        var name = sockaddr_in()
        name.sin_family = sa_family_t(AF_INET)
        name.sin_port = (UInt16(address.split(separator: ":").last ?? "") ?? 0).bigEndian
        name.sin_addr.s_addr = inet_addr("127.0.0.1")
        let result = withUnsafePointer(to: &name) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor.number, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard result == 0 else { throw POSIXError(.ECONNREFUSED) }
    }

    func send(_ bytes: [UInt8]) throws {
        guard write(descriptor.number, bytes, bytes.count) == bytes.count else {
            throw POSIXError(.EPIPE)
        }
    }
}

/// An address of this machine at which nobody answers: its queue is full.
struct DeafListener {
    let address: String
    private let descriptor: Descriptor
    private let first: LoopbackClient

    init() throws {
        #if canImport(Darwin)
            descriptor = try Descriptor(socket(AF_INET, SOCK_STREAM, 0))
        #else
            descriptor = try Descriptor(socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0))
        #endif
        var name = sockaddr_in()
        name.sin_family = sa_family_t(AF_INET)
        name.sin_addr.s_addr = inet_addr("127.0.0.1")
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let number = descriptor.number
        let result = withUnsafeMutablePointer(to: &name) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(number, $0, size) + listen(number, 0) + getsockname(number, $0, &size)
            }
        }
        guard result == 0 else { throw POSIXError(.EADDRINUSE) }
        address = "127.0.0.1:\(UInt16(bigEndian: name.sin_port))"
        first = try LoopbackClient(address)
    }
}

extension String {
    /// What stands between spaces.
    var words: [String] { split(separator: " ").map(String.init) }
}
