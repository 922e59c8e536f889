import Cryptography
import Multiwriter
import Testing

@Suite struct HistoryScenarioTests {
    @Test func `every write is a row, each with its own length and place`() async throws {
        try await withDrive { drive in
            #expect(try await drive.rows().isEmpty)
            try await drive.write(Array("first".utf8), to: "b.txt")
            try await drive.write(Array("A".utf8), to: "a.txt")
            try await drive.write(Array("second!".utf8), to: "b.txt")
            try await drive.remove(at: "a.txt")
            let rows = try await drive.rows()
            #expect(rows.map(\.name) == ["b.txt", "a.txt", "b.txt"])
            #expect(rows.map(\.length) == [5, 1, 7])
            #expect(rows.map(\.content.blockOffset) == [0, 1, 2])
            #expect(rows.map(\.content.bytesOffset) == [0, 5, 6])
            #expect(
                rows[0].json
                    == #"{"name":"b.txt","linkname":"","length":5,"blocks":1,"mode":0,"uid":0,"#
                    + #""gid":0,"mtime":0,"ctime":0,"content":{"blockOffset":0,"bytesOffset":0},"#
                    + #""type":"file","link":"\#(drive.link.hexadecimal)"}"#)
        }
    }

    @Test func `archives take turns, the own one first`() async throws {
        let world = try World(3)
        defer { world.drives.forEach { $0.close() } }
        let counts = [3, 5, 1]
        for (drive, count) in zip(world.drives, counts) {
            for number in 1...count {
                let letter =
                    drive.link == world[0].link ? "a" : drive.link == world[1].link ? "b" : "c"
                try await drive.write([1], to: "\(letter)\(number)")
            }
        }
        try world.gossip()
        let rows = try await world[0].rows()
        var turns = ["a1", "b1", "c1", "a2", "b2", "a3", "b3", "b4", "b5"]
        if world[1].link > world[2].link {
            turns = ["a1", "c1", "b1", "a2", "b2", "a3", "b3", "b4", "b5"]
        }
        #expect(rows.map(\.name) == turns)
        #expect(try await world[0].rows(limit: 1).count == 3)
        #expect(try await world[0].rows(offset: 2).map(\.name) == ["a3", "b3", "b4", "b5"])
        #expect(try await world[0].rows(limit: 2, offset: 1).count == 4)
    }

    @Test func `a live list goes on with what is written later`() async throws {
        try await withDrives { a, b in
            try await a.write([1], to: "x")
            var live = a.list().makeAsyncIterator()
            #expect(try await live.next()?.name == "x")
            try await a.write([1], to: "y")
            #expect(try await live.next()?.name == "y")
            try await b.write([1], to: "z")
            try a.pull(from: b)
            #expect(try await live.next()?.name == "z")
            a.close()
            #expect(try await live.next() == nil)
        }
        try await withDrive { drive in
            try await drive.write([1], to: "x")
            var names: [String] = []
            for try await row in drive.list(isLive: false) { names.append(row.name) }
            #expect(names == ["x"])
        }
    }

    @Test func `a row is found by its number or its name`() async throws {
        try await withDrive { drive in
            for (name, text) in [("f", "one"), ("g", "two"), ("f", "three")] {
                try await drive.write(Array(text.utf8), to: name)
            }
            #expect(try await drive.row(at: 0, of: drive.link).length == 3)
            #expect(try await drive.row(at: 2, of: drive.link).length == 5)
            let reference = EntryReference(name: "f", link: drive.link)
            #expect(try await drive.row(of: reference).length == 5)
            await #expect(throws: DriveError(.unknownName, "")) {
                try await drive.row(at: 3, of: drive.link)
            }
            await #expect(throws: DriveError(.timedOut, "")) {
                try await drive.row(at: 3, of: drive.link, timeout: .milliseconds(5))
            }
            await #expect(throws: DriveError(.badReference, "")) {
                try await drive.row(at: -1, of: drive.link)
            }
            let other = FeedKey(Digest([UInt8](repeating: 0xAB, count: 32)) ?? .zero)
            await #expect(throws: DriveError(.unknownLink, "")) {
                try await drive.row(at: 0, of: other)
            }
        }
    }

    @Test func `a row that is waited for comes with the write`() async throws {
        try await withDrive { drive in
            async let row = drive.row(at: 0, of: drive.link, timeout: .seconds(10))
            try await drive.write([1], to: "late")
            #expect(try await row.name == "late")
        }
    }

    @Test func `directories and links are rows that begin where the content stands`() async throws {
        try await withDrive { drive in
            try await drive.write(Array("four".utf8), to: "f")
            var directory = NewEntry(name: "d", type: .directory)
            directory.mode = 0o755
            var symlink = NewEntry(name: "l", type: .symlink)
            symlink.linkname = "f"
            var hardlink = NewEntry(name: "h", type: .hardlink)
            hardlink.linkname = "f"
            for entry in [directory, symlink, hardlink, NewEntry(name: "f", type: .directory)] {
                let row = try await drive.append(entry)
                #expect(row.content == Row.Content(blockOffset: 1, bytesOffset: 4))
            }
            let rows = try await drive.rows()
            #expect(rows.map(\.name) == ["f", "d", "l", "h", "f"])
            #expect(rows.map(\.type) == [.file, .directory, .symlink, .hardlink, .directory])
            #expect(rows.map(\.linkname) == ["", "", "f", "f", ""])
            #expect(rows[1].mode == 0o755 && rows[1].length == 0 && rows[1].blocks == 0)
            #expect(rows[2...].allSatisfy { $0.content == rows[1].content })
            #expect(try await drive.text("l", of: drive.link) == "")
            #expect(try await drive.text("f", of: drive.link) == "")
        }
    }

    @Test func `an entry keeps all that it is given`() async throws {
        try await withDrive { drive in
            var entry = NewEntry(name: "/a//b/../c")
            entry.linkname = "ln"
            entry.mode = 420
            entry.uid = 1000
            entry.gid = 100
            entry.mtime = Timestamp(milliseconds: 1_480_000_000_000)
            entry.ctime = Timestamp(milliseconds: 1_480_000_000_001)
            var writer = try drive.makeWriter(for: entry)
            try await writer.write(Array("yy".utf8))
            let row = try await writer.finish()
            #expect(row.name == "a//b/../c" && row.linkname == "ln")
            #expect(row.mode == 420 && row.uid == 1000 && row.gid == 100)
            #expect(row.mtime.milliseconds == 1_480_000_000_000)
            #expect(row.ctime.milliseconds == 1_480_000_000_001)
            let rows = try await drive.rows()
            #expect(rows == [row])
            #expect(try await drive.text("a/c") == "yy")
            #expect(try await drive.text("/a//b/../c", of: drive.link) == "yy")
        }
    }
}
