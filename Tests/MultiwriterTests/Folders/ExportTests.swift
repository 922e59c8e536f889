import Cryptography
import Foundation
import Multiwriter
import Testing

@Suite struct ExportTests {
    private func names(_ path: String) throws -> [String] {
        try FileManager.default.subpathsOfDirectory(atPath: path).sorted()
    }

    @Test func `both sides of a conflict are written, the second under its writer's name`()
        async throws
    {
        let folder = try TemporaryFolder()
        try await withDrives { a, b in
            try await a.write(Array("from a".utf8), to: "f")
            try await b.write(Array("from b".utf8), to: "f")
            try await a.write([1], to: "x")
            try await b.write([2], to: "x/y")
            try b.pull(from: a)
            let report = try b.exportFolder(to: folder.path + "/out")
            let first = max(a.link, b.link)
            let second = min(a.link, b.link).hexadecimal.prefix(8)
            let other = a.link.hexadecimal.prefix(8)
            #expect(report.problems.isEmpty && report.conflictCount == 2)
            #expect(
                try names(folder.path + "/out")
                    == ["f", "f.conflict-\(second)", "x", "x.conflict-\(other)", "x/y"].sorted())
            #expect(folder.read("out/f") == (first == a.link ? "from a" : "from b"))
            #expect(
                folder.read("out/f.conflict-\(second)") == (first == a.link ? "from b" : "from a"))

            var options = ExportOptions()
            options.link = a.link
            try b.exportFolder(to: folder.path + "/a", options: options)
            #expect(try names(folder.path + "/a") == ["f", "x"])
            #expect(folder.read("a/f") == "from a")
        }
    }

    @Test func `a name that tells the writer is not taken from a file that has it`() async throws {
        let folder = try TemporaryFolder()
        try await withDrives { a, b in
            let second = min(a.link, b.link).hexadecimal.prefix(8)
            let name = "f.conflict-\(second)"
            try await a.write(Array("from a".utf8), to: "f")
            try await b.write(Array("from b".utf8), to: "f")
            try await b.write(Array("a file".utf8), to: name)
            try b.pull(from: a)
            let report = try b.exportFolder(to: folder.path + "/out")
            #expect(report.problems.isEmpty)
            #expect(try names(folder.path + "/out") == ["f", name, name + "-2"])
            #expect(folder.read("out/" + name) == "a file")
        }
    }

    @Test func `what differs stays unless it is forced`() async throws {
        let folder = try TemporaryFolder()
        try folder.write("out/f", "mine")
        try folder.write("out/same", "same")
        try await withDrive { drive in
            try await drive.write(Array("theirs".utf8), to: "f")
            try await drive.write(Array("same".utf8), to: "same")
            let report = try drive.exportFolder(to: folder.path + "/out")
            #expect(report.problemCount == 1 && report.unchangedCount == 1)
            #expect(folder.read("out/f") == "mine")
            var options = ExportOptions()
            options.isForced = true
            let forced = try drive.exportFolder(to: folder.path + "/out", options: options)
            #expect(forced.problems.isEmpty && forced.fileCount == 1)
            #expect(folder.read("out/f") == "theirs")
        }
    }

    @Test func `links in the way are never followed`() async throws {
        let folder = try TemporaryFolder()
        try folder.write("outside/f", "safe")
        let manager = FileManager.default
        try manager.createDirectory(
            atPath: folder.path + "/out", withIntermediateDirectories: true)
        for (name, target) in [("d", "../outside"), ("f", "../outside/f")] {
            try manager.createSymbolicLink(
                atPath: folder.path + "/out/" + name, withDestinationPath: target)
        }
        try await withDrive { drive in
            try await drive.write(Array("evil".utf8), to: "d/f")
            try await drive.write(Array("evil".utf8), to: "f")
            let report = try drive.exportFolder(to: folder.path + "/out")
            #expect(report.problemCount == 2)
            #expect(folder.read("outside/f") == "safe")
            var options = ExportOptions()
            options.isForced = true
            let forced = try drive.exportFolder(to: folder.path + "/out", options: options)
            #expect(forced.problems.isEmpty)
            #expect(folder.read("outside/f") == "safe")
            #expect(folder.read("out/d/f") == "evil" && folder.read("out/f") == "evil")
        }
    }

    @Test func `a link of one writer is no way out for the file of another`() async throws {
        let folder = try TemporaryFolder()
        try folder.write("outside/f", "safe")
        try await withDrives { a, b in
            var link = NewEntry(name: "d", type: .symlink)
            link.linkname = "../outside"
            try await a.append(link)
            try await b.write(Array("evil".utf8), to: "d/f")
            try b.pull(from: a)
            let report = try b.exportFolder(to: folder.path + "/out")
            #expect(report.problems.isEmpty)
            #expect(folder.read("outside/f") == "safe")
            #expect(folder.read("out/d/f") == "evil")
            let name = "d.conflict-" + a.link.hexadecimal.prefix(8)
            #expect(
                try FileManager.default.destinationOfSymbolicLink(
                    atPath: folder.path + "/out/" + name) == "../outside")
        }
    }

    @Test func `another's set-user-id bit stays out`() async throws {
        let folder = try TemporaryFolder()
        try await withDrives { a, b in
            var entry = NewEntry(name: "f")
            entry.mode = 0o4755
            var writer = try a.makeWriter(for: entry)
            try await writer.write([1])
            try await writer.finish()
            try b.pull(from: a)
            try a.exportFolder(to: folder.path + "/own")
            try b.exportFolder(to: folder.path + "/other")
            var status = stat()
            stat(folder.path + "/own/f", &status)
            #expect(status.st_mode & 0o7777 == 0o4755)
            stat(folder.path + "/other/f", &status)
            #expect(status.st_mode & 0o7777 == 0o755)
        }
    }

    @Test func `names that no file can have are named, the rest is written`() async throws {
        let folder = try TemporaryFolder()
        try await withDrive { drive in
            for name in ["a\u{0}b", String(repeating: "n", count: 256), "ok"] {
                try await drive.write([1], to: name)
            }
            let report = try drive.exportFolder(to: folder.path + "/out")
            #expect(report.problemCount == 2)
            #expect(try names(folder.path + "/out") == ["ok"])
        }
    }

    @Test func `a very deep path needs no more descriptors than a flat one`() async throws {
        let folder = try TemporaryFolder()
        try await withDrive { drive in
            let name = String(repeating: "d/", count: 900) + "f"
            try await drive.write([7], to: name)
            try await drive.append(
                NewEntry(name: String(repeating: "d/", count: 899), type: .directory))
            let report = try drive.exportFolder(to: folder.path + "/out")
            #expect(report.problems.isEmpty && report.fileCount == 1)
        }
    }

    @Test func `a part of the drive is written without the folders above it`() async throws {
        let folder = try TemporaryFolder()
        try await withDrive { drive in
            for name in ["a/b/c", "a/b/d/e", "x"] { try await drive.write([1], to: name) }
            var options = ExportOptions()
            options.folder = "a/b"
            try drive.exportFolder(to: folder.path + "/out", options: options)
            #expect(try names(folder.path + "/out") == ["c", "d", "d/e"])
        }
    }

    @Test func `an unknown link writes nothing`() async throws {
        let folder = try TemporaryFolder()
        try await withDrives { a, b in
            var options = ExportOptions()
            options.link = b.link
            #expect(throws: DriveError(.unknownLink, "")) {
                try a.exportFolder(to: folder.path + "/out", options: options)
            }
            let written = try names(folder.path)
            #expect(written.isEmpty)
        }
    }
}
