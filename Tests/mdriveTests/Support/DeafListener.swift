import Foundation
import TestSupport

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
