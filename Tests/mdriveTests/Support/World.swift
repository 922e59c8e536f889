import Foundation
import Testing

/// A folder of its own in which the program runs; it goes with the test.
final class World: Sendable {
    let folder: String

    init() throws {
        folder = NSTemporaryDirectory() + "/mdrive-tests-\(UUID().uuidString)"
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true)
    }

    deinit {
        // Folders without permission cannot be emptied.
        let walk = FileManager.default.enumerator(atPath: folder)
        while let name = walk?.nextObject() as? String {
            var status = stat()
            let path = folder + "/" + name
            if lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR { chmod(path, 0o700) }
        }
        try? FileManager.default.removeItem(atPath: folder)
    }

    /// Where a name of this world stands.
    func path(_ name: String) -> String { folder + "/" + name }

    func exists(_ name: String) -> Bool {
        var status = stat()
        return lstat(path(name), &status) == 0
    }

    func makeFile(_ name: String, _ content: some Collection<UInt8>) throws {
        let url = URL(fileURLWithPath: path(name))
        try FileManager.default.createDirectory(
            at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(content).write(to: url)
    }

    func makeFile(_ name: String, _ content: String) throws {
        try makeFile(name, Array(content.utf8))
    }

    func content(_ name: String) throws -> [UInt8] {
        Array(try Data(contentsOf: URL(fileURLWithPath: path(name))))
    }

    /// Runs the program to its end with what it is to read.
    @discardableResult
    func run(
        _ words: String..., input: [UInt8] = [], prefix: [String] = []
    ) async throws -> Outcome {
        let source = path(".input-\(UUID().uuidString)")
        try Data(input).write(to: URL(fileURLWithPath: source))
        defer { unlink(source) }
        return try await run(words, input: .file(source, O_RDONLY), prefix: prefix)
    }

    /// Runs the program to its end with a descriptor as its input.
    func run(
        _ words: [String], input: Descriptor, output: Descriptor? = nil, prefix: [String] = []
    ) async throws -> Outcome {
        let names = ["output", "errors"].map { path(".\($0)-\(UUID().uuidString)") }
        defer { names.forEach { unlink($0) } }
        let flags = O_RDWR | O_CREAT | O_EXCL
        let given = try output ?? .file(names[0], flags)
        let errors = try Descriptor.file(names[1], flags)
        let program = try RunningProgram(
            prefix + [Program.path] + words, in: folder, input: input, output: given,
            errors: errors)
        let ending = await program.finished()
        return Outcome(
            ending: ending,
            output: output == nil
                ? Array(try Data(contentsOf: URL(fileURLWithPath: names[0]))) : [],
            errors: String(
                decoding: try Data(contentsOf: URL(fileURLWithPath: names[1])), as: UTF8.self))
    }

    /// Runs the program, which must succeed and say nothing to people, and returns its output.
    @discardableResult
    func succeed(
        _ words: String..., input: String = "", location: SourceLocation = #_sourceLocation
    ) async throws -> Outcome {
        let source = path(".input-\(UUID().uuidString)")
        try Data(input.utf8).write(to: URL(fileURLWithPath: source))
        defer { unlink(source) }
        let outcome = try await run(words, input: .file(source, O_RDONLY))
        #expect(outcome.ending == .exit(0), "\(words): \(outcome)", sourceLocation: location)
        #expect(outcome.errors == "", "\(words)", sourceLocation: location)
        return outcome
    }

    /// Tries something until it is so; each attempt is work of its own, so there is no pause.
    func eventually(
        _ what: String, location: SourceLocation = #_sourceLocation,
        _ condition: () async throws -> Bool
    ) async throws {
        let deadline = ContinuousClock.now + .seconds(60)
        while try await !condition() {
            guard ContinuousClock.now < deadline else {
                Issue.record("never so: \(what)", sourceLocation: location)
                return
            }
        }
    }
}

/// Checks that an outcome is a failure with one clear line that names something.
func expectFailure(
    _ outcome: Outcome, naming words: String..., location: SourceLocation = #_sourceLocation
) {
    #expect(outcome.ending == .exit(1), "\(outcome)", sourceLocation: location)
    #expect(outcome.output.isEmpty, "\(outcome)", sourceLocation: location)
    #expect(outcome.errorLines.count == 1, "\(outcome)", sourceLocation: location)
    #expect(outcome.errors.hasPrefix("mdrive: "), "\(outcome)", sourceLocation: location)
    for word in words {
        #expect(outcome.errors.contains(word), "\(outcome)", sourceLocation: location)
    }
}
