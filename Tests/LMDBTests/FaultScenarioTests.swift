import Foundation
import LMDB
import Testing

/// Failures of the disk, made by putting `/dev/full` under an open environment.
@Suite struct FaultTests {
    /// The descriptors of the data file: the one for pages, then the one for the two first pages.
    private func descriptors(of environment: Environment) throws -> [Int32] {
        try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").compactMap(Int32.init)
            .filter { descriptor in
                let link = "/proc/self/fd/\(descriptor)"
                let target = try? FileManager.default.destinationOfSymbolicLink(atPath: link)
                return target == environment.dataFilePath
            }
            .sorted()
    }

    private func withFullDisk(
        under descriptor: Int32, _ body: () throws -> Void
    ) throws {
        let full = open("/dev/full", O_RDWR | O_CLOEXEC)
        try #require(full >= 0)
        let saved = fcntl(descriptor, F_DUPFD_CLOEXEC, 0)
        dup2(full, descriptor)
        defer {
            dup2(saved, descriptor)
            close(saved)
            close(full)
        }
        try body()
    }

    @Test func `a full disk is an error that says so and loses nothing`() throws {
        try withEnvironment(EnvironmentOptions()) { environment, table in
            try environment.write { try $0.put([1], forKey: [1], in: table) }
            let pages = try #require(try descriptors(of: environment).first)
            try withFullDisk(under: pages) {
                for count in [1, 300] {
                    let error = #expect(throws: LMDBError.self) {
                        try environment.write { transaction in
                            for key in 0..<count {
                                let value = [UInt8](repeating: 2, count: 70_000)
                                try transaction.put(
                                    value, forKey: [UInt8(key & 255), 1], in: table)
                            }
                        }
                    }
                    #expect(error?.code == .diskFull)
                    #expect(error?.message.contains("disk is full") == true)
                    #expect(error?.message.contains(environment.path) == true)
                }
                let left = try environment.read { try $0.all(in: table) }
                #expect(left == [[1]: [1]])
            }
            try environment.write { try $0.put([2], forKey: [2], in: table) }
            #expect(try environment.read { try $0.all(in: table) } == [[1]: [1], [2]: [2]])
            #expect(try environment.findDamage() == [])
        }
    }

    @Test func `goes on after a commit that failed at its very end`() throws {
        try withEnvironment(EnvironmentOptions()) { environment, table in
            let second = try environment.openDatabase(named: "second")
            try environment.write { try $0.put([1], forKey: [1], in: table) }
            let metas = try #require(try descriptors(of: environment).last)
            try withFullDisk(under: metas) {
                #expect(throws: LMDBError(code: .diskFull, message: "")) {
                    try environment.write { try $0.put([2], forKey: [2], in: table) }
                }
            }
            try environment.write { try $0.put([3], forKey: [3], in: second) }
            #expect(try environment.read { try $0.all(in: table) } == [[1]: [1]])
            #expect(try environment.read { try $0.all(in: second) } == [[3]: [3]])
        }
    }

    @Test func `runs into the limit of a file's size and goes on`() async throws {
        let folder = try TemporaryFolder()
        await #expect(processExitsWith: .success) { [path = folder.path as String] in
            signal(SIGXFSZ, SIG_IGN)
            let environment = try Environment(path: path)
            let table = try environment.openDatabase(named: "table")
            try environment.write { try $0.put([1], forKey: [1], in: table) }
            var limit = rlimit(rlim_cur: 1 << 20, rlim_max: rlim_t.max)
            setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit)
            let error = #expect(throws: LMDBError.self) {
                try environment.write { transaction in
                    for key in UInt8(0)..<40 {
                        let value = [UInt8](repeating: 2, count: 70_000)
                        try transaction.put(value, forKey: [key, 1], in: table)
                    }
                }
            }
            #expect(error?.message.hasPrefix("Writing to the database at") == true)
            try environment.write { try $0.put([2], forKey: [2], in: table) }
            #expect(try environment.read { try $0.all(in: table) } == [[1]: [1], [2]: [2]])
        }
    }
}
