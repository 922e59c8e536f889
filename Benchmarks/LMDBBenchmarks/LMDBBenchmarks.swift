import Benchmark
import BenchmarkSupport
import BenchmarkWork
import LMDB

let benchmarks: @Sendable () -> Void = {
    let suite = ModuleBenchmarks(of: "LMDB")
    addPuts(to: suite)
    addGets(to: suite)
    addLargeValues(to: suite)
}

/// A table in a temporary folder, with keys that are numbers.
private final class Table {
    let folder: TemporaryFolder
    let environment: Environment
    let database: Database
    private(set) var count: UInt64 = 0

    init(_ durability: EnvironmentOptions.Durability) throws {
        folder = try TemporaryFolder()
        var options = EnvironmentOptions()
        options.durability = durability
        environment = try Environment(path: folder.path, options: options)
        database = try environment.openDatabase(named: "numbers")
    }

    deinit { environment.close() }

    /// Puts values under the next numbers, in one commit.
    func append(_ value: [UInt8], times: Int) throws {
        let start = count
        try environment.write { transaction in
            try value.withUnsafeBytes { value in
                for number in start..<start + UInt64(times) {
                    try withUnsafeBytes(of: number.bigEndian) { key in
                        try transaction.put(value, forKey: key, in: database, append: true)
                    }
                }
            }
        }
        count += UInt64(times)
    }

    static func filled(_ count: Int, byteCount: Int) throws -> Table {
        let table = try Table(.none)
        let value = [UInt8](repeating: 7, count: byteCount)
        while table.count < count { try table.append(value, times: min(1000, count)) }
        return table
    }
}

private func addPuts(to suite: ModuleBenchmarks) {
    let value = [UInt8](repeating: 7, count: 100)
    suite.add("put 100 B, one a commit, fsync", setUp: { try Table(.full) }) { _, table in
        try table.append(value, times: 1)
    }
    suite.add(
        "put 100 B, one a commit, no fsync", scaling: .kilo, setUp: { try Table(.none) }
    ) { benchmark, table in
        for _ in benchmark.scaledIterations { try table.append(value, times: 1) }
    }
    suite.add(
        "put 100 B, 1k a commit, fsync", scaling: .kilo, setUp: { try Table(.full) }
    ) { benchmark, table in
        try table.append(value, times: benchmark.scaledIterations.count)
    }
    suite.add(
        "put 100 B, 1k a commit, no fsync", scaling: .kilo, setUp: { try Table(.none) }
    ) { benchmark, table in
        try table.append(value, times: benchmark.scaledIterations.count)
    }
}

private func addGets(to suite: ModuleBenchmarks) {
    let count = 200_000
    let setUp = { try Table.filled(count, byteCount: 100) }
    var random = RandomBytes()
    // Other places in every sample, or they would all be in the processor's cache.
    let places = (0..<100_000).map { _ in UInt64.random(in: 0..<UInt64(count), using: &random) }
    suite.add("get 100 B of 200k at random", scaling: .kilo, setUp: setUp) { benchmark, table in
        let start = benchmark.currentIteration % 100 * 1000
        try table.visit(places[start..<start + 1000])
    }
    suite.add("get 100 B of 200k in order", scaling: .kilo, setUp: setUp) { benchmark, table in
        let start = UInt64(benchmark.currentIteration * 1000 % count)
        try table.visit(start..<start + 1000)
    }
    suite.add("get 100 B, one a read, in order", scaling: .kilo, setUp: setUp) { _, table in
        for number in 0..<1000 as Range<UInt64> { try table.visit(CollectionOfOne(number)) }
    }
    suite.add("cursor over 100 B", scaling: .mega, setUp: setUp) { benchmark, table in
        let rounds = benchmark.scaledIterations.count / count
        for _ in 0..<rounds {
            try table.environment.read { transaction in
                var sum = 0
                try transaction.withCursor(in: table.database) { cursor in
                    while try cursor.moveToNext() {
                        try cursor.withCurrent { _, value in sum += value.count }
                    }
                }
                blackHole(sum)
            }
        }
    }
}

extension Table {
    fileprivate func visit(_ numbers: some Sequence<UInt64>) throws {
        try environment.read { transaction in
            var sum = 0
            for number in numbers {
                try withUnsafeBytes(of: number.bigEndian) { key in
                    try transaction.withValue(forKey: key, in: database) { sum += $0?.count ?? 0 }
                }
            }
            blackHole(sum)
        }
    }

    fileprivate func readEverything() throws {
        try environment.read { transaction in
            var total: UInt64 = 0
            try transaction.visit(in: database) { _, value in
                total &+= sum(of: value)
                return .next
            }
            blackHole(total)
        }
    }
}

private func addLargeValues(to suite: ModuleBenchmarks) {
    let value = [UInt8](repeating: 7, count: 65536)
    suite.add(
        "put 16 MiB as 64 KiB, 256 a commit, fsync", samples: 30, setUp: { try Table(.full) }
    ) { _, table in
        try table.append(value, times: 256)
    }
    suite.add(
        "read 64 MiB as 64 KiB, warm", setUp: { try Table.filled(1024, byteCount: 65536) }
    ) { _, table in
        try table.readEverything()
    }
}
