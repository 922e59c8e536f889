import Cryptography
public import Feeds

extension Archive {
    /// The entry of a path, `nil` if there is none.
    ///
    /// - Throws: `ArchivePathError` for a path that names no file, `ArchiveError.malformedEntry`
    ///   for an entry that is not one, `ArchiveError.recursiveSymlink`.
    public func entry(
        at path: String, followingLinks: Bool = false, in snapshot: borrowing StoreSnapshot
    ) throws -> ArchiveEntry? {
        try entry(at: ArchivePath(path), followingLinks: followingLinks, in: snapshot)
    }

    /// The entry of a path, `nil` if there is none.
    public func entry(
        at path: ArchivePath, followingLinks: Bool = false, in snapshot: borrowing StoreSnapshot
    ) throws -> ArchiveEntry? {
        guard followingLinks else { return try storedEntry(at: path, in: snapshot) }
        var path = path
        for _ in 0..<ArchiveLimits.maximumSymlinkHops {
            guard let entry = try storedEntry(at: path, in: snapshot) else { return nil }
            guard let target = entry.value.linkname, entry.value.isSymlink else { return entry }
            path = try entry.path.resolving(target)
        }
        throw ArchiveError(.recursiveSymlink, "Recursive symlink")
    }

    /// Whether there is an entry at a path.
    public func contains(
        _ path: String, in snapshot: borrowing StoreSnapshot
    ) throws -> Bool {
        try index.entry(for: ArchiveKeys.file(ArchivePath(path)), in: snapshot) != nil
    }

    /// The content of a file, or bytes of it; `nil` if there is no file at the path.
    public func read(
        _ path: String, _ range: BlobRange = .all, followingLinks: Bool = false,
        in snapshot: borrowing StoreSnapshot
    ) throws -> [UInt8]? {
        guard
            let blob = try entry(at: path, followingLinks: followingLinks, in: snapshot)?
                .value.blob
        else { return nil }
        return try requireContent().read(blob, range, in: snapshot)
    }

    /// Begins to read the content of a file; `nil` if there is no file at the path.
    public func reader(
        for path: String, _ range: BlobRange = .all, followingLinks: Bool = false,
        in snapshot: borrowing StoreSnapshot
    ) throws -> BlobReader? {
        guard
            let blob = try entry(at: path, followingLinks: followingLinks, in: snapshot)?
                .value.blob
        else { return nil }
        return try requireContent().reader(for: blob, range, in: snapshot)
    }

    private func storedEntry(
        at path: ArchivePath, in snapshot: borrowing StoreSnapshot
    ) throws -> ArchiveEntry? {
        guard !path.isRoot else { throw ArchivePathError.noName }
        guard let entry = try index.entry(for: ArchiveKeys.file(path), in: snapshot) else {
            return nil
        }
        do {
            return try ArchiveEntry(entry)
        } catch {
            throw ArchiveError(
                .malformedEntry, "The entry at \(path) in archive \(key.id) is malformed.",
                block: ArchiveError.Block(feed: key, index: entry.seq), cause: error)
        }
    }
}
