import Foundation
import LMDB
import Synchronization
import Testing

@Suite struct EnvironmentExecutorTests {
    /// Counts how many are at work at one time.
    private final class Gauge: Sendable {
        private let state = Mutex<(running: Int, most: Int)>((0, 0))

        var most: Int { state.withLock { $0.most } }

        func work(seconds: Double) {
            state.withLock { state in
                state.running += 1
                state.most = max(state.most, state.running)
            }
            Thread.sleep(forTimeInterval: seconds)
            state.withLock { $0.running -= 1 }
        }
    }

    @Test func `writes run one after the other, in order`() async throws {
        let executor = EnvironmentExecutor()
        let gauge = Gauge()
        try await withThrowingTaskGroup { group in
            for _ in 0..<50 {
                group.addTask {
                    try await executor.write { gauge.work(seconds: 0.0002) }
                }
            }
            try await group.waitForAll()
        }
        #expect(gauge.most == 1)
    }

    @Test func `reads run side by side, but not more than there are threads`() async throws {
        let executor = EnvironmentExecutor(readerCount: 3)
        let gauge = Gauge()
        try await withThrowingTaskGroup { group in
            for _ in 0..<60 {
                group.addTask {
                    try await executor.read { gauge.work(seconds: 0.001) }
                }
            }
            try await group.waitForAll()
        }
        #expect((2...3).contains(gauge.most))
    }

    @Test func `hands results and errors back`() async throws {
        struct Unwanted: Error {}
        let executor = EnvironmentExecutor()
        #expect(try await executor.read { 7 } == 7)
        await #expect(throws: Unwanted.self) { try await executor.write { throw Unwanted() } }
    }

    @Test func `many tasks read and write while the map grows`() async throws {
        let folder = try TemporaryFolder()
        var options = EnvironmentOptions.quick
        options.initialMapByteCount = 1 << 16
        let environment = try Environment(path: folder.path, options: options)
        let table = try environment.openDatabase(named: "table")
        try await withThrowingTaskGroup { group in
            for index in UInt8(0)..<100 {
                group.addTask {
                    try await environment.executor.write {
                        try environment.write { transaction in
                            let value = [UInt8](repeating: index, count: 20_000)
                            try transaction.put(value, forKey: [index], in: table)
                        }
                    }
                }
                group.addTask {
                    try await environment.executor.read {
                        try environment.read { transaction in
                            try transaction.visit(in: table) { key, value in
                                #expect(value.first == key[0] && value.last == key[0])
                                return .next
                            }
                        }
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(try environment.read { try $0.count(of: table) } == 100)
        #expect(try environment.findDamage() == [])
    }
}
