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
            let content = Data(random.next(count: byteCount))
            try content.write(to: URL(fileURLWithPath: "\(folder)/\(number % 100)"))
        }
        return root
    }
}
