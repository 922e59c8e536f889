import Foundation

/// A folder that is removed with the last reference to it.
public final class TemporaryFolder {
    /// Where it is.
    public let path: String
    private var count = 0

    /// Makes a folder where the system keeps temporary files.
    public init() throws {
        path =
            FileManager.default.temporaryDirectory
            .appendingPathComponent("mdrive-benchmark-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(
            atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// A path in the folder at which nothing is yet.
    public func next() -> String {
        count += 1
        return "\(path)/\(count)"
    }

    /// Removes something of the folder before the whole goes.
    public func remove(_ path: String) { try? FileManager.default.removeItem(atPath: path) }

    /// Makes a folder with files of random content, a hundred to a subfolder.
    public func makeTree(fileCount: Int, byteCount: Int) throws -> String {
        let root = next()
        var random = RandomBytes(seed: UInt64(fileCount))
        for number in 0..<fileCount {
            let folder = "\(root)/\(number / 100)"
            if number % 100 == 0 {
                try FileManager.default.createDirectory(
                    atPath: folder, withIntermediateDirectories: true)
            }
            try random.write(byteCount, to: "\(folder)/\(number % 100)")
        }
        return root
    }
}

extension RandomBytes {
    /// Writes a file of random content piece by piece: what this process holds at most would be
    /// counted as the peak of the programs that it starts.
    fileprivate mutating func write(_ byteCount: Int, to path: String) throws {
        _ = FileManager.default.createFile(atPath: path, contents: nil)
        let file = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
        defer { try? file.close() }
        var rest = byteCount
        while rest > 0 {
            let part = min(rest, 1 << 20)
            try file.write(contentsOf: Data(next(count: part)))
            rest -= part
        }
    }
}
