import Cryptography
import Multiwriter
import Testing

/// The scenarios of the 2016 original about listing and reading, each under its own name.
@Suite struct SeedReadingScenarioTests {
    private static let unknown = FeedKey(
        Digest([UInt8](repeating: 0xAB, count: 32)) ?? .zero)

    @Test func `list-shows-every-write`() async throws {
        try await withDrive { drive in
            #expect(try await drive.rows().isEmpty)
            for (name, text) in [("b.txt", "first"), ("a.txt", "A"), ("b.txt", "second!")] {
                try await drive.write(Array(text.utf8), to: name)
            }
            let rows = try await drive.rows()
            #expect(rows.map(\.name) == ["b.txt", "a.txt", "b.txt"])
            #expect(rows.map(\.length) == [5, 1, 7])
            #expect(rows.map(\.content.bytesOffset) == [0, 5, 6])
            #expect(try await drive.rows(limit: 2).map(\.name) == ["b.txt", "a.txt"])
            #expect(try await drive.rows(offset: 1).map(\.name) == ["a.txt", "b.txt"])
        }
    }

    @Test func `list-as-stream`() async throws {
        try await withDrive { drive in
            try await drive.write([1], to: "x")
            var live = drive.list().makeAsyncIterator()
            #expect(try await live.next()?.name == "x")
            try await drive.write([1], to: "y")
            #expect(try await live.next()?.name == "y")
            var names: [String] = []
            for try await row in drive.list(isLive: false) { names.append(row.name) }
            #expect(names == ["x", "y"])
        }
    }

    @Test func `list-interleaves-archives`() async throws {
        let world = try World(3)
        defer { world.drives.forEach { $0.close() } }
        for (drive, count) in zip(world.drives, [3, 5, 1]) {
            for number in 1...count {
                try await drive.write([1], to: "\(drive.link.hexadecimal) \(number)")
            }
        }
        try world.gossip()
        for drive in world.drives {
            let names = try await drive.names()
            #expect(names.count == 9)
            let links = try await drive.links().map(\.hexadecimal)
            #expect(names.prefix(3).elementsEqual(links.map { "\($0) 1" }))
            for link in links {
                let own = names.filter { $0.hasPrefix(link) }
                #expect(own == own.sorted())
            }
        }
    }

    @Test func `list-many-own-entries-against-one-remote`() async throws {
        try await withDrives { a, b in
            for number in 0..<40 { try await a.write([1], to: "a\(number)") }
            for number in 0..<3 { try await b.write([1], to: "b\(number)") }
            try a.pull(from: b)
            let names = try await a.names()
            #expect(names.prefix(7) == ["a0", "b0", "a1", "b1", "a2", "b2", "a3"])
            #expect(names.count == 43 && names.last == "a39")
        }
    }

    @Test func `list-with-callback-when-an-archive-is-empty`() async throws {
        try await withDrives { a, b in
            try await a.write([1], to: "x")
            try a.pull(from: b)
            try b.pull(from: a)
            #expect(try await a.names() == ["x"])
            #expect(try await b.names() == ["x"])
        }
    }

    @Test func `read-by-name-and-link`() async throws {
        try await withDrive { drive in
            for (name, text) in [("f", "one"), ("g", "other"), ("f", "two!")] {
                try await drive.write(Array(text.utf8), to: name)
            }
            for row in try await drive.rows() where row.name == "f" {
                let reference = try EntryReference(parsing: row.json)
                #expect(try await drive.text(reference.name, of: reference.link) == "two!")
            }
            #expect(try await drive.text("g", of: drive.link) == "other")
            let upper = try FeedKey(link: drive.link.hexadecimal.uppercased())
            #expect(try await drive.text("f", of: upper) == "two!")
        }
    }

