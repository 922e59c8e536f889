import LMDB
import Testing

@Suite struct CursorTests {
    private let keys: [UInt8] = [10, 20, 30, 40, 50]

    private func withTable(_ body: (Environment, Database) throws -> Void) throws {
        try withEnvironment { environment, table in
            try environment.write { transaction in
                for key in keys { try transaction.put([key + 1], forKey: [key], in: table) }
            }
            try body(environment, table)
        }
    }

    @Test func `moves to the ends and in both directions`() throws {
        try withTable { environment, table in
            try environment.read { transaction in
                try transaction.withCursor(in: table) { cursor in
                    var seen: [UInt8] = []
                    while try cursor.moveToNext() {
                        try cursor.withCurrent { key, value in
                            #expect(value[0] == key[0] + 1)
                            seen.append(key[0])
                        }
                    }
                    #expect(seen == keys)
                    let isAtKey = cursor.isAtKey
                    #expect(!isAtKey)
                    #expect(try cursor.moveToLast())
                    seen = []
                    repeat {
                        try cursor.withCurrent { key, _ in seen.append(key[0]) }
                    } while try cursor.moveToPrevious()
                    #expect(seen == keys.reversed())
                    #expect(try cursor.moveToFirst())
                    #expect(try cursor.withCurrent { key, _ in key[0] } == 10)
                }
            }
        }
    }

    @Test func `seeks at, after and before a key`() throws {
        try withTable { environment, table in
            try environment.read { transaction in
                try transaction.withCursor(in: table) { cursor in
                    for target in UInt8(0)...60 {
                        let bytes = [target]
                        let at = try bytes.withUnsafeBytes { try cursor.move(to: $0) }
                        #expect(at == keys.contains(target))
                        let after = try bytes.withUnsafeBytes {
                            try cursor.move(toFirstNotBefore: $0)
                        }
                        let next = after ? try cursor.withCurrent { key, _ in key[0] } : nil
                        #expect(next == keys.first { $0 >= target })
                        let before = try bytes.withUnsafeBytes {
                            try cursor.move(toLastBefore: $0)
                        }
                        let last = before ? try cursor.withCurrent { key, _ in key[0] } : nil
                        #expect(last == keys.last { $0 < target })
                    }
                }
            }
        }
    }

    @Test func `finds nothing in an empty table`() throws {
        try withEnvironment { environment, table in
            try environment.read { transaction in
                try transaction.withCursor(in: table) { cursor in
                    let first = try cursor.moveToFirst()
                    let last = try cursor.moveToLast()
                    let next = try cursor.moveToNext()
                    #expect(!first && !last && !next)
                }
                #expect(try transaction.count(of: table) == 0)
            }
        }
    }

    @Test func `visits ranges in both directions, until told to stop`() throws {
        try withTable { environment, table in
            try environment.read { transaction in
                for lower in [nil] + (UInt8(5)...55).map({ [$0] }) {
                    for upper in [nil] + stride(from: UInt8(5), through: 55, by: 5).map({ [$0] }) {
                        let range = KeyRange(from: lower, upTo: upper)
                        let expected = keys.filter { key in
                            (lower.map { key >= $0[0] } ?? true)
                                && (upper.map { key < $0[0] } ?? true)
                        }
                        for descending in [false, true] {
                            var seen: [UInt8] = []
                            try transaction.visit(range, in: table, descending: descending) {
                                key, _ in
                                seen.append(key[0])
                                return .next
                            }
                            #expect(seen == (descending ? expected.reversed() : expected))
                        }
                        #expect(try transaction.count(of: range, in: table) == expected.count)
                    }
                }
                var seen: [UInt8] = []
                try transaction.visit(in: table) { key, _ in
                    seen.append(key[0])
                    return seen.count == 2 ? .stop : .next
                }
                #expect(seen == [10, 20])
            }
        }
    }

    @Test func `deletes where it is and goes on behind it`() throws {
        try withTable { environment, table in
            try environment.write { transaction in
                try transaction.reading.withCursor(in: table) { cursor in
                    while try cursor.moveToNext() {
                        let key = try cursor.withCurrent { key, _ in key[0] }
                        if key % 20 == 0 { try cursor.deleteCurrent(in: transaction) }
                    }
                }
            }
            let left = try environment.read { try $0.all(in: table) }
            #expect(left == [[10]: [11], [30]: [31], [50]: [51]])
        }
    }

    @Test func `reads right values after changes under it`() throws {
        try withTable { environment, table in
            try environment.write { transaction in
                try transaction.reading.withCursor(in: table) { cursor in
                    #expect(try cursor.moveToLast())
                    for key in UInt8(60)...200 {
                        let value = [UInt8](repeating: key, count: 100)
                        try transaction.put(value, forKey: [key], in: table)
                    }
                    let (key, value) = try cursor.withCurrent { ([UInt8]($0), [UInt8]($1)) }
                    #expect(key == [50])
                    #expect(value == [51])
                }
            }
        }
    }

    @Test func `a prefix ends where another one begins`() {
        #expect(KeyRange(prefix: [1, 2]) == KeyRange(from: [1, 2], upTo: [1, 3]))
        #expect(KeyRange(prefix: [1, 255]) == KeyRange(from: [1, 255], upTo: [2]))
        #expect(KeyRange(prefix: [255, 255]) == KeyRange(from: [255, 255]))
        #expect(KeyRange(prefix: []) == KeyRange(from: []))
    }
}
