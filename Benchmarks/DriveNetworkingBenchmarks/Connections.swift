import DriveNetworking
import Logging
import Multiwriter

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// What two drives are connected by.
enum Way: String, CustomStringConvertible {
    case tcp = "TCP"
    case pipe = "pipes"

    var description: String { rawValue }
}

let quiet = Logger(label: "benchmark") { _ in SwiftLogNoOpLogHandler() }

/// Brings two drives up to date with one another.
func sync(_ left: Drive, _ right: Drive, over way: Way) async throws {
    let options = ReplicationOptions(isOnce: true)
    let near = DriveNetwork(drive: left, options: options, logger: quiet)
    let far = DriveNetwork(drive: right, options: options, logger: quiet)
    switch way {
    case .tcp:
        let (streams, accepted) = AsyncStream.makeStream(of: ReplicationStream.self)
        let listener = try await near.listen(at: NetworkAddress(host: "127.0.0.1", port: 0)) {
            accepted.yield($0)
        }
        let stream = try await far.connect(to: listener.address)
        try await stream.finished()
        var iterator = streams.makeAsyncIterator()
        try await iterator.next()?.finished()
        await listener.close()
    case .pipe:
        let (forth, back) = (try Pipe(), try Pipe())
        defer {
            forth.closeBoth()
            back.closeBoth()
        }
        let one = try await near.replicate(input: back.reader, output: forth.writer)
        let other = try await far.replicate(input: forth.reader, output: back.writer)
        try await one.finished()
        try await other.finished()
    }
}

/// A pipe of the system.
private struct Pipe {
    let reader: Int32
    let writer: Int32

    struct Failure: Error { let code: Int32 }

    init() throws {
        var ends: [Int32] = [0, 0]
        guard pipe(&ends) == 0 else { throw Failure(code: errno) }
        (reader, writer) = (ends[0], ends[1])
    }

    func closeBoth() {
        close(reader)
        close(writer)
    }
}
