import BenchmarkSupport
import BenchmarkWork
import DriveNetworking
import Multiwriter

/// Files in a temporary folder, and drives beside them.
final class Sample {
    private let folder: TemporaryFolder
    private let tree: String

    init(fileCount: Int, byteCount: Int) throws {
        folder = try TemporaryFolder()
        tree = try folder.makeTree(fileCount: fileCount, byteCount: byteCount)
    }

    /// One drive that has everything, and an empty one.
    func makeDrives() throws -> (Drive, Drive) {
        let (full, empty) = (
            try Drive.open(at: folder.next()), try Drive.open(at: folder.next())
        )
        try full.importFolder([tree + "/"])
        return (full, empty)
    }

    func remove(_ drives: [Drive]) {
        for drive in drives {
            drive.close()
            folder.remove(drive.path)
        }
    }
}

/// Two drives with a connection that stays.
final class LivePair {
    private let folder: TemporaryFolder
    private let left: Drive
    private let right: Drive
    private let listener: DriveListener
    private let content = [UInt8](repeating: 0x61, count: 100)

    init() async throws {
        folder = try TemporaryFolder()
        left = try Drive.open(at: folder.next())
        right = try Drive.open(at: folder.next())
        listener = try await DriveNetwork(drive: left, logger: quiet)
            .listen(at: NetworkAddress(host: "127.0.0.1", port: 0))
        _ = try await DriveNetwork(drive: right, logger: quiet).connect(to: listener.address)
        try await write("first")
    }

    deinit {
        left.close()
        right.close()
    }

    /// Writes a file on the left, and waits until the right can read it.
    func write(_ name: String) async throws {
        // Begins to listen before there is anything to hear.
        var changes = right.changes().makeAsyncIterator()
        let reference = EntryReference(name: name, link: left.link)
        try await left.write(content, to: name)
        while try await read(reference) != content { await changes.next() }
    }

    /// What the right has of a file, `nil` if not all of it is there.
    private func read(_ reference: EntryReference) async throws -> [UInt8]? {
        do {
            return try await right.contents(of: reference).collected()
        } catch let error as DriveError
            where [.notHere, .unknownName, .unknownLink].contains(error.code)
        {
            return nil
        }
    }
}
