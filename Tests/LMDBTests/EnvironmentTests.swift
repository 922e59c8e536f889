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

    @Test func `undoes everything when the body throws`() throws {
        struct Unwanted: Error {}
        try withEnvironment { environment, table in
            try environment.write { try $0.put([1], forKey: [1], in: table) }
            let before = try environment.lastTransactionID()
            #expect(throws: Unwanted.self) {
                try environment.write { transaction in
                    try transaction.put([2], forKey: [1], in: table)
                    try transaction.put([2], forKey: [2], in: table)
                    throw Unwanted()
                }
            }
            #expect(try environment.read { try $0.all(in: table) } == [[1]: [1]])
            #expect(try environment.lastTransactionID() == before)
        }
    }

    @Test func `grows the map while one transaction fills it many times over`() throws {
        var options = EnvironmentOptions.quick
        options.initialMapByteCount = 1 << 16
        try withEnvironment(options) { environment, table in
            var runCount = 0
            try environment.write { transaction in
                runCount += 1
                for index in 0..<1000 {
                    let key = [UInt8(index >> 8), UInt8(index & 255)]
                    try transaction.put(
                        [UInt8](repeating: 7, count: 10_000), forKey: key, in: table, append: true)
                }
            }
            #expect(runCount > 1)
            #expect(try environment.read { try $0.count(of: table) } == 1000)
        }
    }
}
