import Counting
import LMDB

/// What a piece of fixed work has cost.
struct Cost {
    /// In the order in which they are shown.
    static let names = ["allocations", "calls", "syncs", "commits"]

    var counts: [Double]

    /// Counts what a body does to the stores in some folders.
    static func of(_ folders: [String], _ body: () async throws -> Void) async throws -> Cost {
        let commits = try folders.map(lastCommit)
        let before = counting_now()
        try await body()
        let after = counting_now()
        let made = try zip(folders, commits).reduce(0) { sum, pair in
            sum + Double(try lastCommit(pair.0) - pair.1)
        }
        return Cost(counts: [
            Double(after.allocations - before.allocations), Double(after.calls - before.calls),
            Double(after.syncs - before.syncs), made,
        ])
    }

    private static func lastCommit(_ folder: String) throws -> UInt64 {
        let environment = try Environment(path: folder)
        defer { environment.close() }
        return try environment.lastTransactionID()
    }
}

/// A piece of work that is the same on every machine.
struct Work {
    let name: String
    /// What allocations and calls are counted by; syncs and commits are those of the whole.
    let unit: String
    let unitCount: Double
    let run: @Sendable (Workplace) async throws -> Cost

    /// The smallest costs of several runs, as what runs for the first time allocates more.
    func cost(in place: Workplace) async throws -> Cost {
        var least: [Double] = []
        for _ in 0..<3 {
            let counts = try await run(place).counts
            least = least.isEmpty ? counts : zip(least, counts).map(min)
        }
        return Cost(counts: [least[0] / unitCount, least[1] / unitCount, least[2], least[3]])
    }
}
