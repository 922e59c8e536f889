import Foundation
import LMDB

/// A folder that is there for one test.
final class TemporaryFolder: Sendable {
    let path: String

    init() throws {
        let folder = FileManager.default.temporaryDirectory
            .appending(path: "mdrive-lmdb-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        path = folder.path
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// The names of what is in the folder, sorted.
    var names: [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []).sorted()
    }
}

extension EnvironmentOptions {
    /// Without the disk's part, for tests that are not about it.
    static var quick: EnvironmentOptions {
        var options = EnvironmentOptions()
        options.durability = .none
        return options
    }
}

/// Lends a fresh environment with one table.
func withEnvironment<Result>(
    _ options: EnvironmentOptions = .quick,
    _ body: (Environment, Database) throws -> Result
) throws -> Result {
    let folder = try TemporaryFolder()
    let environment = try Environment(path: folder.path, options: options)
    defer { environment.close() }
    return try body(environment, try environment.openDatabase(named: "table"))
}

extension ReadTransaction {
    /// All keys and values of a table, in order.
    func all(in database: Database) throws -> [[UInt8]: [UInt8]] {
        var found: [[UInt8]: [UInt8]] = [:]
        try withCursor(in: database) { cursor in
            while try cursor.moveToNext() {
                try cursor.withCurrent { found[[UInt8]($0)] = [UInt8]($1) }
            }
        }
        return found
    }
}
