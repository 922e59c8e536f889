import Archives
import Cryptography
import Feeds
import Foundation
import Testing

@testable import Multiwriter

/// A writer who signs whatever it likes, seen through the drive of another one who has files too.
@Suite struct HostileDriveTests {
    /// Lets the liar write keys and values of its own making, and lends the drive of its reader.
    private func withLiar(
        _ entries: [(key: String, value: String)],
        _ body: (_ reader: Drive, _ liar: Drive) async throws -> Void
    ) async throws {
        try await withDrives { a, b in
            try await b.write(Array("honest".utf8), to: "honest")
            try a.lie(entries)
            try b.pull(from: a)
            try await body(b, a)
        }
    }

    private static let blob =
        #"{"blockOffset":0,"byteOffset":0,"blockLength":1,"byteLength":4}"#

    private static func file(_ blob: String = blob, metadata: String = "null") -> String {
        #"{"executable":false,"linkname":null,"blob":\#(blob),"metadata":\#(metadata)}"#
    }

    @Test func `paths that nobody can ask for are left out and their writer is named`()
        async throws
    {
        let bad = ["", "a", "/", "/a/", "//a", "/../etc", "/a/../../b", "/.", "/a\\b"]
        try await withLiar(
            bad.map { ("files\0" + $0, Self.file()) }
                + bad.map { ("mdrive\0d\0" + $0, "{}") } + [("files\0/good", Self.file())]
        ) { b, a in
            var names: [String] = []
            let problems = try b.forEachEntry { names.append($0.path.name) }
            #expect(names == ["good", "honest"])
            #expect(problems.map(\.kind) == [.badPath] && problems.map(\.link) == [a.link])
            #expect(problems[0].count == 6)
            let folder = try TemporaryFolder()
            let report = try b.exportFolder(to: folder.path + "/out")
            #expect(report.fileCount == 1 && report.problemCount == 1)
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["out"])
        }
    }

    @Test(arguments: [
        "", "7", "null", "{", "[]", #"{"executable":7}"#, #"{"blob":{}}"#, "{}", "\u{0}",
        #"{"executable":false,"linkname":null,"blob":{"blockOffset":-1,"byteOffset":0,"#
            + #""blockLength":1,"byteLength":1},"metadata":null}"#,
    ])
    func `values that are no entries hide neither other paths nor other writers`(value: String)
        async throws
    {
        try await withLiar([
            ("files\0/bad", value), ("mdrive\0x\0/honest", value == "{}" ? "[]" : value),
            ("files\0/z", Self.file()),
        ]) { b, a in
            var names: [String] = []
            let problems = try b.forEachEntry { names.append($0.path.name) }
            #expect(names == ["honest", "z"])
            #expect(problems.map(\.kind) == [.badEntry] && problems.map(\.link) == [a.link])
            #expect(try await b.text("honest") == "honest")
            #expect(try await b.names().filter { $0 == "honest" || $0 == "z" }.count == 2)
            // What cannot be read can still be replaced.
            try await b.write([1], to: "bad")
            #expect(try await b.entry(at: "bad")?.versions.count == 1)
        }
    }

    @Test(arguments: [
        #"{"blockOffset":0,"byteOffset":0,"blockLength":9007199254740991,"byteLength":4}"#,
        #"{"blockOffset":9007199254740991,"byteOffset":0,"blockLength":9007199254740991,"#
            + #""byteLength":4}"#,
        #"{"blockOffset":0,"byteOffset":0,"blockLength":1,"byteLength":9007199254740991}"#,
        #"{"blockOffset":0,"byteOffset":0,"blockLength":0,"byteLength":9007199254740991}"#,
        #"{"blockOffset":0,"byteOffset":0,"blockLength":1,"byteLength":3}"#,
        #"{"blockOffset":0,"byteOffset":0,"blockLength":1,"byteLength":4,"blockMap":true}"#,
    ])
    func `content that is claimed and not there is an error, never another file's`(blob: String)
        async throws
    {
        try await withDrives { a, b in
            try await a.write(Array("real".utf8), to: "real")
            try await b.write(Array("honest".utf8), to: "honest")
            try a.lie([("files\0/bad", Self.file(blob))])
            try b.pull(from: a)
            #expect(try b.picture() == ["bad", "honest", "real"])
            await #expect(throws: DriveError.self) { try await b.text("bad") }
            #expect(try await b.text("real") == "real")
            let folder = try TemporaryFolder()
            let report = try b.exportFolder(to: folder.path + "/out")
            #expect(report.fileCount == 2 && report.problemCount == 1)
            #expect(
                try FileManager.default.contentsOfDirectory(atPath: folder.path + "/out").sorted()
                    == ["honest", "real"])
        }
    }

    @Test func `a vector that claims the future hides nothing that answers it`() async throws {
        let (link, liar) = try await withDrives { a, b in (b.link, a.link) }
        let metadata = #"{"mdrive":{"v":{"\#(link.id)":9007199254740991,"\#(liar.id)":5}}}"#
        try await withLiar([("files\0/honest", Self.file(metadata: metadata))]) { b, a in
            #expect(b.link == link && a.link == liar)
            #expect(try await b.entry(at: "honest")?.link == a.link)
            try await b.write(Array("again".utf8), to: "honest")
            let entry = try #require(try await b.entry(at: "honest"))
            #expect(entry.versions.map(\.link).contains(b.link))
        }
    }

    @Test(arguments: [
        #"{"v":{"x":1}}"#, #"{"v":7}"#, #"{"m":-1,"mt":"now","n":"../../etc/passwd"}"#, "[]", "7",
    ])
    func `metadata that is none counts as left out`(metadata: String) async throws {
        try await withLiar(
            [("files\0/x", Self.file(metadata: #"{"mdrive":\#(metadata)}"#))]
        ) { b, _ in
            let entry = try #require(try await b.entry(at: "x"))
            #expect(entry.name == "x" && entry.shown?.metadata.isMalformed ?? true)
        }
    }

    @Test func `keys of kinds that are unknown are skipped`() async throws {
        try await withLiar([
            ("mdrive\0g\0/x", "{}"), ("mdrive\0", "{}"), ("other\0/x", "7"), ("", "{}"),
            ("files", "{}"),
        ]) { b, _ in
            var names: [String] = []
            let problems = try b.forEachEntry { names.append($0.path.name) }
            #expect(names == ["honest"] && problems.isEmpty)
            #expect(try await b.names() == ["honest"])
        }
    }

    @Test func `a tree that runs in circles ends, and its writer is named`() async throws {
        try await withLiar([("files\0/a", Self.file())]) { b, a in
            // A root that is its own child on both sides.
            let key = Array("files\0/b".utf8)
            let value = Array(Self.file().utf8)
            let seq: UInt8 = 2
            let level: [UInt8] = [0x0A, 1, seq, 0x12, 4, seq, 0, seq, 0]
            let index: [UInt8] = [0x0A, UInt8(level.count)] + level
            var block: [UInt8] = [0x0A, UInt8(index.count)] + index
            block += [0x12, UInt8(key.count)] + key + [0x1A, UInt8(value.count)] + value
            try a.writeNow { transaction in
                let archive = try a.own.writable(in: transaction)
                try transaction.append(
                    block, to: archive.index.feed, signingWith: a.own.keyPair)
            }
            try b.pull(from: a)
            var names: [String] = []
            let problems = try b.forEachEntry { names.append($0.path.name) }
            #expect(names.last == "honest" && names.count <= 2)
            #expect(problems.map(\.link) == [a.link] && problems.map(\.kind) == [.brokenIndex])
            #expect(try await b.text("honest") == "honest")
            #expect(try await b.entry(at: "none") == nil)
        }
    }

    @Test func `a feed that is no index hides nobody`() async throws {
        try await withDrives { a, b in
            try await b.write(Array("honest".utf8), to: "honest")
            try a.writeNow { transaction in
                let archive = try a.own.writable(in: transaction)
                try transaction.append(
                    [[1, 2, 3], [4, 5, 6]], to: archive.index.feed, signingWith: a.own.keyPair)
            }
            try b.pull(from: a)
            var names: [String] = []
            let problems = try b.forEachEntry { names.append($0.path.name) }
            #expect(names == ["honest"] && problems.map(\.link) == [a.link])
            #expect(try await b.names() == ["honest"])
            let writers = try await b.writers()
            #expect(writers.count == 2 && writers[1].index.length == 2)
        }
    }

    @Test func `while an index is still arriving, what was complete is shown`() async throws {
        try await withDrives { a, b in
            try await a.write([1], to: "one")
            try b.pull(from: a)
            for name in ["two", "three"] { try await a.write([2], to: name) }
            try b.pullHead(of: a)
            #expect(try b.picture() == ["one"])
            try b.pull(from: a)
            #expect(try b.picture() == ["one", "three", "two"])
        }
    }
}

extension Drive {
    /// Signs entries that no honest writer makes.
    fileprivate func lie(_ entries: [(key: String, value: String)]) throws {
        try writeNow { transaction in
            let archive = try self.own.writable(in: transaction)
            let writer = IndexWriter(
                archive.index.feed, header: IndexHeader(metadata: IndexHeader.Metadata()),
                signingWith: self.own.keyPair)
            for entry in entries {
                try writer.put(Array(entry.key.utf8), Array(entry.value.utf8), in: transaction)
            }
        }
    }
}
