import Archives
import Cryptography
import Feeds
import Foundation
import LMDB
import Merkle
import Testing

@testable import Multiwriter

@Suite struct DriveTests {
    @Test func `the own archive is made once and found again`() async throws {
        let folder = try TemporaryFolder()
        let path = folder.path + "/drive"
        let drive = try Drive.open(at: path)
        let link = drive.link
        try await drive.write(Array("x".utf8), to: "f")
        drive.close()
        drive.close()
        let again = try Drive.open(at: path, options: .mustExist)
        defer { again.close() }
        #expect(again.link == link)
        #expect(try await again.text("f") == "x")
        try await again.write(Array("y".utf8), to: "g")
        #expect(try await again.names() == ["f", "g"])
    }

    @Test func `a drive that never wrote is whole`() async throws {
        let folder = try TemporaryFolder()
        let drive = try Drive.open(at: folder.path + "/drive")
        drive.close()
        let again = try Drive.open(at: folder.path + "/drive", options: .mustExist)
        defer { again.close() }
        #expect(try await again.rows().isEmpty)
        try await again.write([1], to: "f")
        #expect(try await again.names() == ["f"])
    }

    @Test func `an absent drive is not made when it must exist`() throws {
        let folder = try TemporaryFolder()
        for options in [DriveOptions.mustExist, .readOnly] {
            #expect(throws: DriveError(.absent, "")) {
                try Drive.open(at: folder.path + "/none", options: options)
            }
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).isEmpty)
    }

    @Test func `a file is no drive`() throws {
        let folder = try TemporaryFolder()
        let path = try folder.write("file", "text")
        #expect(throws: DriveError(.notADrive, "")) { try Drive.open(at: path) }
        #expect(folder.read("file") == "text")
    }

    @Test func `the link is the one that JavaScript makes of the same primary key`() throws {
        let world = try World(1)
        defer { world[0].close() }
        let key = try #require(PrimaryKey([UInt8](repeating: 1, count: 32)))
        let publicKey = key.keyPair(named: "db").publicKey
        let kept = try world[0].readNow { snapshot in
            try snapshot.feed(for: world[0].link).map { try snapshot.manifest(of: $0) }
        }
        #expect(kept??.signers.map(\.publicKey) == [publicKey])
        #expect(kept??.feedKey == world[0].link)
    }

    @Test func `a read-only drive refuses to write and changes nothing`() async throws {
        let world = try World(1)
        try await world[0].write([1], to: "f")
        world[0].close()
        let drive = try Drive.open(at: world[0].path, options: .readOnly)
        defer { drive.close() }
        #expect(try await drive.names() == ["f"])
        await #expect(throws: DriveError(.notWritable, "")) { try await drive.write([1], to: "g") }
        #expect(throws: DriveError(.notWritable, "")) { try drive.addNow([drive.link]) }
        #expect(throws: DriveError(.notWritable, "")) { try drive.removeNow("f") }
    }

    @Test func `a closed drive says so`() async throws {
        let world = try World(1)
        let drive = world[0]
        let events = try await drive.events()
        drive.close()
        await #expect(throws: DriveError(.closed, "")) { try await drive.rows() }
        await #expect(throws: DriveError(.closed, "")) { try await drive.write([1], to: "f") }
        var count = 0
        for await _ in events { count += 1 }
        #expect(count == 1)
    }

    @Test func `links are followed once, up to the limit`() async throws {
        let folder = try TemporaryFolder()
        var options = DriveOptions()
        options.maximumArchiveCount = 3
        options.durability = .processCrash
        let drive = try Drive.open(at: folder.path + "/drive", options: options)
        defer { drive.close() }
        let links = (1...4).map { FeedKey(Digest([UInt8](repeating: $0, count: 32)) ?? .zero) }
        #expect(try await drive.add(links[1]))
        #expect(try await !drive.add(links[1]))
        #expect(try await !drive.add(drive.link))
        #expect(try drive.addNow([links[0]]) == [links[0]])
        #expect(try await drive.links() == [drive.link, links[0], links[1]])
        await #expect(throws: DriveError(.tooManyArchives, "")) { try await drive.add(links[2]) }
        #expect(try await drive.links().count == 3)
    }

    @Test func `events tell of archives, the own first`() async throws {
        try await withDrives { a, b in
            try a.addNow([b.link])
            var events = try await a.events().makeAsyncIterator()
            #expect(await events.next() == .archive(a.link))
            #expect(await events.next() == .archive(b.link))
            let other = FeedKey(Digest([UInt8](repeating: 9, count: 32)) ?? .zero)
            try await a.add(other)
            #expect(await events.next() == .archive(other))
            let block = BlockEvent(link: other, part: .index, block: 1, byteCount: 5)
            a.post([.download(block)])
            #expect(await events.next() == .download(block))
        }
    }

    @Test func `archives that somebody else adds are told of once`() async throws {
        let folder = try TemporaryFolder()
        let drive = try Drive.open(at: folder.path + "/drive")
        defer { drive.close() }
        // It commits as another process would.
        let other = try Drive.open(at: folder.path + "/drive")
        defer { other.close() }
        var events = try await drive.events().makeAsyncIterator()
        #expect(await events.next() == .archive(drive.link))
        for number: UInt8 in 1...5 {
            let link = FeedKey(Digest([UInt8](repeating: number, count: 32)) ?? .zero)
            try (number % 2 == 0 ? drive : other).addNow([link])
            #expect(await events.next() == .archive(link))
            drive.noteForeignCommit()
        }
        drive.post([.archive(drive.link)])
        #expect(await events.next() == .archive(drive.link))
    }

    @Test func `status counts what is held and what is missing`() async throws {
        try await withDrives { a, b in
            try await a.write([1, 2, 3], to: "f")
            try b.pull(from: a, content: false)
            let writers = try await b.writers()
            #expect(writers.map(\.link) == [b.link, a.link])
            #expect(writers[0].isOwn && writers[0].isComplete)
            #expect(writers[1].index.length == 2 && writers[1].index.missingCount == 0)
            #expect(writers[1].content != nil)
            try b.writeNow { try b.mark(a.link, "lied", in: $0) }
            #expect(try await b.writers()[1].mark == "lied")
        }
    }

    @Test func `wants are kept until they are held`() async throws {
        try await withDrives { a, b in
            try await a.write([1, 2, 3], to: "f")
            try b.pull(from: a, content: false)
            let content = try #require(try await b.writers()[1].content)
            let want = Want(feed: content.key, blocks: 0..<1)
            try b.writeNow { _ = try b.want([want, want], in: $0) }
            #expect(try b.readNow { try b.wants(in: $0) } == [want])
            #expect(try b.writeNow { try b.removeFulfilledWants(in: $0) } == 1)
            try b.pull(from: a)
            #expect(try b.writeNow { try b.removeFulfilledWants(in: $0) } == 0)
            #expect(try b.readNow { try b.wants(in: $0) }.isEmpty)
        }
    }

    @Test func `a newer format is refused in words`() throws {
        let world = try World(1)
        let drive = world[0]
        try drive.writeNow { transaction in
            try transaction.withEnvironmentTransaction { transaction in
                try transaction.put(
                    [99], forKey: DriveTables.formatKey, in: drive.tables.drive)
            }
        }
        drive.close()
        #expect(throws: DriveError(.newerFormat, "")) { try Drive.open(at: drive.path) }
    }

    @Test func `two opened drives of one folder see each other's writes`() async throws {
        let world = try World(1)
        let first = world[0]
        let second = try World.open(first.path, number: 0)
        defer {
            first.close()
            second.close()
        }
        try await first.write([1], to: "f")
        try await second.write([2], to: "g")
        try await first.write([3], to: "h")
        #expect(try await second.names() == ["f", "g", "h"])
        #expect(try first.verify().isSound)
    }

    @Test func `large files through two handles at once stay in one piece each`() async throws {
        let world = try World(1)
        let second = try World.open(world[0].path, number: 0)
        defer {
            world[0].close()
            second.close()
        }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for (drive, name) in [(world[0], "one"), (second, "two")] {
                group.addTask {
                    var writer = try drive.makeWriter(for: NewEntry(name: name))
                    for _ in 0..<18 {
                        try await writer.write([UInt8](repeating: 1, count: 1 << 20))
                    }
                    try await writer.finish()
                }
            }
            try await group.waitForAll()
        }
        for name in ["one", "two"] {
            let blob = try await second.entry(at: name)?.shown?.blob
            #expect(blob?.isBlockMap == false && blob?.byteLength == 18 << 20)
        }
    }

    @Test func `a store without a drive is no drive, unless one may be made in it`() throws {
        let folder = try TemporaryFolder()
        let path = folder.path + "/store"
        try FeedStore(path: path, options: FeedStoreOptions(durability: .processCrash)).close()
        #expect(throws: DriveError(.notADrive, "")) { try Drive.open(at: path, options: .readOnly) }
        try Drive.open(at: path).close()
        try Drive.open(at: path, options: .readOnly).close()
    }

    @Test func `a check of all that is stored finds nothing, then what was broken`() async throws {
        let world = try World(1)
        let drive = world[0]
        defer { drive.close() }
        try await drive.write([UInt8](repeating: 7, count: 200_000), to: "f")
        let report = try drive.verify()
        #expect(report.isSound && report.archiveCount == 1)
        #expect(report.blockCount == 2 + 4)
    }
}
