import Foundation
import Logging
import Multiwriter
import Testing

@testable import DriveNetworking

#if canImport(Glibc)
    import Glibc
    private let streamType = Int32(SOCK_STREAM.rawValue)
#else
    import Darwin
    private let streamType = SOCK_STREAM
#endif

@Suite struct DriveNetworkPipesTests {
    private func makeSocketPair() throws -> (Int32, Int32) {
        var ends: [Int32] = [-1, -1]
        try #require(socketpair(AF_UNIX, streamType, 0, &ends) == 0)
        try keepFromChildren(ends)
        return (ends[0], ends[1])
    }

    private func makePipe() throws -> (read: Int32, write: Int32) {
        var ends: [Int32] = [-1, -1]
        try #require(pipe(&ends) == 0)
        try keepFromChildren(ends)
        return (ends[0], ends[1])
    }

    /// A program that another test starts must not hold an end open.
    private func keepFromChildren(_ ends: [Int32]) throws {
        for end in ends { try #require(fcntl(end, F_SETFD, FD_CLOEXEC) == 0) }
    }

    @Test func `two drives meet over a socket pair, neither knowing who begins`() async throws {
        let folder = try TemporaryFolder()
        let (left, right) = (try folder.drive("left"), try folder.drive("right"))
        try await left.write(Array("hello".utf8), to: "a")
        let (one, other) = try makeSocketPair()
        try await meet(left, (one, one), right, (other, other))
        close(one)
        close(other)
        #expect(try await folder.read("a", from: right) == "hello")
    }

    @Test func `two drives meet over two pipes`() async throws {
        let folder = try TemporaryFolder()
        let (left, right) = (try folder.drive("left"), try folder.drive("right"))
        try await left.write(Array("hello".utf8), to: "a")
        let (there, back) = (try makePipe(), try makePipe())
        try await meet(left, (back.read, there.write), right, (there.read, back.write))
        for end in [there.read, there.write, back.read, back.write] { close(end) }
        #expect(try await folder.read("a", from: right) == "hello")
    }

    private func meet(
        _ left: Drive, _ leftEnds: (Int32, Int32), _ right: Drive, _ rightEnds: (Int32, Int32)
    ) async throws {
        let once = ReplicationOptions(isOnce: true)
        let one = try await DriveNetwork(drive: left, options: once, logger: quiet)
            .replicate(input: leftEnds.0, output: leftEnds.1)
        let other = try await DriveNetwork(drive: right, options: once, logger: quiet)
            .replicate(input: rightEnds.0, output: rightEnds.1)
        try await one.finished()
        try await other.finished()
    }

    @Test(arguments: ["/dev/null", "/etc/passwd"])
    func `a file as standard input is one clear sentence`(path: String) async throws {
        let folder = try TemporaryFolder()
        let drive = try folder.drive("alone")
        let input = open(path, O_RDONLY)
        let output = open("/dev/null", O_WRONLY)
        defer {
            close(input)
            close(output)
        }
        let stream = try await DriveNetwork(drive: drive, logger: quiet)
            .replicate(input: input, output: output)
        await #expect {
            try await stream.finished()
        } throws: { error in
            let code = (error as? SyncError)?.code
            return code == (path == "/dev/null" ? .hungUp : .notMdrive)
        }
    }

    @Test func `what is sent coming back is one clear sentence`() async throws {
        let folder = try TemporaryFolder()
        let drive = try folder.drive("alone")
        let loop = try makePipe()
        let stream = try await DriveNetwork(drive: drive, logger: quiet)
            .replicate(input: loop.read, output: loop.write)
        await #expect(throws: SyncError(.ourselves, "")) { try await stream.finished() }
        for end in [loop.read, loop.write] { close(end) }
    }

    @Test func `the descriptors stay open and blocking`() async throws {
        let folder = try TemporaryFolder()
        let drive = try folder.drive("alone")
        let (one, other) = try makeSocketPair()
        let stream = try await DriveNetwork(drive: drive, logger: quiet)
            .replicate(input: one, output: one)
        close(other)
        await #expect(throws: SyncError(.hungUp, "")) { try await stream.finished() }
        #expect(fcntl(one, F_GETFL) >= 0)
        close(one)
    }
}
