import Foundation
import Multiwriter
import Testing

@Suite struct ImportTests {
    /// What a folder holds: contents, targets and kinds by path.
    private func tree(_ path: String) throws -> [String: String] {
        var tree: [String: String] = [:]
        let manager = FileManager.default
        for name in try manager.subpathsOfDirectory(atPath: path) {
            let attributes = try manager.attributesOfItem(atPath: path + "/" + name)
            let mode = String(attributes[.posixPermissions] as? Int ?? 0, radix: 8)
            switch attributes[.type] as? FileAttributeType {
            case .typeDirectory: tree[name] = "folder \(mode)"
            case .typeSymbolicLink:
                tree[name] =
                    "→ " + (try manager.destinationOfSymbolicLink(atPath: path + "/" + name))
            default:
                let bytes = manager.contents(atPath: path + "/" + name) ?? Data()
                tree[name] = "\(mode) \(bytes.count) \(bytes.hashValue)"
            }
        }
        return tree
    }

    private func makeTree(_ folder: TemporaryFolder) throws {
        try folder.write("src/a.txt", "hello")
        try folder.write("src/sub/run.sh", "#!/bin/sh", mode: 0o755)
        try folder.write("src/sub/empty file", "")
        try folder.write("src/ü/日本", "x")
        try folder.write("src/e\u{301}", "decomposed")
        try folder.write("src/\u{E9}", "composed")
        try folder.write("src/back\\slash", "kept")
        try folder.write("src/x", "a file beside")
        try folder.write("src/x.d/y", "a folder")
        let manager = FileManager.default
        try manager.createDirectory(
            atPath: folder.path + "/src/empty", withIntermediateDirectories: true)
        try manager.createSymbolicLink(
            atPath: folder.path + "/src/link", withDestinationPath: "../outside")
        try manager.createSymbolicLink(
            atPath: folder.path + "/src/absolute", withDestinationPath: "/etc/hostname")
    }

    @Test func `a folder goes in, over, and out again as it was`() async throws {
        let folder = try TemporaryFolder()
        try makeTree(folder)
        let times = [timespec(tv_sec: 1_480_000_000, tv_nsec: 123_456_789)]
        _ = folder.path.appending("/src/a.txt").withCString {
            utimensat(AT_FDCWD, $0, [times[0], times[0]], 0)
        }
        try await withDrives { a, b in
            let report = try a.importFolder([folder.path + "/src"])
            #expect(report.problems.isEmpty && report.fileCount == 9 && report.linkCount == 2)
            #expect(report.folderCount == 5)
            try b.pull(from: a)
            let export = try b.exportFolder(to: folder.path + "/out/deep")
            #expect(export.problems.isEmpty && export.viewProblems.isEmpty)
            #expect(export.fileCount == 9 && export.linkCount == 2)
            #expect(try tree(folder.path + "/src") == tree(folder.path + "/out/deep/src"))
            var status = stat()
            stat(folder.path + "/out/deep/src/a.txt", &status)
            #expect(status.st_mtim.tv_sec == 1_480_000_000 && status.st_mtim.tv_nsec == 123_456_789)

            let again = try a.importFolder([folder.path + "/src"])
            #expect(again.unchangedCount == 16 && again.fileCount == 0 && again.folderCount == 0)
            let other = try b.importFolder([folder.path + "/src"])
            #expect(other.unchangedCount == 16 && other.fileCount == 0)
            let rewritten = try b.exportFolder(to: folder.path + "/out/deep")
            #expect(rewritten.unchangedCount == 11 && rewritten.fileCount == 0)
        }
    }

