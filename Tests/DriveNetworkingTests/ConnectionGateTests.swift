import Foundation
import Logging
import Multiwriter
import TestSupport
import Testing

@testable import DriveNetworking

@Suite struct ConnectionGateTests {
    /// A drive that listens, and takes few connections.
    private struct Place {
        let folder = try? TemporaryFolder()
        let drive: Drive
        let listener: DriveListener
        let streams: AsyncStream<ReplicationStream>

        init(connections: Int, handshakes: Int) async throws {
            let folder = try #require(folder)
            drive = try folder.drive("server")
            try await drive.write(Array("served".utf8), to: "a")
            var limits = ConnectionLimits()
            limits.connectionCount = connections
            limits.handshakeCount = handshakes
            let (streams, found) = AsyncStream.makeStream(of: ReplicationStream.self)
            self.streams = streams
            let drive = drive
            let network = DriveNetwork(logger: quiet, limits: limits) { drive.replicate(role: $0) }
            listener = try await network.listen(at: NetworkAddress(host: "127.0.0.1", port: 0)) {
                found.yield($0)
            }
        }

        /// Meets it as an honest drive does.
        func expectServed(_ name: String) async throws {
            let folder = try #require(folder)
            let honest = try folder.drive(name)
            let network = DriveNetwork(drive: honest, logger: quiet)
            let stream = try await network.connect(to: listener.address)
            try await folder.wait(for: "a", on: honest)
            #expect(try await folder.read("a", from: honest) == "served")
            stream.close()
            try await stream.finished()
            honest.close()
        }
    }

    @Test(.timeLimit(.minutes(1)), arguments: [(1000, 8), (8, 1000)])
    func `who completes no handshake makes room for who comes`(
        connections: Int, handshakes: Int
    ) async throws {
        let place = try await Place(connections: connections, handshakes: handshakes)
        let port = place.listener.address.port
        let storm = try (0..<40).map { _ in try LoopbackClient(port: port) }
        var iterator = place.streams.makeAsyncIterator()
        var first: ReplicationStream?
        for number in storm.indices {
            let stream = try #require(await iterator.next())
            if number == 0 { first = stream }
        }
        while place.drive.syncStatus.peers.count > 8 { await Task.yield() }
        try await place.expectServed("honest")
        await #expect(throws: SyncError(.crowded, "")) { try await first?.finished() }
        await place.listener.close()
        place.drive.close()
        withExtendedLifetime(storm) {}
    }

    @Test(.timeLimit(.minutes(1)))
    func `beyond the limit of connections who comes is sent away`() async throws {
        let place = try await Place(connections: 2, handshakes: 8)
        let folder = try #require(place.folder)
        var drives: [Drive] = []
        for number in 0..<2 {
            let drive = try folder.drive("d\(number)")
            let network = DriveNetwork(drive: drive, logger: quiet)
            _ = try await network.connect(to: place.listener.address)
            try await folder.wait(for: "a", on: drive)
            drives.append(drive)
        }
        let late = try folder.drive("late")
        let network = DriveNetwork(drive: late, logger: quiet)
        let stream = try await network.connect(to: place.listener.address)
        var iterator = place.streams.makeAsyncIterator()
        for _ in 0..<2 { _ = await iterator.next() }
        let refused = try #require(await iterator.next())
        await #expect(throws: SyncError(.crowded, "")) { try await refused.finished() }
        // Whether the handshake was complete by then is a matter of luck.
        _ = try? await stream.finished()
        #expect(try await folder.read("a", from: late) == nil)
        #expect(place.drive.syncStatus.peers.count == 2)
        // Room that somebody leaves is there again.
        let events = place.drive.syncStatus.peers.count
        drives.removeLast().close()
        while place.drive.syncStatus.peers.count == events { await Task.yield() }
        try await place.expectServed("next")
        for drive in drives + [late, place.drive] { drive.close() }
        await place.listener.close()
    }
}
