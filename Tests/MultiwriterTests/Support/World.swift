import Cryptography
import Feeds
import Foundation
import Merkle

@testable import Multiwriter

/// A folder that is there for one test.
final class TemporaryFolder: Sendable {
    let path: String

    init() throws {
        let folder = FileManager.default.temporaryDirectory
            .appending(path: "mdrive-drive-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        path = folder.path
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// Writes a file below the folder, and makes the folders on the way.
    @discardableResult
    func write(_ name: String, _ content: String, mode: Int? = nil) throws -> String {
        let file = path + "/" + name
        try FileManager.default.createDirectory(
            atPath: (file as NSString).deletingLastPathComponent,
            withIntermediateDirectories: true)
        try Data(content.utf8).write(to: URL(fileURLWithPath: file))
        if let mode {
            try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: file)
        }
        return file
    }

    func read(_ name: String) -> String? {
        FileManager.default.contents(atPath: path + "/" + name).map {
            String(decoding: $0, as: UTF8.self)
        }
    }
}

/// Drives with names, each in a folder of its own, without the disk's part.
struct World {
    let folder: TemporaryFolder
    let drives: [Drive]

    subscript(index: Int) -> Drive { drives[index] }

    init(_ count: Int) throws {
        let folder = try TemporaryFolder()
        self.folder = folder
        drives = try (0..<count).map { try Self.open(folder.path + "/\($0)", number: $0) }
    }

    static func open(
        _ path: String, number: Int, isSparse: Bool = false
    ) throws -> Drive {
        var options = DriveOptions(isSparse: isSparse)
        options.durability = .processCrash
        options.primaryKey = PrimaryKey([UInt8](repeating: UInt8(number + 1), count: 32))
        return try Drive.open(at: path, options: options)
    }

    /// Brings every drive all that any other has, by proofs, as replication would.
    func gossip(content: Bool = true) throws {
        for _ in 0..<2 {
            for target in drives {
                for source in drives where source !== target {
                    try target.pull(from: source, content: content)
                }
            }
        }
    }
}

/// Lends one drive.
func withDrive<Result>(_ body: (Drive) async throws -> Result) async throws -> Result {
    let world = try World(1)
    defer { world[0].close() }
    return try await body(world[0])
}

/// Lends two drives.
func withDrives<Result>(_ body: (Drive, Drive) async throws -> Result) async throws -> Result {
    let world = try World(2)
    defer { world.drives.forEach { $0.close() } }
    return try await body(world[0], world[1])
}

extension Drive {
    /// Fetches all archives that another drive knows, and what it has of them.
    func pull(from source: Drive, content: Bool = true) throws {
        let links = try source.readNow { try source.links(in: $0) }
        try addNow(links)
        for link in links where link != self.link {
            guard let index = try writeNow({ try $0.addFeed(link) }) as Feed? else { continue }
            try pull(index, from: source)
            let head = try readNow { try $0.head(of: index) }
            let feed = try writeNow { transaction -> Feed? in
                try self.noteComplete(link, head, in: transaction)
                return try self.adoptContentFeed(of: link, in: transaction)
            }
            if content, let feed { try pull(feed, from: source) }
        }
    }

    /// Fetches the head of the index of another drive, and none of its blocks.
    func pullHead(of source: Drive) throws {
        try pull(writeNow { try $0.addFeed(source.link) }, from: source, blocks: false)
    }

    private func pull(_ feed: Feed, from source: Drive, blocks: Bool = true) throws {
        try source.readNow { theirs in
            guard let their = try theirs.feed(for: feed.key) else { return }
            try self.writeNow { transaction in
                let head = try transaction.snapshot.head(of: feed)
                let length = try theirs.head(of: their).length
                if length > head.length {
                    let request = ProofRequest(
                        fork: head.fork,
                        upgrade: .init(start: head.length, length: length - head.length),
                        manifest: true)
                    if let proof = try theirs.proof(for: request, of: their) {
                        try transaction.apply(proof, to: feed)
                    }
                }
                for block in 0..<(blocks ? length : 0)
                where try !transaction.snapshot.contains(blockAt: block, of: feed) {
                    let request = ProofRequest(
                        fork: head.fork,
                        block: .init(
                            index: block,
                            nodes: try transaction.snapshot.missingNodes(
                                forBlock: block, of: feed)))
                    if let proof = try theirs.proof(for: request, of: their) {
                        try transaction.apply(proof, to: feed)
                    }
                }
            }
        }
    }

    /// The paths of the merged view; conflicts and both-forms are marked.
    func picture(_ folder: String = "", isRecursive: Bool = true) throws -> [String] {
        var lines: [String] = []
        var options = ViewOptions()
        options.isRecursive = isRecursive
        try forEachEntry(in: folder, options: options) { entry in
            var line = entry.path.name + (entry.type == .directory ? "/" : "")
            if entry.versions.count > 1 { line += " ×\(entry.versions.count)" }
            if entry.isAlsoFolder { line += " also a folder" }
            if let above = entry.fileAbove { line += " under the file \(above.name)" }
            lines.append(line)
        }
        return lines
    }

    func text(_ name: String) async throws -> String? {
        guard let shown = try await entry(at: name)?.shown else { return nil }
        return String(
            decoding: try await contents(of: shown).collected(), as: UTF8.self)
    }

    func text(_ name: String, of link: FeedKey) async throws -> String {
        let contents = try await contents(of: EntryReference(name: name, link: link))
        return String(decoding: try await contents.collected(), as: UTF8.self)
    }

    func names() async throws -> [String] { try await rows().map(\.name) }
}
