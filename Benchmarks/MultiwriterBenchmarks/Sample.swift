import BenchmarkSupport
import BenchmarkWork
import Cryptography
import Feeds
import Multiwriter

/// Drives in a temporary folder.
final class Sample {
    let folder: TemporaryFolder
    private let durability: FeedStoreOptions.Durability
    private var drives: [Drive] = []

    init(_ durability: FeedStoreOptions.Durability) throws {
        folder = try TemporaryFolder()
        self.durability = durability
    }

    deinit { for drive in drives { drive.close() } }

    /// A new drive.
    func makeDrive() throws -> Drive {
        var options = DriveOptions()
        options.durability = durability
        let drive = try Drive.open(at: folder.next(), options: options)
        drives.append(drive)
        return drive
    }

    /// Closes the drives and removes all that is in the folder.
    func removeAll(_ paths: [String]) {
        for drive in drives { drive.close() }
        drives = []
        for path in paths { folder.remove(path) }
    }
}

extension Drive {
    /// Stores a file as its bytes come.
    func writeNow(_ content: [UInt8], times: Int = 1, to name: String) throws {
        var writer = try makeWriter(for: NewEntry(name: name))
        for _ in 0..<times { try content.withUnsafeBytes { try writer.writeNow($0) } }
        _ = try writer.finishNow()
    }

    /// Takes in what is in a folder of the machine.
    func importAll(of path: String, to folder: String = "") throws {
        var options = ImportOptions()
        options.folder = folder
        let report = try importFolder([path + "/"], options: options)
        precondition(report.problems.isEmpty, "an import has problems")
    }
}

/// A drive that follows several writers.
struct Shared {
    let sample: Sample
    let drive: Drive
    let paths: [String]

    /// Every writer has its own folder, or all have the same paths and saw nothing of each other.
    init(writerCount: Int, fileCount: Int, isConflicting: Bool = false) async throws {
        sample = try Sample(.processCrash)
        drive = try sample.makeDrive()
        for number in 0..<writerCount {
            let tree = try sample.folder.makeTree(
                fileCount: fileCount, byteCount: isConflicting ? 100 + number : 100)
            let folder = isConflicting ? "" : "writer \(number)"
            if number == 0 {
                try drive.importAll(of: tree, to: folder)
            } else {
                let other = try Sample(.processCrash)
                let writer = try other.makeDrive()
                try writer.importAll(of: tree, to: folder)
                try await sync(writer, drive)
            }
            sample.folder.remove(tree)
        }
        var paths: [String] = []
        try drive.forEachEntry { if $0.type == .file { paths.append($0.name) } }
        precondition(paths.count == fileCount * (isConflicting ? 1 : writerCount), "all are here")
        self.paths = paths
    }
}
