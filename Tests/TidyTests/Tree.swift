import Foundation

/// The project's own files, as the tidy rules read them.
enum Tree {
    static let root = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    struct File: Sendable {
        /// The path below the root, for example `Sources/Merkle/Node.swift`.
        let path: String
        let text: String

        var lines: [Substring] { text.split(separator: "\n", omittingEmptySubsequences: false) }
        var name: String { String(path.split(separator: "/").last ?? "") }
        /// The module's or the test target's name: the second component of the path.
        var target: String {
            let parts = path.split(separator: "/")
            return parts.count > 2 ? String(parts[1]) : ""
        }
    }

    /// Every file with one of the endings below the given folders; build folders are left out.
    static func files(in folders: [String], endings: [String] = ["swift"]) -> [File] {
        paths(in: folders).filter { path in
            endings.contains { path.hasSuffix("." + $0) }
        }.compactMap(file)
    }

    /// One file by its path below the root, `nil` if it cannot be read.
    static func file(_ path: String) -> File? {
        (try? String(contentsOf: root.appendingPathComponent(path), encoding: .utf8))
            .map { File(path: path, text: $0) }
    }

    /// Every path below the given folders, relative to the root.
    static func paths(in folders: [String]) -> [String] {
        folders.flatMap { folder -> [String] in
            let start = root.appendingPathComponent(folder)
            guard let walk = FileManager.default.enumerator(atPath: start.path) else { return [] }
            return walk.compactMap { $0 as? String }.filter { !$0.contains(".build") }
                .map { folder + "/" + $0 }
        }.sorted()
    }
}
