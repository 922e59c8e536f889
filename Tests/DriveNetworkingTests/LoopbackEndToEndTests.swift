import Foundation
import Logging
import Multiwriter
import TestSupport
import Testing

@testable import DriveNetworking

@Suite struct LoopbackEndToEndTests {
    @Test(arguments: ["127.0.0.1:0", "[::1]:0", ":0"])
    func `two drives meet over TCP`(text: String) async throws {
        let folder = try TemporaryFolder()
        let (left, right) = (try folder.drive("left"), try folder.drive("right"))
        try await left.write(Array("from the left".utf8), to: "left.txt")
        try await right.write(Array("from the right".utf8), to: "right.txt")
        let once = ReplicationOptions(isOnce: true)
        let server = DriveNetwork(drive: left, options: once, logger: quiet)
        let client = DriveNetwork(drive: right, options: once, logger: quiet)
        let listener = try await server.listen(at: NetworkAddress(parsing: text))
        let port = listener.address.port
        let host = text.hasPrefix("[") ? "::1" : "127.0.0.1"
        let stream = try await client.connect(to: NetworkAddress(host: host, port: port))
        try await stream.finished()
        await listener.close()
        #expect(try await folder.read("left.txt", from: right) == "from the left")
        #expect(try await folder.read("right.txt", from: left) == "from the right")
        #expect(right.syncStatus.receivedBlockCount > 0)
    }

    @Test func `several connections at once spread everything`() async throws {
        let folder = try TemporaryFolder()
        let hub = try folder.drive("hub")
        let network = DriveNetwork(drive: hub, logger: quiet)
        let listener = try await network.listen(at: NetworkAddress(host: "127.0.0.1", port: 0))
        var drives: [Drive] = []
        for number in 0..<4 {
            let drive = try folder.drive("d\(number)")
            try await drive.write(Array("from \(number)".utf8), to: "f\(number)")
            _ = try await DriveNetwork(drive: drive, logger: quiet).connect(to: listener.address)
            drives.append(drive)
        }
        for drive in drives {
            for number in 0..<4 {
                try await folder.wait(for: "f\(number)", on: drive)
                #expect(try await folder.read("f\(number)", from: drive) == "from \(number)")
            }
            drive.close()
        }
        await listener.close()
        hub.close()
    }

    @Test(.timeLimit(.minutes(1)))
    func `a large file passes with reading and writing held back`() async throws {
        let folder = try TemporaryFolder()
        let (left, right) = (try folder.drive("left"), try folder.drive("right"))
        let large = [UInt8](repeating: 7, count: 48 << 20)
        try await left.write(large, to: "large")
        var options = ReplicationOptions(isOnce: true)
        options.limits.outgoingByteCount = 1 << 20
        options.limits.incomingByteCount = 1 << 18
        let listener = try await DriveNetwork(drive: left, options: options, logger: quiet)
            .listen(at: NetworkAddress(host: "127.0.0.1", port: 0))
        let stream = try await DriveNetwork(drive: right, options: options, logger: quiet)
            .connect(to: listener.address)
        try await stream.finished()
        await listener.close()
        let reference = EntryReference(name: "large", link: left.link)
        let received = try await right.contents(of: reference).collected()
        #expect(received == large)
    }

    @Test func `an address that nobody listens at is one clear sentence`() async throws {
        let folder = try TemporaryFolder()
        let drive = try folder.drive("alone")
        let network = DriveNetwork(drive: drive, logger: quiet)
        // A port that was free a moment ago may be another test's by now; nobody is given port 1.
        let address = NetworkAddress(host: "127.0.0.1", port: 1)
        await #expect {
            _ = try await network.connect(to: address)
        } throws: { error in
            (error as? NetworkError)?.code == .cannotConnect
                && "\(error)".contains("refused")
        }
    }

    @Test func `an address that is taken is one clear sentence`() async throws {
        let folder = try TemporaryFolder()
        let drive = try folder.drive("alone")
        let network = DriveNetwork(drive: drive, logger: quiet)
        let listener = try await network.listen(at: NetworkAddress(host: "127.0.0.1", port: 0))
        await #expect {
            _ = try await network.listen(at: listener.address)
        } throws: { ($0 as? NetworkError)?.code == .cannotListen }
        await listener.close()
    }

    @Test(.timeLimit(.minutes(1)))
    func `an address is dialled until somebody is there`() async throws {
        let folder = try TemporaryFolder()
        let (left, right) = (try folder.drive("left"), try folder.drive("right"))
        try await left.write(Array("late".utf8), to: "a")
        let server = DriveNetwork(drive: left, logger: quiet)
        // Below the ports that the system gives to diallers. It is not tried beforehand: a program
        // that another test starts just then would hold it.
        let address = NetworkAddress(host: "127.0.0.1", port: Int.random(in: 20_000..<30_000))
        let client = DriveNetwork(drive: right, logger: quiet)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await client.stayConnected(to: address) }
            let second = try await server.listen(at: address)
            try await folder.wait(for: "a", on: right)
            group.cancelAll()
            await second.close()
            while let result = await group.nextResult() {
                #expect(throws: CancellationError.self) { try result.get() }
            }
        }
    }

    @Test func `garbage over TCP ends that connection alone`() async throws {
        let folder = try TemporaryFolder()
        let drive = try folder.drive("server")
        let network = DriveNetwork(drive: drive, logger: quiet)
        let (streams, found) = AsyncStream.makeStream(of: ReplicationStream.self)
        let listener = try await network.listen(at: NetworkAddress(host: "127.0.0.1", port: 0)) {
            found.yield($0)
        }
        let socket = try LoopbackClient(port: listener.address.port)
        try socket.send(Array("GET / HTTP/1.1\r\n\r\nand some more of it, to be sure".utf8))
        var iterator = streams.makeAsyncIterator()
        let stream = try #require(await iterator.next())
        await #expect(throws: SyncError(.notMdrive, "")) { try await stream.finished() }
        await listener.close()
    }
}
