import Cryptography
import Foundation
import Multiwriter
import Testing

/// The scenarios of the 2016 original about making a drive and writing to it, each under its own
/// name: what its users rely on, and in the place of its accidents what they would expect.
@Suite struct SeedWritingScenarioTests {
    @Test func `constructor-forms`() throws {
        let world = try World(1)
        defer { world[0].close() }
        #expect(world[0].link.bytes.count == 32)
    }

    @Test func `persistence`() async throws {
        let world = try World(2)
        let (a, b) = (world[0], world[1])
        try await a.write([1], to: "x")
        try await b.write([2], to: "y")
        try a.pull(from: b)
        let known = try await a.links()
        #expect(known == [a.link, b.link])
        a.close()
        let again = try World.open(a.path, number: 0)
        defer { again.close() }
        #expect(again.link == a.link)
        var events = try await again.events().makeAsyncIterator()
        #expect(await events.next() == .archive(a.link))
        #expect(await events.next() == .archive(b.link))
        #expect(try await again.names() == ["x", "y"])
        try await again.write([3], to: "w")
        #expect(try await again.names() == ["x", "y", "w"])
    }

    @Test func `persistence-of-links-before-any-write`() async throws {
        let world = try World(1)
        let link = world[0].link
        world[0].close()
        let again = try World.open(world[0].path, number: 0)
        defer { again.close() }
        #expect(again.link == link)
        #expect(try await again.rows().isEmpty)
        try await again.write([1], to: "f")
        #expect(try await again.names() == ["f"])
    }

    @Test func `write-string-and-object`() async throws {
        try await withDrive { drive in
            try await drive.write(Array("x".utf8), to: "s")
            var entry = NewEntry(name: "o")
            entry.linkname = "ln"
            entry.mode = 420
            entry.uid = 1000
            entry.gid = 100
            entry.mtime = Timestamp(milliseconds: 1_480_000_000_000)
            entry.ctime = Timestamp(milliseconds: 1_480_000_000_001)
            var object = try drive.makeWriter(for: entry)
            try await object.write(Array("yy".utf8))
            try await object.finish()
            #expect(throws: DriveError(.badEntry, "")) {
                _ = try drive.makeWriter(for: NewEntry(name: "d", type: .directory)).finishNow()
            }
            try await drive.write([], to: "empty")
            try await drive.write(Array("z".utf8), to: "/a//b/../c")
            var chunks = try drive.makeWriter(for: NewEntry(name: "chunks"))
            for text in ["a", "b", "c"] { try await chunks.write(Array(text.utf8)) }
            try await chunks.finish()
            try await drive.write(Array("u".utf8), to: "ü/日本")
            let rows = try await drive.rows()
            #expect(rows.map(\.name) == ["s", "o", "empty", "a//b/../c", "chunks", "ü/日本"])
            #expect(rows.map(\.length) == [1, 2, 0, 1, 3, 1])
            #expect(rows.map(\.blocks) == [1, 1, 0, 1, 1, 1])
            #expect(rows.map(\.content.blockOffset) == [0, 1, 2, 2, 3, 4])
            #expect(rows.map(\.content.bytesOffset) == [0, 1, 3, 3, 4, 7])
            let json = rows[1].json
            #expect(
                json.hasPrefix(
                    #"{"name":"o","linkname":"ln","length":2,"blocks":1,"mode":420,"uid":1000,"#
                        + #""gid":100,"mtime":1480000000000,"ctime":1480000000001,"content":"#))
            for (name, text) in [("s", "x"), ("o", "yy"), ("empty", ""), ("chunks", "abc")] {
                #expect(try await drive.text(name, of: drive.link) == text)
            }
            let reference = try EntryReference(parsing: rows[2].json)
            #expect(try await drive.contents(of: reference).collected().isEmpty)
        }
    }

