import Foundation
import LMDB
import Testing

@Suite struct StructureCheckTests {
    /// A folder with a closed environment of many pages.
    private func makeFolder(endingIn largeByteCount: Int = 0) throws -> TemporaryFolder {
        let folder = try TemporaryFolder()
        let environment = try Environment(path: folder.path, options: .quick)
        let table = try environment.openDatabase(named: "table")
        for round in 0..<3 {
            try environment.write { transaction in
                for index in 0..<2000 where index % 3 == round {
                    let key = withUnsafeBytes(of: UInt32(index).bigEndian) { [UInt8]($0) }
                    let value = [UInt8](repeating: 1, count: index % 100 == 0 ? 10_000 : 50)
                    try transaction.put(value, forKey: key, in: table)
                }
            }
        }
        try environment.write { transaction in
            try transaction.delete(KeyRange(prefix: [0, 0, 1]), in: table)
            // There is no room for a large one among the free pages: it ends the file.
            let value = [UInt8](repeating: 1, count: largeByteCount)
            try transaction.put(value, forKey: [1], in: table)
        }
        return folder
    }

    private func change(_ folder: TemporaryFolder, _ body: (inout [UInt8]) -> Void) throws {
        let url = URL(filePath: folder.path + "/data.mdb")
        var bytes = [UInt8](try Data(contentsOf: url))
        body(&bytes)
        try Data(bytes).write(to: url)
    }

    @Test func `finds nothing in what is sound`() throws {
        let folder = try makeFolder()
        let environment = try Environment(path: folder.path, options: .quick)
        #expect(try environment.findDamage() == [])
    }

    @Test(arguments: [1, 16, 100, 5000])
    func `refuses a file that is no environment, and leaves it alone`(byteCount: Int) throws {
        let folder = try TemporaryFolder()
        let content = Data((0..<byteCount).map { UInt8(truncatingIfNeeded: $0 &* 31) })
        try content.write(to: URL(filePath: folder.path + "/data.mdb"))
        let error = #expect(throws: LMDBError.self) { try Environment(path: folder.path) }
        #expect(error?.code == .invalid)
        #expect(error?.message.contains("not an LMDB database (MDB_INVALID)") == true)
        #expect(folder.names == ["data.mdb"])
        #expect(try Data(contentsOf: URL(filePath: folder.path + "/data.mdb")) == content)
    }

    @Test func `takes an empty file, which a crash may leave, for none`() throws {
        let folder = try TemporaryFolder()
        try Data().write(to: URL(filePath: folder.path + "/data.mdb"))
        var options = EnvironmentOptions.quick
        options.mustExist = true
        #expect(throws: LMDBError(code: .noSuchFile, message: "")) {
            try Environment(path: folder.path, options: options)
        }
        let environment = try Environment(path: folder.path, options: .quick)
        _ = try environment.openDatabase(named: "table")
    }

    @Test func `names another version of the format`() throws {
        let folder = try makeFolder()
        try change(folder) { $0[20] = 2 }
        let error = #expect(throws: LMDBError.self) { try Environment(path: folder.path) }
        #expect(error?.code == .versionMismatch)
        #expect(error?.message.contains("MDB_VERSION_MISMATCH") == true)
    }

    @Test(arguments: [50_001, 100_000, 1_000_000, 1_999_999])
    func `refuses a file of which the end is missing`(missingByteCount: Int) throws {
        let folder = try makeFolder(endingIn: 2_000_000)
        try change(folder) { $0.removeLast(missingByteCount) }
        let error = #expect(throws: LMDBError.self) { try Environment(path: folder.path) }
        #expect(error?.code == .corrupted)
        #expect(error?.message.contains("is damaged") == true)
    }

    @Test func `refuses a file that was cut down to its first pages`() throws {
        let folder = try makeFolder()
        try change(folder) { $0.removeSubrange(8192...) }
        #expect(throws: LMDBError(code: .corrupted, message: "")) {
            try Environment(path: folder.path)
        }
    }

    @Test func `survives and mostly finds any damage`() throws {
        var random = SeededGenerator(seed: 7)
        let folder = try makeFolder()
        let url = URL(filePath: folder.path + "/data.mdb")
        let sound = [UInt8](try Data(contentsOf: url))
        var foundCount = 0
        for _ in 0..<100 {
            var bytes = sound
            let page = Int.random(in: 2..<bytes.count / 4096, using: &random)
            for _ in 0..<4 {
                // The header and the table of nodes, where every byte counts.
                let offset = page * 4096 + Int.random(in: 0..<24, using: &random)
                bytes[offset] = .random(in: 0...255, using: &random)
            }
            try Data(bytes).write(to: url)
            let environment = try Environment(path: folder.path, options: .quick)
            if try !environment.findDamage(maximumCount: 3).isEmpty { foundCount += 1 }
            environment.close()
        }
        // Free pages are not looked at, and the middle pages of large values have no header.
        #expect(foundCount > 20)
    }
}
