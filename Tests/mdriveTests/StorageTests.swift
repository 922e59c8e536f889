import Foundation
import Testing

/// Disks that are full and folders that may not be used.
@Suite struct StorageTests {
    static let isRoot = geteuid() == 0

    @Test(.enabled(if: isRoot, "only root can mount a small disk"))
    func `a full disk loses nothing`() async throws {
        let world = try World()
        try world.makeFile("small", "small")
        try world.makeFile("large", [UInt8](repeating: 7, count: 6 << 20))
        try world.makeFile("tree/large", [UInt8](repeating: 8, count: 6 << 20))
        try FileManager.default.createDirectory(
            atPath: world.path("disk"), withIntermediateDirectories: true)
        // The mount goes with the shell, whatever happens to it.
        let script = #"""
            set -u; mdrive=$0
            mount -t tmpfs -o size=2m none disk || exit 9
            "$mdrive" disk/a write small <small || exit 10
            "$mdrive" disk/a write large <large 2>errors && exit 11
            [ $(wc -l <errors) = 1 ] || exit 12
            cat errors
            "$mdrive" disk/a import tree 2>errors && exit 13
            cat errors
            [ "$("$mdrive" disk/a cat small)" = small ] || exit 14
            [ $("$mdrive" disk/a list | wc -l) = 1 ] || exit 15
            "$mdrive" disk/a verify >&2 || exit 16
            "$mdrive" disk/a write another <small || exit 17
            [ "$("$mdrive" disk/a cat another)" = small ] || exit 18
            "$mdrive" disk/a export out || exit 19
            """#
        let outcome = try await world.run(
            [], input: .file("/dev/null", O_RDONLY),
            prefix: ["unshare", "-m", "/bin/sh", "-c", script])
        #expect(outcome.ending == .exit(0), "\(outcome)")
        for line in outcome.lines {
            #expect(line.hasPrefix("mdrive: "), "\(line)")
            #expect(line.lowercased().contains("room") || line.contains("full"), "\(line)")
        }
    }

    @Test(.enabled(if: isRoot, "only root can mount a small disk"))
    func `a disk that is full from the start gets no drive`() async throws {
        let world = try World()
        try world.makeFile("small", "small")
        try FileManager.default.createDirectory(
            atPath: world.path("disk"), withIntermediateDirectories: true)
        let script = #"""
            mount -t tmpfs -o size=64k none disk || exit 9
            head -c 65536 /dev/zero >disk/filling
            "$0" disk/a write small <small && exit 10
            rm disk/filling
            "$0" disk/a list 2>/dev/null
            """#
        let outcome = try await world.run(
            [], input: .file("/dev/null", O_RDONLY),
            prefix: ["unshare", "-m", "/bin/sh", "-c", script])
        expectFailure(outcome, naming: "disk/a")
    }

    @Test func `a file that may not grow loses nothing`() async throws {
        let world = try World()
        try await world.succeed("a", "write", "small", input: "small")
        let large = [UInt8](repeating: 7, count: 8 << 20)
        let outcome = try await world.run(
            "a", "write", "large", input: large,
            prefix: ["/bin/sh", "-c", "ulimit -f 4096; exec \"$0\" \"$@\""])
        expectFailure(outcome, naming: "a")
        #expect(try await world.succeed("a", "cat", "small").text == "small")
        try await world.succeed("a", "verify")
        let again = try await world.run("a", "write", "large", input: large)
        #expect(again.ending == .exit(0), "\(again)")
        #expect(try await world.run("a", "cat", "large").output == large)
    }

    @Test func `an unwritable folder is named and nothing is made`() async throws {
        let world = try World()
        let user = try OtherUser(world)
        try FileManager.default.createDirectory(
            atPath: world.path("locked"), withIntermediateDirectories: true)
        chmod(world.path("locked"), 0o555)
        expectFailure(
            try await world.run("locked/a", "write", "x", prefix: user.prefix), naming: "locked/a")
        #expect(!world.exists("locked/a"))
    }

    @Test func `a drive that may only be read says so`() async throws {
        let world = try World()
        let user = try OtherUser(world)
        try await world.succeed("a", "write", "x", input: "content")
        for (name, mode) in [("a", 0o555), ("a/data.mdb", 0o444), ("a/lock.mdb", 0o444)] {
            chmod(world.path(name), mode_t(mode))
        }
        expectFailure(try await world.run("a", "write", "y", prefix: user.prefix), naming: "a")
        for (name, mode) in [("a", 0o755), ("a/data.mdb", 0o644), ("a/lock.mdb", 0o644)] {
            chmod(world.path(name), mode_t(mode))
        }
        #expect(try await world.succeed("a", "list").lines.count == 1)
    }

    @Test func `what cannot be read is named, and the rest is imported`() async throws {
        let world = try World()
        let user = try OtherUser(world)
        for number in 0..<5 { try world.makeFile("tree/good \(number)", "good") }
        try world.makeFile("tree/bad", "bad")
        chmod(world.path("tree/bad"), 0)
        try world.makeFile("tree/locked/inside", "bad")
        chmod(world.path("tree/locked"), 0)
        chmod(world.folder, 0o777)
        let outcome = try await world.run("a", "import", "tree", prefix: user.prefix)
        #expect(outcome.ending == .exit(1), "\(outcome)")
        #expect(outcome.errorLines.count == 2, "\(outcome)")
        for name in ["tree/bad", "tree/locked"] {
            #expect(outcome.errors.contains("\(name): "), "\(outcome)")
        }
        let listing = try await world.run("a", "ls", "tree", prefix: user.prefix)
        #expect(listing.lines.filter { $0.contains("good") }.count == 5, "\(listing)")
        #expect(!listing.text.contains("bad"), "\(listing)")
    }

    @Test func `a drive of a newer version is left alone`() async throws {
        let world = try World()
        try await world.succeed("a", "write", "x", input: "content")
        var bytes = try world.content("a/data.mdb")
        try #require(StoreVersion.raise(in: &bytes))
        try world.makeFile("a/data.mdb", bytes)
        for words in [["list"], ["write", "y"], ["verify"], ["sync"]] {
            let outcome = try await world.run(["a"] + words, input: .file("/dev/null", O_RDONLY))
            expectFailure(outcome, naming: "newer")
        }
        #expect(try world.content("a/data.mdb") == bytes)
    }
}

/// Somebody whom permissions concern, which they do not if it is root who runs the tests.
struct OtherUser {
    let prefix: [String]

    init(_ world: World) throws {
        prefix =
            StorageTests.isRoot
            ? ["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups"] : []
    }
}

/// The number of the format as it stands in a database.
enum StoreVersion {
    /// Makes every copy of it higher; false if there is none.
    static func raise(in bytes: inout [UInt8]) -> Bool {
        var hasFound = false
        // A store that has no row of several blocks may still be one of the first format.
        for version: UInt8 in [1, 2] {
            let record = Array("format".utf8) + [version, 0, 0, 0]
            var start = bytes.startIndex
            while let found = bytes[start...].firstRange(of: record) {
                bytes[found.upperBound - 4] = 99
                hasFound = true
                start = found.upperBound
            }
        }
        return hasFound
    }
}
