import Feeds
import Foundation
import Multiwriter

/// A temporary folder that is removed with the last reference to it.
final class Workplace {
    let path: String
    private var count = 0
    private var trees: [Int: String] = [:]

    init() throws {
        path =
            FileManager.default.temporaryDirectory
            .appendingPathComponent("mdrive-guard-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// A path at which nothing is yet.
    func next() -> String {
        count += 1
        return "\(path)/\(count)"
    }

    /// An empty drive; what is written does not wait for the disk unless it must be counted.
    func makeDrive(_ durability: FeedStoreOptions.Durability = .processCrash) throws -> Drive {
        var options = DriveOptions()
        options.durability = durability
        return try Drive.open(at: next(), options: options)
    }

    /// A folder with files of 100 bytes, a hundred to a subfolder; made when it is first used.
    func tree(fileCount: Int) throws -> String {
        if let tree = trees[fileCount] { return tree }
        let root = next()
        trees[fileCount] = root
        for number in 0..<fileCount {
            let folder = "\(root)/\(number / 100)"
            if number % 100 == 0 {
                try FileManager.default.createDirectory(
                    atPath: folder, withIntermediateDirectories: true)
            }
            let text = "file \(number)".padding(toLength: 100, withPad: "-", startingAt: 0)
            try Data(text.utf8).write(to: URL(fileURLWithPath: "\(folder)/\(number % 100)"))
        }
        return root
    }
}
