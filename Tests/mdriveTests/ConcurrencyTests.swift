import Foundation
import Testing

@Suite struct ConcurrencyTests {
    @Test func `many processes that write at once all succeed`() async throws {
        let world = try World()
        let names = (0..<8).map { "file-\($0)" }
        try await withThrowingTaskGroup(of: Outcome.self) { group in
            for name in names {
                group.addTask { try await world.run("a", "write", name, input: Array(name.utf8)) }
            }
            for try await outcome in group {
                #expect(outcome.ending == .exit(0), "\(outcome)")
                #expect(outcome.errors.isEmpty, "\(outcome)")
            }
        }
        #expect(try await world.succeed("a", "ls").lines == names)
        #expect(try await world.succeed("a", "list").lines.count == names.count)
        for name in names { #expect(try await world.succeed("a", "cat", name).text == name) }
        try await world.succeed("a", "verify")
    }

    @Test func `two large files are written at once, and both are whole`() async throws {
        let world = try World()
        let contents = [UInt8(1), 2].map { byte in
            (0..<24_000).flatMap { [UInt8](repeating: byte &+ UInt8($0 & 0xFF), count: 1000) }
        }
        async let first = world.run("a", "write", "one", input: contents[0])
        async let second = world.run("a", "write", "two", input: contents[1])
        for outcome in try await [first, second] {
            #expect(outcome.ending == .exit(0), "\(outcome)")
        }
        #expect(try await world.run("a", "cat", "one").output == contents[0])
        #expect(try await world.run("a", "cat", "two").output == contents[1])
        try await world.succeed("a", "verify")
    }

    @Test func `readers see whole files while others write`() async throws {
        let world = try World()
        try await world.succeed("a", "write", "file", input: "0000")
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                for number in 1...20 {
                    let text = String(repeating: "\(number % 10)", count: 4)
                    try await world.succeed("a", "write", "file", input: text)
                }
            }
            group.addTask {
                for _ in 0..<20 {
                    let text = try await world.succeed("a", "cat", "file").text
                    #expect(text.count == 4 && Set(text).count == 1)
                }
            }
            try await group.waitForAll()
        }
        #expect(try await world.succeed("a", "list").lines.count == 21)
    }

    @Test func `an import and a write at once both succeed`() async throws {
        let world = try World()
        for number in 0..<200 { try world.makeFile("tree/\(number)", "content \(number)") }
        async let imported = world.run("a", "import", "tree")
        async let written = world.run("a", "write", "beside", input: [1, 2, 3])
        for outcome in try await [imported, written] {
            #expect(outcome.ending == .exit(0), "\(outcome)")
        }
        #expect(try await world.succeed("a", "ls", "tree").lines.count == 200)
        #expect(try await world.run("a", "cat", "beside").output == [1, 2, 3])
    }
}