    @Test(arguments: ["read-before-ready-unknown-link", "read-after-ready-unknown-link"])
    func `read-before-ready-unknown-link, read-after-ready-unknown-link`(scenario: String)
        async throws
    {
        try await withDrive { drive in
            let error = await #expect(throws: DriveError.self) {
                try await drive.text("f", of: Self.unknown)
            }
            #expect(
                error?.message
                    == "archive not found with link: " + String(repeating: "ab", count: 32))
        }
    }

    @Test func `read-without-link`() {
        #expect(throws: DriveError(.badReference, "")) {
            try EntryReference(parsing: #"{"name":"f"}"#)
        }
    }

    @Test(arguments: ["read-missing-name", "read-on-empty-archive"])
    func `read-missing-name, read-on-empty-archive`(scenario: String) async throws {
        try await withDrive { drive in
            if scenario == "read-missing-name" { try await drive.write([1], to: "other") }
            await #expect(throws: DriveError(.unknownName, "")) {
                try await drive.text("f", of: drive.link)
            }
        }
    }

    @Test func `get-by-index`() async throws {
        try await withDrive { drive in
            for (name, text) in [("f", "one"), ("g", "two"), ("f", "three")] {
                try await drive.write(Array(text.utf8), to: name)
            }
            for (index, row) in try await drive.rows().enumerated() {
                #expect(try await drive.row(at: index, of: drive.link) == row)
            }
            let last = EntryReference(name: "f", link: drive.link)
            #expect(try await drive.row(of: last).length == 5)
            await #expect(throws: DriveError(.unknownName, "")) {
                try await drive.row(of: EntryReference(name: "none", link: drive.link))
            }
            await #expect(throws: DriveError(.timedOut, "Get timed out")) {
                try await drive.row(at: 9, of: drive.link, timeout: .milliseconds(1))
            }
            await #expect(throws: DriveError(.unknownLink, "")) {
                try await drive.row(at: 0, of: Self.unknown)
            }
        }
    }

    @Test func `get-listed-entry, get-negative-index`() async throws {
        try await withDrive { drive in
            let row = try await drive.write([1], to: "f")
            #expect(try await drive.row(of: row.reference) == row)
            await #expect(throws: DriveError(.badReference, "")) {
                try await drive.row(at: -1, of: drive.link)
            }
        }
    }

    @Test func `write-same-name-then-get-entries`() async throws {
        try await withDrives { a, b in
            try await a.write(Array("v1".utf8), to: "f")
            try await a.write(Array("v2-longer".utf8), to: "f")
            try b.pull(from: a)
            #expect(try await b.rows().map(\.length) == [2, 9])
            #expect(try await b.text("f", of: a.link) == "v2-longer")
            #expect(try await b.row(at: 0, of: a.link).length == 2)
            #expect(try await b.row(at: 1, of: a.link).length == 9)
        }
    }

    @Test func `two-writers-same-name`() async throws {
        try await withDrives { a, b in
            try await a.write(Array("HI\n".utf8), to: "hello.txt")
            try await b.write(Array("HOWDY\n".utf8), to: "hello.txt")
            try a.pull(from: b)
            try b.pull(from: a)
            #expect(try await a.rows().map(\.link) == [a.link, b.link])
            #expect(try await b.rows().map(\.link) == [b.link, a.link])
            for drive in [a, b] {
                #expect(try await drive.text("hello.txt", of: a.link) == "HI\n")
                #expect(try await drive.text("hello.txt", of: b.link) == "HOWDY\n")
            }
        }
    }

    @Test func `own-archive-cannot-be-written-from-elsewhere`() async throws {
        try await withDrives { a, b in
            try await a.write(Array("1".utf8), to: "f")
            try b.pull(from: a)
            try await b.write(Array("four".utf8), to: "f")
            try a.pull(from: b)
            #expect(try await b.rows().map(\.link) == [b.link, a.link])
            #expect(try await a.rows().map(\.length) == [1, 4])
        }
    }

    @Test func `byte-cursor, byte-cursor-by-name`() async throws {
        try await withDrive { drive in
            try await drive.write(Array("abcdefghij".utf8), to: "first")
            let big = (0..<100_000).map { UInt8(truncatingIfNeeded: $0 / 253) }
            try await drive.write(big, to: "big")
            try await drive.write(Array("tail".utf8), to: "last")
            var cursor = try await drive.makeByteCursor(
                for: EntryReference(name: "big", link: drive.link))
            #expect(try await cursor.next() == Array(big[..<65_536]))
            #expect(try await cursor.next() == Array(big[65_536...]))
            #expect(try await cursor.next() == nil)
            #expect(try await cursor.next() == nil)
            for (offset, rest) in [(20, 65_516), (50_000, 15_536), (-5, 65_536)] {
                cursor.seek(to: offset)
                #expect(try await cursor.next()?.count == rest)
            }
            cursor = try await drive.makeByteCursor(
                for: EntryReference(name: "last", link: drive.link))
            cursor.seek(to: 2)
            #expect(try await cursor.next() == Array("il".utf8))
            cursor.seek(to: 4)
            #expect(try await cursor.next() == nil)
        }
    }

    @Test func `byte-cursor-unknown-link, byte-cursor-unknown-link-before-ready`() async throws {
        try await withDrive { drive in
            for _ in 0..<2 {
                await #expect(throws: DriveError(.unknownLink, "")) {
                    try await drive.makeByteCursor(
                        for: EntryReference(name: "f", link: Self.unknown))
                }
            }
        }
    }
}
