import LMDB
import Testing

@Suite struct WriteTransactionTests {
    @Test func `undoes everything when the body throws`() throws {
        struct Unwanted: Error {}
        try withEnvironment { environment, table in
            try environment.write { try $0.put([1], forKey: [1], in: table) }
            let before = try environment.lastTransactionID()
            #expect(throws: Unwanted.self) {
                try environment.write { transaction in
                    try transaction.put([2], forKey: [1], in: table)
                    try transaction.put([2], forKey: [2], in: table)
                    try transaction.deleteAll(in: table)
                    throw Unwanted()
                }
            }
            #expect(try environment.read { try $0.all(in: table) } == [[1]: [1]])
            #expect(try environment.lastTransactionID() == before)
            try environment.write { try $0.put([3], forKey: [3], in: table) }
            #expect(try environment.read { try $0.all(in: table) } == [[1]: [1], [3]: [3]])
        }
    }

    @Test func `a snapshot does not see later commits`() async throws {
        let folder = try TemporaryFolder()
        let environment = try Environment(path: folder.path, options: .quick)
        let table = try environment.openDatabase(named: "table")
        try environment.write { try $0.put([1], forKey: [1], in: table) }
        try environment.read { before in
            let writer = BackgroundThread {
                try environment.write { try $0.put([2], forKey: [1], in: table) }
                return try environment.read { try $0.value(forKey: [1], in: table) }
            }
            let after = try writer.result()
            #expect(after == [2])
            let seen = try before.value(forKey: [1], in: table)
            #expect(seen == [1])
        }
        #expect(try environment.read { try $0.value(forKey: [1], in: table) } == [2])
    }

    @Test func `a read inside a transaction joins it`() throws {
        try withEnvironment { environment, table in
            try environment.write { transaction in
                try transaction.put([1], forKey: [1], in: table)
                let seen = try environment.read { try $0.value(forKey: [1], in: table) }
                #expect(seen == [1])
                #expect(try transaction.reading.contains(key: [1], in: table))
            }
            try environment.read { outer in
                let inner = try environment.read { $0.id }
                #expect(inner == outer.id)
            }
        }
    }

    @Test func `puts, inserts, reserves and deletes`() throws {
        try withEnvironment { environment, table in
            try environment.write { transaction in
                try transaction.put([1, 1], forKey: [1], in: table)
                let key: [UInt8] = [2]
                try key.withUnsafeBytes { key in
                    let value: [UInt8] = [9]
                    try value.withUnsafeBytes { value in
                        let first = try transaction.insert(value, forKey: key, in: table)
                        let second = try transaction.insert(value, forKey: key, in: table)
                        #expect(first && !second)
                    }
                }
                try [UInt8]([3]).withUnsafeBytes { key in
                    try transaction.reserve(byteCount: 3, forKey: key, in: table) { room in
                        room.copyBytes(from: [4, 5, 6])
                    }
                }
                #expect(try transaction.delete([1], in: table))
                #expect(try !transaction.delete([1], in: table))
            }
            let all = try environment.read { try $0.all(in: table) }
            #expect(all == [[2]: [9], [3]: [4, 5, 6]])
        }
    }

    @Test func `an append out of order is an ordinary put`() throws {
        try withEnvironment { environment, table in
            try environment.write { transaction in
                for key: UInt8 in [5, 9, 7, 9, 1] {
                    try transaction.put([key], forKey: [key], in: table, append: true)
                }
            }
            let all = try environment.read { try $0.all(in: table) }
            #expect(all == [[1]: [1], [5]: [5], [7]: [7], [9]: [9]])
        }
    }

    @Test func `keeps empty and large values`() throws {
        try withEnvironment { environment, table in
            let large = (0..<1_000_000).map { UInt8(truncatingIfNeeded: $0 &* 7) }
            try environment.write { transaction in
                try transaction.put([], forKey: [1], in: table)
                try transaction.put(large, forKey: [2], in: table)
            }
            try environment.read { transaction in
                #expect(try transaction.value(forKey: [1], in: table) == [])
                #expect(try transaction.value(forKey: [2], in: table) == large)
                #expect(try transaction.value(forKey: [3], in: table) == nil)
                let count = try transaction.withValue(forKey: [2], in: table) { $0?.count }
                #expect(count == 1_000_000)
                let first = try transaction.withSpan(forKey: [2], in: table) { span in
                    span?.unsafeLoad(fromByteOffset: 1, as: UInt8.self)
                }
                #expect(first == 7)
            }
        }
    }

    @Test(arguments: [0, 512, 1000])
    func `refuses a key of the wrong size`(byteCount: Int) throws {
        try withEnvironment { environment, table in
            let key = [UInt8](repeating: 1, count: byteCount)
            let error = #expect(throws: LMDBError.self) {
                try environment.write { try $0.put([1], forKey: key, in: table) }
            }
            #expect(error?.code == .badValueSize)
            #expect(error?.message.contains("1 to 511 bytes") == true)
            #expect(error?.message.contains("MDB_BAD_VALSIZE") == true)
        }
    }

    @Test func `a table of another environment is a mistake`() async {
        await #expect(processExitsWith: .failure) {
            try withEnvironment { _, table in
                try withEnvironment { environment, _ in
                    try environment.read { _ = try $0.value(forKey: [1], in: table) }
                }
            }
        }
    }
}