    @Test(arguments: ["write-without-name", "write-empty-name"])
    func `write-without-name, write-empty-name`(scenario: String) async throws {
        try await withDrive { drive in
            await #expect(throws: DriveError(.badName, "")) { try await drive.write([1], to: "") }
            #expect(throws: DriveError(.badReference, "")) {
                try EntryReference(parsing: #"{"link":"\#(drive.link.hexadecimal)"}"#)
            }
            let rows = try await drive.rows()
            #expect(rows.isEmpty)
        }
    }

    @Test func `parallel-writes`() async throws {
        try await withDrive { drive in
            var first = try drive.makeWriter(for: NewEntry(name: "first"))
            var second = try drive.makeWriter(for: NewEntry(name: "second"))
            try await second.write(Array("2222".utf8))
            try await second.finish()
            try await first.write(Array("1".utf8))
            try await first.finish()
            #expect(try await drive.names() == ["second", "first"])
            #expect(try await drive.text("first") == "1")
            #expect(try await drive.text("second") == "2222")
        }
    }

    @Test func `block-sizes`() async throws {
        try await withDrive { drive in
            let zeros = [UInt8](repeating: 0, count: 100_000)
            try await drive.write(zeros, to: "zeros")
            var writer = try drive.makeWriter(for: NewEntry(name: "small-then-small"))
            for _ in 0..<2 { try await writer.write([UInt8](repeating: 1, count: 100)) }
            let small = try await writer.finish()
            #expect(small.blocks == 1 && small.length == 200)
            var pieces: [Int] = []
            let reference = EntryReference(name: "zeros", link: drive.link)
            for try await piece in try await drive.contents(of: reference) {
                pieces.append(piece.count)
            }
            #expect(pieces == [65_536, 34_464])
        }
    }

    @Test func `append-directory-symlink-hardlink`() async throws {
        try await withDrive { drive in
            try await drive.write(Array("file".utf8), to: "f")
            var entries = [NewEntry(name: "d", type: .directory)]
            entries[0].mode = 493
            for (name, type) in [("l", EntryType.symlink), ("h", .hardlink)] {
                entries.append(NewEntry(name: name, type: type))
                entries[entries.count - 1].linkname = "f"
            }
            entries.append(NewEntry(name: "f", type: .directory))
            for entry in entries { try await drive.append(entry) }
            let rows = try await drive.rows()
            #expect(rows.map(\.type) == [.file, .directory, .symlink, .hardlink, .directory])
            #expect(rows.map(\.mode) == [0, 493, 0, 0, 0])
            #expect(rows.dropFirst().allSatisfy { $0.length == 0 && $0.blocks == 0 })
            #expect(rows.dropFirst().allSatisfy { $0.content.bytesOffset == 4 })
            #expect(try await drive.text("l", of: drive.link) == "")
            #expect(try await drive.text("f", of: drive.link) == "")
        }
    }

    @Test func `append-string, append-file-object, append-unknown-type, append-type-index`()
        async throws
    {
        try await withDrive { drive in
            await #expect(throws: DriveError(.badEntry, "")) {
                try await drive.append(NewEntry(name: "f"))
            }
            #expect(EntryType(rawValue: "unknown") == nil && EntryType(rawValue: "index") == nil)
            let rows = try await drive.rows()
            #expect(rows.isEmpty)
        }
    }

    @Test func `option-file`() async throws {
        let folder = try TemporaryFolder()
        let path = try folder.write("on-disk", "from the disk")
        try await withDrive { drive in
            try await drive.write(Array("hello".utf8), to: "x")
            try drive.importFolder([path])
            let rows = try await drive.rows()
            #expect(rows.map(\.name) == ["x", "on-disk"] && rows.map(\.length) == [5, 13])
            #expect(try await drive.text("on-disk", of: drive.link) == "from the disk")
        }
    }

    @Test func `close, close-before-ready`() async throws {
        let world = try World(1)
        let drive = world[0]
        drive.close()
        drive.close()
        await #expect(throws: DriveError(.closed, "")) { try await drive.rows() }
        await #expect(throws: DriveError(.closed, "")) { try await drive.write([1], to: "f") }
    }
}
