import Dispatch
import Foundation
import Testing

@testable import Multiwriter

@Suite struct CommitWatcherTests {
    @Test func `a write to the file is told`() async throws {
        let url = FileManager.default.temporaryDirectory
            .appendingPathComponent("mdrive-watched-\(UUID().uuidString)")
        try Data("first".utf8).write(to: url)
        defer { try? FileManager.default.removeItem(at: url) }
        let (calls, called) = AsyncStream.makeStream(of: Void.self)
        let watcher = CommitWatcher(path: url.path, queue: DispatchQueue(label: "watch")) {
            called.yield(())
        }
        try #require(watcher != nil)
        let handle = try FileHandle(forWritingTo: url)
        var iterator = calls.makeAsyncIterator()
        for _ in 0..<3 {
            try handle.write(contentsOf: Data("more".utf8))
            _ = await iterator.next()
        }
        try handle.close()
        withExtendedLifetime(watcher) {}
    }

    @Test func `a file that is not there cannot be watched`() {
        let watcher = CommitWatcher(
            path: "/nowhere/at/all", queue: DispatchQueue(label: "watch")
        ) {}
        #expect(watcher == nil)
    }
}
