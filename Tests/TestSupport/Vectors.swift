public import Foundation

/// Finds and reads the golden vectors.
///
/// `MDRIVE_VECTORS` points at another folder of the same schema and names; a file that is
/// missing there has no cases.
public enum Vectors {
    /// The folder that holds the vectors.
    public static var folder: URL {
        if let path = ProcessInfo.processInfo.environment["MDRIVE_VECTORS"], !path.isEmpty {
            return URL(fileURLWithPath: path, isDirectory: true)
        }
        return URL(fileURLWithPath: #filePath)
            .deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("Vectors", isDirectory: true)
    }

    /// The names of the vector files that begin with a prefix, sorted.
    public static func files(prefix: String) -> [String] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
        return names.filter { $0.hasPrefix(prefix) && $0.hasSuffix(".json") }.sorted()
    }

    /// The parsed content of one vector file, `null` if the folder has no such file.
    public static func load(_ name: String) throws -> Vector {
        let url = folder.appendingPathComponent(name)
        guard FileManager.default.fileExists(atPath: url.path) else { return .null }
        return try JSONDecoder().decode(Vector.self, from: Data(contentsOf: url))
    }
}
