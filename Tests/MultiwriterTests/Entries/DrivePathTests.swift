import Multiwriter
import Testing

@Suite struct DrivePathTests {
    @Test(arguments: [
        ("a", "/a"), ("/a", "/a"), ("//a//b/", "/a/b"), ("./a/./b", "/a/b"), ("a/../b", "/b"),
        ("/a//b/../c", "/a/c"), ("ü/日本", "/ü/日本"), ("...", "/..."), ("C:/x", "/C:/x"),
        ("a\\b", "/a＼b"), (" ", "/ "), ("a\u{0}b", "/a\u{0}b"),
    ])
    func `a name becomes a path`(name: String, path: String) throws {
        let made = try DrivePath(naming: name)
        #expect(made.bytes == Array(path.utf8))
        #expect(DrivePath(stored: made.bytes) == made)
    }

    @Test(arguments: ["", "/", ".", "a/..", "..", "a/../../b"])
    func `a name that leads nowhere is refused`(name: String) {
        #expect(throws: DriveError(.badName, "")) { try DrivePath(naming: name) }
    }

    @Test(arguments: ["", "a", "/", "//", "/a/", "/a//b", "/.", "/a/..", "/../a", "/a\\b"])
    func `a stored path that nobody can ask for is refused`(path: String) {
        #expect(DrivePath(stored: Array(path.utf8)) == nil)
    }

    @Test func `a stored path that is not UTF-8 or too long is refused`() {
        #expect(DrivePath(stored: [0x2F, 0xFF]) == nil)
        let long = [UInt8](repeating: 0x61, count: DriveLimits.maximumPathByteCount)
        #expect(DrivePath(stored: [0x2F] + long) == nil)
    }

    @Test func `names that only look alike are two paths`() throws {
        let composed = try DrivePath(naming: "\u{E9}")
        let decomposed = try DrivePath(naming: "e\u{301}")
        #expect(composed != decomposed)
        #expect(Set([composed, decomposed]).count == 2)
    }

    @Test func `a folder holds what is below it`() throws {
        let folder = try DrivePath(naming: "a")
        #expect(folder.contains(try DrivePath(naming: "a/b/c")))
        #expect(!folder.contains(folder))
        #expect(!folder.contains(try DrivePath(naming: "a.txt")))
        #expect(DrivePath.root.contains(folder))
        #expect(try DrivePath(naming: "a/b/c").parent == DrivePath(naming: "a/b"))
        #expect(folder.parent == .root)
        #expect(try DrivePath(naming: "a/b").lastPiece == "b")
    }
}
