import BenchmarkWork
import Dispatch
import Synchronization

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Passes TCP connections of this machine on to a port, and counts the bytes of both directions.
final class Relay: Sendable {
    /// Where it takes connections.
    let port: UInt16
    private let listener: Int32
    private let target: UInt16
    private let passed = Atomic<Int>(0)

    /// The bytes that went through, both directions together.
    var byteCount: Double { Double(passed.load(ordering: .relaxed)) }

    init(to target: UInt16) throws {
        self.target = target
        listener = socket(AF_INET, Socket.stream, 0)
        port = try Socket.bind(listener)
        guard listen(listener, 8) == 0 else {
            throw Child.Failure(description: "the relay cannot listen: \(errno)")
        }
        let thread = DispatchQueue(label: "relay")
        thread.async { [self] in acceptAll() }
    }

    /// Takes no more connections; the waiting thread wakes up and ends.
    func stop() { shutdown(listener, Int32(SHUT_RDWR)) }

    private func acceptAll() {
        while true {
            let near = accept(listener, nil, nil)
            guard near >= 0 else { break }
            let far = socket(AF_INET, Socket.stream, 0)
            guard Socket.connect(far, to: target) else {
                close(near)
                close(far)
                continue
            }
            pass(from: near, to: far)
            pass(from: far, to: near)
        }
        close(listener)
    }

    private func pass(from source: Int32, to target: Int32) {
        DispatchQueue(label: "direction").async { [self] in
            let buffer = UnsafeMutableRawPointer.allocate(byteCount: 1 << 18, alignment: 16)
            defer { buffer.deallocate() }
            while true {
                let count = read(source, buffer, 1 << 18)
                guard count > 0 else { break }
                passed.add(count, ordering: .relaxed)
                var sent = 0
                while sent < count {
                    let step = send(target, buffer + sent, count - sent, Socket.noSignal)
                    guard step > 0 else { break }
                    sent += step
                }
            }
            shutdown(target, Int32(SHUT_WR))
        }
    }
}

/// Sockets of this machine.
enum Socket {
    #if canImport(Glibc)
        static let stream = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
        static let noSignal = Int32(MSG_NOSIGNAL)
    #else
        static let stream = SOCK_STREAM
        static let noSignal: Int32 = 0
    #endif

    /// Binds a socket to a port that the system chooses.
    static func bind(_ descriptor: Int32) throws -> UInt16 {
        var address = loopback(port: 0)
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                #if canImport(Glibc)
                    Glibc.bind(descriptor, $0, length) == 0
                        && getsockname(descriptor, $0, &length) == 0
                #else
                    Darwin.bind(descriptor, $0, length) == 0
                        && getsockname(descriptor, $0, &length) == 0
                #endif
            }
        }
        guard isBound else { throw Child.Failure(description: "no port is free: \(errno)") }
        return UInt16(bigEndian: address.sin_port)
    }

    /// A port that is free now, for programs that must be told one.
    static func freePort() throws -> UInt16 {
        let descriptor = socket(AF_INET, stream, 0)
        defer { close(descriptor) }
        return try bind(descriptor)
    }

    /// True if somebody listens there.
    static func connect(_ descriptor: Int32, to port: UInt16) -> Bool {
        var address = loopback(port: port)
        let length = socklen_t(MemoryLayout<sockaddr_in>.size)
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                #if canImport(Glibc)
                    Glibc.connect(descriptor, $0, length) == 0
                #else
                    Darwin.connect(descriptor, $0, length) == 0
                #endif
            }
        }
    }

    private static func loopback(port: UInt16) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        return address
    }
}
