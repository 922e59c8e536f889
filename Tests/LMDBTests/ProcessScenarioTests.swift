import Foundation
import LMDB
import Testing

/// Several processes on one environment; each exit test's body is a process of its own.
@Suite struct ProcessTests {
    @Test func `sees what another process wrote, also when it grew the map`() async throws {
        let folder = try TemporaryFolder()
        var options = EnvironmentOptions.quick
        options.initialMapByteCount = 1 << 16
        let environment = try Environment(path: folder.path, options: options)
        let table = try environment.openDatabase(named: "table")
        let before = try environment.lastTransactionID()
        await #expect(processExitsWith: .success) { [path = folder.path as String] in
            let environment = try Environment(path: path, options: .quick)
            let table = try environment.openDatabase(named: "table")
            try environment.write { transaction in
                for key in UInt8(0)..<100 {
                    let value = [UInt8](repeating: key, count: 100_000)
                    try transaction.put(value, forKey: [key], in: table)
                }
            }
        }
        #expect(try environment.lastTransactionID() == before + 1)
        #expect(try environment.read { try $0.count(of: table) } == 100)
        try environment.write { try $0.put([1], forKey: [200], in: table) }
        let value = try environment.read { try $0.value(forKey: [99], in: table) }
        #expect(value == [UInt8](repeating: 99, count: 100_000))
        #expect(try environment.findDamage() == [])
    }

    @Test func `a writer meets a map that another process grew`() async throws {
        let folder = try TemporaryFolder()
        var options = EnvironmentOptions.quick
        options.initialMapByteCount = 1 << 16
        let environment = try Environment(path: folder.path, options: options)
        let table = try environment.openDatabase(named: "table")
        await #expect(processExitsWith: .success) { [path = folder.path as String] in
            let environment = try Environment(path: path, options: .quick)
            let table = try environment.openDatabase(named: "table")
            try environment.write { transaction in
                try transaction.put([UInt8](repeating: 1, count: 1 << 20), forKey: [1], in: table)
            }
        }
        try environment.write { transaction in
            let value = try transaction.reading.withValue(forKey: [1], in: table) { $0?.count }
            #expect(value == 1 << 20)
            try transaction.put([2], forKey: [2], in: table)
        }
        #expect(try environment.read { try $0.count(of: table) } == 2)
    }

    @Test func `two processes count together without losing any`() async throws {
        let folder = try TemporaryFolder()
        try Environment(path: folder.path, options: .quick).close()
        async let first: Void = countInAnotherProcess(folder.path)
        async let second: Void = countInAnotherProcess(folder.path)
        _ = await (first, second)
        let environment = try Environment(path: folder.path, options: .quick)
        let table = try environment.openDatabase(named: "table")
        let value = try environment.read { try $0.value(forKey: [1], in: table) }
        #expect(value == [UInt8(600 & 255), UInt8(600 >> 8)])
    }

    private func countInAnotherProcess(_ path: String) async {
        await #expect(processExitsWith: .success) { [path = path as String] in
            let environment = try Environment(path: path, options: .quick)
            let table = try environment.openDatabase(named: "table")
            for _ in 0..<300 {
                try environment.write { transaction in
                    let value = try transaction.reading.value(forKey: [1], in: table) ?? [0, 0]
                    let count = Int(value[0]) + Int(value[1]) << 8 + 1
                    try transaction.put(
                        [UInt8(count & 255), UInt8(count >> 8)], forKey: [1], in: table)
                }
            }
        }
    }

    @Test func `a process killed in a write leaves the last commit and no lock`() async throws {
        let folder = try TemporaryFolder()
        await #expect(processExitsWith: .signal(SIGKILL)) { [path = folder.path as String] in
            let environment = try Environment(path: path, options: .quick)
            let table = try environment.openDatabase(named: "table")
            try environment.write { try $0.put([1], forKey: [1], in: table) }
            try environment.write { transaction in
                for key in UInt8(0)...255 {
                    try transaction.put(
                        [UInt8](repeating: 2, count: 9000), forKey: [key], in: table)
                }
                kill(getpid(), SIGKILL)
            }
        }
        let environment = try Environment(path: folder.path, options: .quick)
        let table = try environment.openDatabase(named: "table")
        #expect(try environment.read { try $0.all(in: table) } == [[1]: [1]])
        try environment.write { try $0.put([2], forKey: [2], in: table) }
        #expect(try environment.findDamage() == [])
    }

    @Test func `the slots of dead readers are used again`() async throws {
        let folder = try TemporaryFolder()
        var options = EnvironmentOptions.quick
        options.maximumReaderCount = 4
        let environment = try Environment(path: folder.path, options: options)
        let table = try environment.openDatabase(named: "table")
        for _ in 0..<6 {
            await #expect(processExitsWith: .signal(SIGKILL)) { [path = folder.path as String] in
                let environment = try Environment(path: path, options: .quick)
                try environment.read { _ in _ = kill(getpid(), SIGKILL) }
            }
        }
        #expect(try environment.read { try $0.count(of: table) } == 0)
    }

    @Test func `says so when all readers' slots are taken`() async throws {
        let folder = try TemporaryFolder()
        await #expect(processExitsWith: .success) { [path = folder.path as String] in
            var options = EnvironmentOptions.quick
            options.maximumReaderCount = 1
            // The lock file is made for a few more readers than were asked for.
            let environment = try Environment(path: path, options: options)
            let table = try environment.openDatabase(named: "table")
            let held = DispatchSemaphore(value: 0)
            let done = DispatchSemaphore(value: 0)
            var threads: [BackgroundThread<Int>] = []
            for _ in 0..<20 {
                threads.append(
                    BackgroundThread {
                        defer { held.signal() }
                        return try environment.read { transaction in
                            held.signal()
                            done.wait()
                            return try transaction.count(of: table)
                        }
                    })
            }
            for _ in threads { held.wait() }
            for _ in threads { done.signal() }
            let codes = threads.compactMap { thread -> LMDBError.Code? in
                do {
                    _ = try thread.result()
                    return nil
                } catch {
                    return (error as? LMDBError)?.code
                }
            }
            #expect(!codes.isEmpty)
            #expect(codes.allSatisfy { $0 == .readersFull })
            #expect(try environment.read { try $0.count(of: table) } == 0)
        }
    }

    @Test func `a forked child must open the environment again`() async throws {
        let folder = try TemporaryFolder()
        await #expect(processExitsWith: .success) { [path = folder.path as String] in
            let environment = try Environment(path: path, options: .quick)
            let table = try environment.openDatabase(named: "table")
            try environment.write { try $0.put([1], forKey: [1], in: table) }
            // Swift hides fork; a C library in the same process may still call it.
            typealias Fork = @convention(c) () -> pid_t
            let symbol = try #require(dlsym(nil, "fork"))
            let child = unsafeBitCast(symbol, to: Fork.self)()
            if child == 0 { childOfFork(environment, path, table) }
            var status: Int32 = 0
            waitpid(child, &status, 0)
            #expect(status == 0)
            #expect(try environment.read { try $0.count(of: table) } == 2)
        }
    }
}

private func childOfFork(_ environment: Environment, _ path: String, _ table: Database) -> Never {
    do {
        _ = try environment.read { try $0.count(of: table) }
        _exit(1)
    } catch let error as LMDBError where error.code == .openedBeforeFork {
        environment.close()
    } catch {
        _exit(2)
    }
    do {
        let own = try Environment(path: path, options: .quick)
        let table = try own.openDatabase(named: "table")
        try own.write { try $0.put([2], forKey: [2], in: table) }
        own.close()
    } catch {
        _exit(3)
    }
    _exit(0)
}
