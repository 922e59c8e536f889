import Foundation
import LMDB
import Testing

@Suite struct EnvironmentTests {
    @Test func `keeps what was written when it is opened again`() throws {
        let folder = try TemporaryFolder()
        do {
            let environment = try Environment(path: folder.path)
            let table = try environment.openDatabase(named: "table")
            try environment.write { try $0.put([1, 2], forKey: [3], in: table) }
            environment.close()
        }
        let environment = try Environment(path: folder.path)
        let table = try environment.openDatabase(named: "table")
        #expect(try environment.read { try $0.value(forKey: [3], in: table) } == [1, 2])
    }

    @Test func `makes a missing folder, for the owner alone`() throws {
        let folder = try TemporaryFolder()
        let environment = try Environment(path: folder.path + "/new", options: .quick)
        #expect(try mode(of: environment.path) == 0o700)
        #expect(try mode(of: environment.dataFilePath) == 0o600)
        #expect(try mode(of: environment.path + "/lock.mdb") == 0o600)
    }

    private func mode(of path: String) throws -> Int {
        let attributes = try FileManager.default.attributesOfItem(atPath: path)
        return try #require(attributes[.posixPermissions] as? Int)
    }

    @Test(arguments: [false, true])
    func `creates nothing when there must be something`(isReadOnly: Bool) throws {
        let folder = try TemporaryFolder()
        var options = EnvironmentOptions()
        options.mustExist = !isReadOnly
        options.isReadOnly = isReadOnly
        for path in [folder.path, folder.path + "/absent"] {
            let error = #expect(throws: LMDBError.self) {
                try Environment(path: path, options: options)
            }
            #expect(error?.code == .noSuchFile)
            #expect(error?.message == "There is no database at \(path).")
        }
        #expect(folder.names.isEmpty)
    }

    @Test func `names the folder that cannot be made`() throws {
        let folder = try TemporaryFolder()
        let error = #expect(throws: LMDBError.self) {
            try Environment(path: folder.path + "/a/b")
        }
        #expect(error?.code == .noSuchFile)
        #expect(error?.message.contains(folder.path + "/a/b") == true)
        #expect(folder.names.isEmpty)
    }

    @Test func `refuses a file in place of the folder`() throws {
        let folder = try TemporaryFolder()
        let path = folder.path + "/file"
        try Data([1]).write(to: URL(filePath: path))
        let error = #expect(throws: LMDBError.self) { try Environment(path: path) }
        #expect(error?.code.rawValue == ENOTDIR)
        #expect(folder.names == ["file"])
    }

    @Test func `reads and refuses to write when opened for reading only`() throws {
        let folder = try TemporaryFolder()
        do {
            let environment = try Environment(path: folder.path, options: .quick)
            let table = try environment.openDatabase(named: "table")
            try environment.write { try $0.put([1], forKey: [1], in: table) }
        }
        var options = EnvironmentOptions.quick
        options.isReadOnly = true
        let environment = try Environment(path: folder.path, options: options)
        let table = try environment.openDatabase(named: "table")
        #expect(try environment.read { try $0.value(forKey: [1], in: table) } == [1])
        #expect(throws: LMDBError(code: .readOnly, message: "")) {
            try environment.write { try $0.put([1], forKey: [2], in: table) }
        }
        #expect(throws: LMDBError(code: .notFound, message: "")) {
            try environment.openDatabase(named: "another")
        }
        #expect(throws: LMDBError(code: .readOnly, message: "")) {
            try Environment(path: folder.path, options: .quick)
        }
    }

    @Test func `shares what is open, under any name`() throws {
        let folder = try TemporaryFolder()
        let link = folder.path + "/link"
        let real = folder.path + "/real"
        let first = try Environment(path: real, options: .quick)
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: real)
        let second = try Environment(path: link, options: .quick)
        let table = try first.openDatabase(named: "table")
        #expect(try second.openDatabase(named: "table") == table)
        first.close()
        try second.write { try $0.put([1], forKey: [1], in: table) }
        #expect(throws: LMDBError(code: .closed, message: "")) {
            try first.read { try $0.count(of: table) }
        }
        second.close()
        second.close()
        #expect(throws: LMDBError(code: .closed, message: "")) { try second.lastTransactionID() }
        let third = try Environment(path: real, options: .quick)
        let again = try third.openDatabase(named: "table")
        #expect(try third.read { try $0.count(of: again) } == 1)
    }

    @Test func `waits for open transactions before it closes`() async throws {
        let folder = try TemporaryFolder()
        let environment = try Environment(path: folder.path, options: .quick)
        let table = try environment.openDatabase(named: "table")
        try environment.write { try $0.put([7], forKey: [1], in: table) }
        let (begun, begin) = AsyncStream.makeStream(of: Void.self)
        async let value: [UInt8]? = environment.executor.read {
            try environment.read { transaction in
                begin.yield()
                Thread.sleep(forTimeInterval: 0.02)
                return try transaction.value(forKey: [1], in: table)
            }
        }
        for await _ in begun { break }
        await Task.detached { environment.close() }.value
        #expect(try await value == [7])
    }

    @Test func `grows the map while one transaction fills it many times over`() throws {
        var options = EnvironmentOptions.quick
        options.initialMapByteCount = 1 << 16
        try withEnvironment(options) { environment, table in
            var runCount = 0
            try environment.write { transaction in
                runCount += 1
                for index in 0..<3000 {
                    let key = [UInt8(index >> 8), UInt8(index & 255)]
                    try transaction.put(
                        [UInt8](repeating: 7, count: 10_000), forKey: key, in: table, append: true)
                }
            }
            #expect(runCount > 1)
            #expect(try environment.read { try $0.count(of: table) } == 3000)
        }
    }

    @Test func `grows the map even if the body drops or replaces the error`() throws {
        struct Replacement: Error {}
        for isReplaced in [false, true] {
            var options = EnvironmentOptions.quick
            options.initialMapByteCount = 1 << 16
            try withEnvironment(options) { environment, table in
                try environment.write { transaction in
                    do {
                        let value = [UInt8](repeating: 7, count: 1 << 20)
                        try transaction.put(value, forKey: [1], in: table)
                    } catch {
                        if isReplaced { throw Replacement() }
                    }
                }
                #expect(try environment.read { try $0.count(of: table) } == 1)
            }
        }
    }

    @Test func `counts commits`() throws {
        try withEnvironment { environment, table in
            let before = try environment.lastTransactionID()
            let written = try environment.write { transaction in
                try transaction.put([1], forKey: [1], in: table)
                return transaction.id
            }
            #expect(written == before + 1)
            #expect(try environment.lastTransactionID() == written)
            #expect(try environment.read { $0.id } == written)
            try environment.write { _ in }
            #expect(try environment.lastTransactionID() == written)
        }
    }

    @Test func `opens many tables in one commit, and finds them again`() throws {
        let folder = try TemporaryFolder()
        let names = (0..<20).map { "table \($0)" }
        for _ in 0..<2 {
            let environment = try Environment(path: folder.path, options: .quick)
            let tables = try environment.openDatabases(named: names)
            #expect(Set(tables).count == 20)
            #expect(try environment.lastTransactionID() == 1)
            #expect(try environment.openDatabase(named: names[7]) == tables[7])
            #expect(try environment.existingDatabase(named: "absent") == nil)
            environment.close()
        }
    }

    @Test func `says so when there are too many tables`() throws {
        var options = EnvironmentOptions.quick
        options.maximumDatabaseCount = 2
        try withEnvironment(options) { environment, table in
            #expect(throws: LMDBError(code: .databasesFull, message: "")) {
                try environment.openDatabases(named: ["second", "third"])
            }
            _ = try environment.openDatabase(named: "second")
            try environment.write { try $0.put([1], forKey: [1], in: table) }
        }
    }

    @Test func `a write inside a transaction of the same thread is a mistake`() async {
        await #expect(processExitsWith: .failure) {
            try withEnvironment { environment, _ in
                try environment.write { _ in try environment.write { _ in } }
            }
        }
        await #expect(processExitsWith: .failure) {
            try withEnvironment { environment, _ in
                try environment.read { _ in try environment.write { _ in } }
            }
        }
        await #expect(processExitsWith: .failure) {
            try withEnvironment { environment, _ in
                try environment.read { _ in environment.close() }
            }
        }
    }
}
