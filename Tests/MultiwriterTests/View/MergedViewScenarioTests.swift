import Archives
import Cryptography
import Multiwriter
import Testing

@Suite struct MergedViewTests {
    @Test func `one writer's files are listed in the order of their bytes`() async throws {
        try await withDrive { drive in
            for name in ["b", "a/x", "a.txt", "a", "ü", "a/x/y"] {
                try await drive.write([1], to: name)
            }
            #expect(
                try drive.picture() == [
                    "a also a folder", "a.txt", "a/x also a folder under the file a",
                    "a/x/y under the file a/x", "b", "ü",
                ])
        }
    }

    // A: f1 ── B: f2
    @Test func `what another has seen it replaces`() async throws {
        try await withDrives { a, b in
            try await a.write(Array("one".utf8), to: "f")
            try b.pull(from: a)
            try await b.write(Array("two".utf8), to: "f")
            try a.pull(from: b)
            for drive in [a, b] {
                #expect(try drive.picture() == ["f"])
                #expect(try await drive.text("f") == "two")
            }
        }
    }

    // A: f1 ─┬─ A: f3
    //        └─ B: f2
    @Test func `what neither has seen is a conflict until one has`() async throws {
        try await withDrives { a, b in
            try await a.write(Array("one".utf8), to: "f")
            try b.pull(from: a)
            try await b.write(Array("two".utf8), to: "f")
            try await a.write(Array("three".utf8), to: "f")
            try a.pull(from: b)
            try b.pull(from: a)
            for drive in [a, b] {
                let entry = try #require(try await drive.entry(at: "f"))
                #expect(entry.isConflict)
                #expect(Set(entry.versions.map(\.link)) == [a.link, b.link])
                #expect(entry.link == max(a.link, b.link))
                #expect(try drive.picture() == ["f ×2"])
            }
            try await a.write(Array("four".utf8), to: "f")
            try b.pull(from: a)
            #expect(try b.picture() == ["f"])
            #expect(try await b.text("f") == "four")
        }
    }

    @Test func `the newer time is shown first`() async throws {
        try await withDrives { a, b in
            for (drive, time) in [(a, 20), (b, 10)] {
                var entry = NewEntry(name: "f")
                entry.mtime = Timestamp(seconds: Int64(time))
                var writer = try drive.makeWriter(for: entry)
                try await writer.write([UInt8(time)])
                try await writer.finish()
            }
            try b.pull(from: a)
            #expect(try await b.entry(at: "f")?.link == a.link)
        }
    }

    @Test func `equal content is one entry`() async throws {
        try await withDrives { a, b in
            for drive in [a, b] { try await drive.write(Array("same".utf8), to: "f") }
            for drive in [a, b] { try await drive.write([], to: "empty") }
            try b.pull(from: a)
            #expect(try b.picture() == ["empty", "f"])
            let shown = try #require(try await b.entry(at: "f")?.shown)
            #expect(Set([shown.link] + shown.otherLinks) == [a.link, b.link])
        }
    }

    @Test func `another's file can be removed, and comes back with a later write`() async throws {
        try await withDrives { a, b in
            try await a.write([1], to: "f")
            try await a.write([2], to: "g")
            try b.pull(from: a)
            #expect(try await b.remove(at: "f") == 1)
            #expect(try await b.remove(at: "f") == 0)
            try a.pull(from: b)
            for drive in [a, b] {
                #expect(try drive.picture() == ["g"])
                #expect(try await drive.entry(at: "f") == nil)
            }
            try await a.write([3], to: "f")
            try b.pull(from: a)
            #expect(try b.picture() == ["f", "g"])
        }
    }

    @Test func `a deletion beside a change is a conflict, and the file stays`() async throws {
        try await withDrives { a, b in
            try await a.write([1], to: "f")
            try b.pull(from: a)
            try await b.remove(at: "f")
            try await a.write([2], to: "f")
            try a.pull(from: b)
            let entry = try #require(try await a.entry(at: "f"))
            #expect(entry.versions.map(\.type) == [.file, .deletion])
            #expect(try a.picture() == ["f ×2"])
        }
    }

    @Test func `a removed own file is gone for Hyperdrive as well`() async throws {
        try await withDrive { drive in
            try await drive.write([1], to: "f")
            try await drive.append(NewEntry(name: "d", type: .directory))
            try await drive.remove(at: "f")
            try await drive.remove(at: "d")
            #expect(try drive.picture().isEmpty)
            let left = try drive.readNow { snapshot in
                let archive = try drive.archive(for: drive.link, in: snapshot)
                return try archive?.entry(at: "f", in: snapshot)
            }
            #expect(left == nil)
        }
    }

    @Test func `a file for one and a folder for another are both shown`() async throws {
        try await withDrives { a, b in
            try await a.write([1], to: "x")
            try await a.write([1], to: "x.txt")
            try await b.write([2], to: "x/y")
            try b.pull(from: a)
            #expect(try b.picture() == ["x also a folder", "x.txt", "x/y under the file x"])
            #expect(
                try b.picture(isRecursive: false) == [
                    "x also a folder", "x.txt", "x/ under the file x",
                ])
            #expect(try await b.entry(at: "x")?.isAlsoFolder == true)
            #expect(try await b.entry(at: "x/y")?.fileAbove?.name == "x")
            try await b.remove(at: "x")
            #expect(try b.picture() == ["x.txt", "x/y"])
            #expect(try await b.entry(at: "x")?.type == .directory)
        }
    }

    @Test func `a folder lists its children, implied or kept`() async throws {
        try await withDrive { drive in
            for name in ["a/b/c", "a/b/d", "a/b-e", "a/f/g", "h"] {
                try await drive.write([1], to: name)
            }
            try await drive.append(NewEntry(name: "a/empty", type: .directory))
            try await drive.append(NewEntry(name: "a/f", type: .directory))
            try await drive.write([1], to: "gone/x")
            try await drive.remove(at: "gone/x")
            #expect(try drive.picture(isRecursive: false) == ["a/", "h"])
            #expect(
                try drive.picture("a", isRecursive: false) == ["a/b-e", "a/b/", "a/empty/", "a/f/"])
            #expect(try drive.picture("a/b") == ["a/b/c", "a/b/d"])
            #expect(try drive.picture("a/none").isEmpty)
            #expect(try await drive.entry(at: "a")?.type == .directory)
            #expect(try await drive.entry(at: "gone") == nil)
        }
    }

    @Test func `a folder is removed with what is in it if that is said`() async throws {
        try await withDrive { drive in
            for name in ["a/b", "a/c/d", "e"] { try await drive.write([1], to: name) }
            await #expect(throws: DriveError(.badEntry, "")) { try await drive.remove(at: "a") }
            #expect(try await drive.remove(at: "a", isRecursive: true) == 2)
            #expect(try drive.picture() == ["e"])
        }
    }

    @Test func `entries come in pages as a sequence, the same as in one go`() async throws {
        try await withDrives { a, b in
            for number in 0..<300 {
                try a.appendNow(NewEntry(name: "d\(number)", type: .directory))
            }
            try b.pull(from: a)
            var names: [String] = []
            for try await entry in try b.entries() { names.append(entry.path.name + "/") }
            #expect(names.count == 300)
            #expect(try b.picture() == names)
        }
    }

    @Test func `an index that has not arrived hides nobody else`() async throws {
        try await withDrives { a, b in
            try await a.write([1], to: "x")
            try await b.write([2], to: "y")
            try b.addNow([a.link])
            var names: [String] = []
            let problems = try b.forEachEntry { names.append($0.name) }
            #expect(names == ["y"])
            #expect(problems.isEmpty)
        }
    }
}
