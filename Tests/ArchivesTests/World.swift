import Archives
import Cryptography
import Feeds
import Foundation

/// Lends a fresh store in a folder of its own.
func withStore<Result>(_ body: (FeedStore) throws -> Result) throws -> Result {
    let folder = FileManager.default.temporaryDirectory
        .appending(path: "mdrive-archives-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let store = try FeedStore(
        path: folder.path + "/store", options: FeedStoreOptions(durability: .processCrash))
    defer { store.close() }
    return try body(store)
}

/// Lends a store with an empty index, and what writes it.
func withIndex<Result>(
    writesDuplicates: Bool = true, _ body: (FeedStore, IndexWriter) throws -> Result
) throws -> Result {
    try withStore { store in
        let keyPair = KeyPair(seed: [UInt8](repeating: 7, count: 32))
        let feed = try store.write { try $0.makeFeed(signedBy: keyPair.publicKey) }
        return try body(
            store,
            IndexWriter(feed, writesDuplicates: writesDuplicates, signingWith: keyPair))
    }
}

/// Lends a store with an archive of its own.
func withArchive<Result>(
    _ kind: FeedKind = .version1, _ body: (FeedStore, Archive) throws -> Result
) throws -> Result {
    try withStore { store in
        let archive = try store.write {
            try Archive.own(kind, primaryKey: store.primaryKey, in: $0)
        }
        return try body(store, archive)
    }
}

extension IndexTree {
    /// All entries of a range, collected.
    func all(
        in range: IndexRange = .all, reversed: Bool = false, limit: Int? = nil,
        _ snapshot: borrowing StoreSnapshot
    ) throws -> [IndexEntry] {
        var iterator = try entries(in: range, reversed: reversed, limit: limit, of: snapshot)
        var found: [IndexEntry] = []
        while let entry = try iterator.next(in: snapshot) { found.append(entry) }
        return found
    }

    /// All differences from another version, collected.
    func allDifferences(
        from other: IndexTree, in range: IndexRange = .all, limit: Int? = nil,
        _ snapshot: borrowing StoreSnapshot
    ) throws -> [IndexDifference] {
        var iterator = try differences(from: other, in: range, limit: limit, of: snapshot)
        var found: [IndexDifference] = []
        while let difference = try iterator.next(in: snapshot) { found.append(difference) }
        return found
    }
}

extension Archive {
    /// All entries below a folder, collected.
    func list(
        _ folder: String = "/", ignoring: [ArchivePath] = [], reversed: Bool = false,
        limit: Int? = nil, _ snapshot: borrowing StoreSnapshot
    ) throws -> [ArchiveEntry] {
        var iterator = try entries(
            below: .folder(folder), ignoring: ignoring, reversed: reversed, limit: limit,
            in: snapshot)
        var found: [ArchiveEntry] = []
        while let entry = try iterator.next(in: snapshot) { found.append(entry) }
        return found
    }

    /// All children of a folder, collected.
    func readFolder(
        _ folder: String = "/", ignoring: [ArchivePath] = [], limit: Int? = nil,
        _ snapshot: borrowing StoreSnapshot
    ) throws -> [FolderChild] {
        var iterator = try children(
            of: .folder(folder), ignoring: ignoring, limit: limit, in: snapshot)
        var found: [FolderChild] = []
        while let child = try iterator.next(in: snapshot) { found.append(child) }
        return found
    }
}

/// Numbers that look random and are the same in every run.
struct SeededNumbers: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }
}
