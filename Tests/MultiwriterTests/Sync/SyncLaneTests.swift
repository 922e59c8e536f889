import Cryptography
import Feeds
import Foundation
import Synchronization
import Testing

@testable import Multiwriter

/// The hub on its own thread, with streams that hand bytes to each other.
@Suite struct SyncLaneTests {
    @Test func `two drives exchange a file and a live write`() async throws {
        let world = try SyncWorld(2)
        try world.write("first", to: "a", on: 0)
        let (left, right) = (world[0], world[1])
        Self.join(left, right)
        try await Self.wait(on: right) { try right.entryNow(at: "a") != nil }
        try await left.write(Array("second".utf8), to: "b")
        try await Self.wait(on: right) { try right.entryNow(at: "b") != nil }
        try await Self.wait(on: right) { try Self.isSettled(right) }
    }

    @Test func `a write through another handle of the same store arrives`() async throws {
        let world = try SyncWorld(2)
        let (left, right) = (world[0], world[1])
        Self.join(left, right)
        let other = try Drive.open(at: left.path)
        try await other.write(Array("from outside".utf8), to: "c")
        try await Self.wait(on: right) { try right.entryNow(at: "c") != nil }
        other.close()
    }

    @Test func `a link added while connected is told`() async throws {
        let world = try SyncWorld(2)
        let (left, right) = (world[0], world[1])
        Self.join(left, right)
        let link = FeedKey(Digest.hash(of: [1, 2, 3]))
        try await left.add(link)
        try await Self.wait(on: right) { try right.readNow { try right.knows(link, in: $0) } }
    }

    @Test func `once ends on both sides`() async throws {
        let world = try SyncWorld(2)
        try world.write("first", to: "a", on: 0)
        let (one, other) = Self.join(world[0], world[1], ReplicationOptions(isOnce: true))
        try await one.finished()
        try await other.finished()
        #expect(try world.read("a", on: 1) == "first")
    }

    @Test func `closing a drive ends its streams, and the far end's`() async throws {
        let world = try SyncWorld(2)
        let (one, other) = Self.join(world[0], world[1])
        try await Self.wait(on: world[0]) { try Self.isSettled(world[0]) }
        world[0].close()
        try await one.finished()
        try await other.finished()
        let late = world[0].replicate()
        await #expect(throws: SyncError(.storage, "")) { try await late.finished() }
    }

    @Test func `unreplicate ends streams, and a new one catches up`() async throws {
        let world = try SyncWorld(2)
        let (left, right) = (world[0], world[1])
        let (one, other) = Self.join(left, right)
        try await Self.wait(on: right) { try Self.isSettled(right) }
        left.unreplicate()
        try await one.finished()
        try await other.finished()
        try await left.write(Array("later".utf8), to: "d")
        Self.join(left, right)
        try await Self.wait(on: right) { try right.entryNow(at: "d") != nil }
    }

    @Test func `what carried a stream is let go when the stream has ended`() async throws {
        let world = try SyncWorld(2)
        let ended = Mutex<[Weak]>([])
        for _ in 0..<3 {
            let stream = world[0].replicate(role: .responder)
            // As a door does it: the output holds the stream.
            stream.start { _ in withExtendedLifetime(stream) {} }
            ended.withLock { $0.append(Weak(stream)) }
            stream.close()
            try await stream.finished()
        }
        for _ in 0..<500 where ended.withLock({ $0.contains { $0.stream != nil } }) {
            try await Task.sleep(for: .milliseconds(10))
        }
        #expect(ended.withLock { $0.allSatisfy { $0.stream == nil } })
    }

    private struct Weak: Sendable {
        weak let stream: ReplicationStream?
        init(_ stream: ReplicationStream) { self.stream = stream }
    }

    @Test func `blocks are reported once, for every archive`() async throws {
        let world = try SyncWorld(2)
        let (left, right) = (world[0], world[1])
        let uploads = try await left.events()
        let downloads = try await right.events()
        try await left.write(Array("text".utf8), to: "a")
        let (one, other) = Self.join(left, right, ReplicationOptions(isOnce: true))
        try await one.finished()
        try await other.finished()
        left.close()
        right.close()
        let sent = await uploads.reduce(into: []) { $0.append($1) }
        let received = await downloads.reduce(into: []) { $0.append($1) }
        // The header and the entry in the index, one block of content.
        let up = sent.map { if case .upload(let blocks) = $0 { blocks.blockCount } else { 0 } }
        let down = received.map {
            if case .download(let blocks) = $0 { blocks.blockCount } else { 0 }
        }
        #expect(up.reduce(0, +) == 3)
        #expect(down.reduce(0, +) == 3)
        #expect(received.contains(.archive(left.link)))
    }

    private static func isSettled(_ drive: Drive) throws -> Bool {
        let peers = drive.syncStatus.peers
        return !peers.isEmpty && peers.allSatisfy { $0.isSettled && $0.isDrive }
    }

    /// Waits until something holds, looking whenever the drive changes.
    private static func wait(on drive: Drive, until isTrue: () throws -> Bool) async throws {
        let clock = ContinuousClock()
        let deadline = clock.now + .seconds(20)
        while try !isTrue() {
            try #require(clock.now < deadline, "not in time: \(drive.syncStatus)")
            try await clock.sleep(for: .milliseconds(5))
        }
    }

    /// Connects two drives through memory; each direction has a queue of its own.
    @discardableResult
    private static func join(
        _ left: Drive, _ right: Drive, _ options: ReplicationOptions = ReplicationOptions()
    ) -> (ReplicationStream, ReplicationStream) {
        let one = left.replicate(options: options)
        let other = right.replicate(options: options)
        pipe(one, to: other, DispatchQueue(label: "there"))
        pipe(other, to: one, DispatchQueue(label: "back"))
        return (one, other)
    }

    private static func pipe(
        _ source: ReplicationStream, to sink: ReplicationStream, _ queue: DispatchQueue
    ) {
        source.start { output in
            queue.async {
                switch output {
                case .write(let bytes):
                    bytes.withUnsafeBytes { sink.receive($0) }
                    source.didWrite(byteCount: bytes.count)
                case .close: sink.end()
                case .pauseReading, .resumeReading: break
                }
            }
        }
    }
}
