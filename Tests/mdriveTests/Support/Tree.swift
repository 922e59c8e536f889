import Foundation

/// A folder as it is compared: kinds, permissions, times, contents and targets.
struct Tree {
    private let entries: [String: String]

    init(_ folder: String) throws {
        var entries = ["": try Self.description(of: folder)]
        let walk = FileManager.default.enumerator(atPath: folder)
        while let name = walk?.nextObject() as? String {
            entries[name] = try Self.description(of: folder + "/" + name)
        }
        self.entries = entries
    }

    var count: Int { entries.count }

    /// Everything that is not the same on both sides.
    func differences(from other: Tree) -> [String] {
        Set(entries.keys).union(other.entries.keys).sorted().compactMap { name in
            let (here, there) = (entries[name], other.entries[name])
            guard here != there else { return nil }
            return "\(name): \(here ?? "absent") / \(there ?? "absent")"
        }
    }

    private static func description(of path: String) throws -> String {
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
        switch status.st_mode & S_IFMT {
        case S_IFDIR: return "folder \(mode) \(time.tv_sec).\(time.tv_nsec)"
        case S_IFLNK:
            let target = try FileManager.default.destinationOfSymbolicLink(atPath: path)
            return "link to \(target) \(time.tv_sec).\(time.tv_nsec)"
        case S_IFREG:
            let bytes = try Data(contentsOf: URL(fileURLWithPath: path))
            var sum: UInt64 = 0xCBF2_9CE4_8422_2325
            for byte in bytes { sum = (sum ^ UInt64(byte)) &* 0x100_0000_01B3 }
            return "file \(mode) \(time.tv_sec).\(time.tv_nsec) \(bytes.count) \(sum)"
        default: return "something else"
        }
    }
}