    @Test func `a slash at the end means the contents, and a folder to arrive in`() async throws {
        let folder = try TemporaryFolder()
        try folder.write("src/a", "1")
        try folder.write("src/b/c", "2")
        try await withDrive { drive in
            try drive.importFolder([folder.path + "/src/"])
            #expect(try drive.picture() == ["a", "b/", "b/c"])
            var options = ImportOptions()
            options.folder = "in/here"
            try drive.importFolder(
                [folder.path + "/src", folder.path + "/src/a"], options: options)
            #expect(
                try drive.picture("in") == [
                    "in/here/a", "in/here/src/", "in/here/src/a", "in/here/src/b/",
                    "in/here/src/b/c",
                ])
        }
    }

    @Test func `the folder's own mode and time come back with its contents`() async throws {
        let folder = try TemporaryFolder()
        try folder.write("src/a", "1")
        chmod(folder.path + "/src", 0o750)
        try await withDrive { drive in
            try drive.importFolder([folder.path + "/src/"])
            try drive.exportFolder(to: folder.path + "/out")
            var (source, target) = (stat(), stat())
            stat(folder.path + "/src", &source)
            stat(folder.path + "/out", &target)
            #expect(target.st_mode & 0o7777 == 0o750)
            #expect(source.st_mtim.tv_sec == target.st_mtim.tv_sec)
            #expect(source.st_mtim.tv_nsec == target.st_mtim.tv_nsec)
        }
    }

    @Test func `what changed is taken in, what is gone stays until it is removed`() async throws {
        let folder = try TemporaryFolder()
        for name in ["a", "b", "c"] { try folder.write("src/" + name, name) }
        try await withDrive { drive in
            try drive.importFolder([folder.path + "/src"])
            try folder.write("src/b", "changed")
            try FileManager.default.removeItem(atPath: folder.path + "/src/c")
            let report = try drive.importFolder([folder.path + "/src"])
            #expect(report.fileCount == 1 && report.unchangedCount == 1 && report.folderCount == 1)
            #expect(try await drive.text("src/b") == "changed")
            #expect(try await drive.text("src/c") == "c")
        }
    }

    @Test func `what cannot be read is named and the rest goes in`() async throws {
        let folder = try TemporaryFolder()
        try folder.write("src/a", "1")
        try folder.write("src/z", "2")
        mkfifo(folder.path + "/src/pipe", 0o600)
        let bad = folder.path + "/src/bad"
        _ = bad.utf8CString.withUnsafeBufferPointer { name in
            var bytes = name.map(\.self)
            bytes[bytes.count - 2] = CChar(bitPattern: 0xFF)
            return creat(bytes, 0o600)
        }
        if getuid() != 0 { try folder.write("src/secret", "3", mode: 0) }
        try await withDrive { drive in
            let report = try drive.importFolder([
                folder.path + "/none", folder.path + "/src",
            ])
            #expect(try drive.picture() == ["src/", "src/a", "src/z"])
            #expect(report.problemCount == (getuid() == 0 ? 3 : 4))
            #expect(report.problems.contains { $0.path.hasSuffix("/none") })
            #expect(report.problems.contains { $0.path.hasSuffix("/pipe") })
        }
    }

    @Test func `many files and a large one are committed in batches`() async throws {
        let folder = try TemporaryFolder()
        for number in 0..<50 { try folder.write("src/\(number)", "\(number)") }
        try folder.write("src/large", String(repeating: "x", count: 300_000))
        try await withDrive { drive in
            var options = ImportOptions()
            options.batchEntryCount = 7
            options.batchByteCount = 100_000
            options.countsFirst = true
            var seen: [FolderProgress] = []
            try drive.importFolder([folder.path + "/src"], options: options) { seen.append($0) }
            #expect(seen.count > 8)
            #expect(seen.last?.entryCount == 52 && seen.last?.totalEntryCount == 52)
            #expect(seen.last?.byteCount == seen.last?.totalByteCount)
            #expect(try await drive.text("src/large")?.utf8.count == 300_000)
            #expect(try drive.picture().count == 52)
            #expect(try drive.verify().isSound)
        }
    }

    @Test func `a cancelled import keeps what was reported`() async throws {
        let folder = try TemporaryFolder()
        for number in 0..<50 { try folder.write("src/\(number)", "\(number)") }
        try await withDrive { drive in
            let counter = Counter()
            var options = ImportOptions()
            options.isCancelled = { counter.next() > 20 }
            let report = try drive.importFolder([folder.path + "/src"], options: options)
            #expect(report.isCancelled && report.fileCount == 10)
            #expect(try drive.picture().count == 11)
        }
    }

    @Test func `the drive does not take itself in`() async throws {
        try await withDrive { drive in
            let parent = (drive.path as NSString).deletingLastPathComponent
            try drive.importFolder([parent + "/"])
            #expect(try drive.picture().isEmpty)
        }
    }

    @Test func `two names that would share a path are not mixed up`() async throws {
        let folder = try TemporaryFolder()
        try folder.write("src/a\\b", "backslash")
        try folder.write("src/a\u{FF3C}b", "wide")
        try await withDrive { drive in
            let first = try drive.importFolder([folder.path + "/src"])
            let second = try drive.importFolder([folder.path + "/src"])
            #expect(first.problemCount + first.fileCount >= 2)
            #expect(second.problemCount == 1)
            #expect(try drive.picture().count == 2)
        }
    }
}

private final class Counter: @unchecked Sendable {
    private var value = 0
    private let lock = NSLock()

    func next() -> Int {
        lock.withLock {
            value += 1; return value
        }
    }
}
