import Archives
import Testing

@Suite struct ArchivePathTests {
    @Test func `tells names, folders and what is inside`() throws {
        let path = try ArchivePath("a/b/c.txt")
        #expect(path.name == "c.txt")
        #expect(path.parent == (try ArchivePath("/a/b")))
        #expect(try ArchivePath("a").parent == .root)
        #expect(ArchivePath.root.name.isEmpty)
        #expect(path.isInside(.root))
        #expect(path.isInside(try ArchivePath("/a")))
        #expect(!path.isInside(path))
        #expect(!path.isInside(try ArchivePath("/a/b/c")))
        #expect(!ArchivePath.root.isInside(.root))
    }

    @Test func `compares and orders by bytes`() throws {
        #expect(try ArchivePath("é") != ArchivePath("e\u{301}"))
        #expect(
            try Set([ArchivePath("é"), ArchivePath("e\u{301}"), ArchivePath("./é")]).count == 2)
        let paths = try ["a0", "a/b", "a.txt", "a", "é", "z", "e\u{301}"].map {
            try ArchivePath($0)
        }
        let sorted = ["/a", "/a.txt", "/a/b", "/a0", "/e\u{301}", "/z", "/é"]
        #expect(paths.sorted().map(\.string) == sorted)
    }

    @Test(arguments: [
        "/a", "/a/b", "/..a", "/...", "/a:b/c", "/ ", "/a\u{0}b", "/e\u{301}", "/a/.../b",
    ])
    func `takes keys that a writer makes`(key: String) {
        let path = Array(key.utf8).withUnsafeBytes { ArchivePath(normalizedBytes: $0) }
        #expect(path.map { Array($0.string.utf8) } == Array(key.utf8))
    }

    @Test(arguments: [
        "", "/", "a", "//a", "/a/", "/a//b", "/.", "/..", "/a/..", "/a/./b", "/../a", "/a\\b",
        "\\a",
    ])
    func `refuses keys that no writer makes`(key: String) {
        #expect(Array(key.utf8).withUnsafeBytes { ArchivePath(normalizedBytes: $0) } == nil)
    }

    @Test func `refuses keys that are not UTF-8`() {
        #expect([0x2f, 0xff].withUnsafeBytes { ArchivePath(normalizedBytes: $0) } == nil)
    }
}
