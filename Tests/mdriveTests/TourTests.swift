import Foundation
import Testing

/// What a newcomer does first, word for word.
@Suite struct TourTests {
    static let root = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    @Test func `the tour of the README works as it stands`() async throws {
        let text = try String(
            contentsOf: Self.root.appendingPathComponent("README.md"), encoding: .utf8)
        let tour = try #require(text.sections.first { $0.hasPrefix("A tour\n") })
        let blocks = tour.split(separator: "```").map(String.init)
            .filter { $0.hasPrefix("sh\n") }.map { $0.dropFirst(3) }
        #expect(blocks.count >= 5)
        let world = try World()
        try world.makeFile("docs/guide/page.md", "# A page\n")
        // Only the port and the folder outside are made this test's own.
        let script = blocks.joined()
            .replacing("4747", with: "\(try freePort())")
            .replacing("/tmp/mdrive-tour", with: world.path("outside"))
        let outcome = try await world.shell("set -eu\n" + script)
        #expect(outcome.ending == .exit(0), "\(outcome)")
        #expect(outcome.errors.isEmpty, "\(outcome)")
        for words in ["hello from alice", "notes/", "manual/docs/", "writers  2"] {
            #expect(outcome.text.contains(words), "\(words)")
        }
        #expect(try world.content("outside/manual/docs/guide/page.md") == Array("# A page\n".utf8))
        #expect(try await world.succeed("bob", "ls").lines == ["greeting.txt", "notes/"])
    }

    @Test func `the demonstration shows what it promises`() async throws {
        let script = Self.root.appendingPathComponent("Examples/demo.sh").path
        let outcome = try await World().shell(". '\(script)'")
        #expect(outcome.ending == .exit(0), "\(outcome)")
        #expect(outcome.errors.isEmpty, "\(outcome)")
        for name in ["a", "b", "c"] {
            let lines = outcome.lines.filter { $0.hasSuffix("greetings from \(name)") }
            #expect(lines.count == 3)
        }
        #expect(outcome.lines.last == "Every drive has all three files.")
    }

    private func freePort() throws -> UInt16 {
        #if canImport(Darwin)
            let descriptor = try Descriptor(socket(AF_INET, SOCK_STREAM, 0))
        #else
            let descriptor = try Descriptor(socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0))
        #endif
        var name = sockaddr_in()
        name.sin_family = sa_family_t(AF_INET)
        name.sin_addr.s_addr = inet_addr("127.0.0.1")
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let result = withUnsafeMutablePointer(to: &name) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                bind(descriptor.number, address, size) == 0
                    && getsockname(descriptor.number, address, &size) == 0
            }
        }
        guard result else { throw POSIXError(.EADDRINUSE) }
        return UInt16(bigEndian: name.sin_port)
    }
}

extension World {
    /// Runs a script of the shell in which `mdrive` is the program under test.
    fileprivate func shell(_ script: String) async throws -> Outcome {
        let folder = URL(fileURLWithPath: Program.path).deletingLastPathComponent().path
        return try await run(
            [], input: .file("/dev/null", O_RDONLY),
            prefix: ["/bin/sh", "-c", "PATH='\(folder)':$PATH\n" + script])
    }
}

extension String {
    /// The text between headings of the second level, each with its title first.
    fileprivate var sections: [String] {
        ("\n" + self).split(separator: "\n## ").map(String.init)
    }
}
