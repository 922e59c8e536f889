#if os(Linux)
    import Foundation
    import LMDB
    import Testing

    @Suite struct MapMemoryTests {
        private static let megabyte = 1 << 20

        @Test func `what was read and noted as spent does not stay in memory`() throws {
            try withFilledEnvironment { environment, table in
                try environment.read { transaction in
                    var sum = 0
                    try transaction.visit(in: table) { _, value in
                        sum += value.reduce(0) { $0 + Int($1) }
                        transaction.noteSpent(byteCount: value.count)
                        return .next
                    }
                    #expect(sum == 64 * Self.megabyte)
                }
                #expect(try mappedByteCount(of: environment) < 12 * Self.megabyte)
            }
        }

        @Test func `a value that is lent stays what it was when the memory is given back`() throws {
            try withFilledEnvironment { environment, table in
                try environment.read { transaction in
                    try transaction.withValue(forKey: [0, 0, 0, 0], in: table) { value in
                        let value = try #require(value)
                        #expect(value.allSatisfy { $0 == 1 })
                        transaction.noteSpent(byteCount: 64 * Self.megabyte)
                        #expect(try mappedByteCount(of: environment) == 0)
                        #expect(value.allSatisfy { $0 == 1 })
                        let count = try transaction.count(of: table)
                        #expect(count == 1024)
                    }
                }
            }
        }

        @Test func `the memory is given back after the map has moved`() throws {
            try withFilledEnvironment(mapByteCount: 80 * Self.megabyte) { environment, table in
                try environment.read { $0.noteSpent(byteCount: 64 * Self.megabyte) }
                // The map grows before this write, for more than half of it is used.
                let value = [UInt8](repeating: 1, count: 32 * Self.megabyte)
                try environment.write { try $0.put(value, forKey: [1], in: table) }
                try environment.read { transaction in
                    let found = try transaction.value(forKey: [1], in: table)
                    #expect(found == value)
                    transaction.noteSpent(byteCount: 64 * Self.megabyte)
                    #expect(try mappedByteCount(of: environment) == 0)
                }
            }
        }

        @Test func `commits do not leave all pages in memory that they looked at`() throws {
            try withFilledEnvironment(valueByteCount: 1024) { environment, table in
                try environment.read { $0.noteSpent(byteCount: 64 * Self.megabyte) }
                for offset in 0..<8 {
                    try environment.write { transaction in
                        for number in 0..<2048 {
                            try transaction.put(
                                [UInt8](repeating: 2, count: 1024),
                                forKey: key(number * 32 + offset), in: table)
                        }
                    }
                    #expect(try mappedByteCount(of: environment) < Self.megabyte)
                }
            }
        }

        /// Lends an environment with 64 MiB of ones.
        private func withFilledEnvironment(
            valueByteCount: Int = 64 << 10, mapByteCount: Int = 1 << 30,
            _ body: (Environment, Database) throws -> Void
        ) throws {
            var options = EnvironmentOptions.quick
            options.initialMapByteCount = mapByteCount
            try withEnvironment(options) { environment, table in
                let value = [UInt8](repeating: 1, count: valueByteCount)
                try environment.write { transaction in
                    for number in 0..<64 * Self.megabyte / valueByteCount {
                        try transaction.put(value, forKey: key(number), in: table)
                    }
                }
                try body(environment, table)
            }
        }

        private func key(_ number: Int) -> [UInt8] {
            withUnsafeBytes(of: UInt32(number).bigEndian) { [UInt8]($0) }
        }

        /// The bytes of the data file that this process has in its memory, as the kernel says.
        private func mappedByteCount(of environment: Environment) throws -> Int {
            let file = try #require(FileHandle(forReadingAtPath: "/proc/self/smaps"))
            let maps = String(decoding: try #require(try file.readToEnd()), as: UTF8.self)
            let path = try #require(realpath(environment.dataFilePath, nil))
            defer { free(path) }
            let name = String(cString: path)
            var isMap = false
            var isFound = false
            var sum = 0
            for line in maps.split(separator: "\n") {
                let words = line.split(separator: " ")
                if words[0].contains("-") {
                    isMap = line.hasSuffix(name)
                    if isMap { isFound = true }
                } else if isMap, words[0] == "Rss:" {
                    sum += try #require(Int(words[1])) * 1024
                }
            }
            try #require(isFound, "\(name) is not in \(maps.count) characters")
            return sum
        }
    }
#endif
