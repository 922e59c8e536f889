import Foundation

/// A folder as it is compared: kinds, permissions, times, contents and targets.
struct Tree {
    private struct Entry: Equatable {
        let text: String
        let content: Data
    }

    private let entries: [String: Entry]

    init(_ folder: String) throws {
        var entries = ["": try Self.entry(at: folder)]
        let walk = FileManager.default.enumerator(atPath: folder)
        while let name = walk?.nextObject() as? String {
            entries[name] = try Self.entry(at: folder + "/" + name)
        }
        self.entries = entries
    }

    var count: Int { entries.count }

    /// Everything that is not the same on both sides.
    func differences(from other: Tree) -> [String] {
        Set(entries.keys).union(other.entries.keys).sorted().compactMap { name in
            let (here, there) = (entries[name], other.entries[name])
            guard here != there else { return nil }
            let content = here?.content == there?.content ? "" : ", contents differ"
            return "\(name): \(here?.text ?? "absent") / \(there?.text ?? "absent")\(content)"
        }
    }

    private static func entry(at path: String) throws -> Entry {
        var status = stat()
        guard lstat(path, &status) == 0 else {
            throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO)
        }
        #if canImport(Darwin)
            let time = status.st_mtimespec
        #else
            let time = status.st_mtim
        #endif
        let mode = String(status.st_mode & 0o7777, radix: 8)
        let stamp = "\(mode) \(time.tv_sec).\(time.tv_nsec)"
        switch status.st_mode & S_IFMT {
        case S_IFDIR: return Entry(text: "folder \(stamp)", content: Data())
        case S_IFLNK:
            let target = try FileManager.default.destinationOfSymbolicLink(atPath: path)
            return Entry(
                text: "link to \(target) \(time.tv_sec).\(time.tv_nsec)", content: Data())
        case S_IFREG:
            let content = try Data(contentsOf: URL(fileURLWithPath: path))
            return Entry(text: "file \(stamp), \(content.count) bytes", content: content)
        default: return Entry(text: "something else", content: Data())
        }
    }
}
