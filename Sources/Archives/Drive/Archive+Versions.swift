public import Feeds

/// What became of a path between two versions of an archive.
public struct ArchiveDifference: Sendable, Hashable {
    /// The entry in this version, `nil` if there is none.
    public let left: ArchiveEntry?
    /// The entry in the other version, `nil` if there is none.
    public let right: ArchiveEntry?
}

/// Walks the differences of two versions of an archive in the order of paths.
public struct ArchiveDifferences: Sendable {
    private var index: IndexDifferences

    init(_ index: IndexDifferences) { self.index = index }

    /// The next difference, `nil` at the end; malformed entries count as absent.
    public mutating func next(
        in snapshot: borrowing StoreSnapshot
    ) throws -> ArchiveDifference? {
        while let difference = try index.next(in: snapshot) {
            let left = difference.left.flatMap { try? ArchiveEntry($0) }
            let right = difference.right.flatMap { try? ArchiveEntry($0) }
            if left != nil || right != nil {
                return ArchiveDifference(left: left, right: right)
            }
        }
        return nil
    }
}

extension Archive {
    /// Walks what differs below a folder from another version, seen from this one.
    public func differences(
        from version: UInt64, below folder: ArchivePath = .root, limit: Int? = nil,
        in snapshot: borrowing StoreSnapshot
    ) throws -> ArchiveDifferences {
        ArchiveDifferences(
            try index.differences(
                from: index.checkout(version), in: ArchiveKeys.files(below: folder),
                limit: limit, of: snapshot))
    }

    /// The length that the content feed must have for all entries of this version.
    ///
    /// Every value of the index is looked at; those that are no entries name no content.
    public func contentLength(in snapshot: borrowing StoreSnapshot) throws -> UInt64 {
        var entries = try index.entries(of: snapshot)
        var length: UInt64 = 0
        while let entry = try entries.next(in: snapshot) {
            guard let value = entry.value, let json = try? JSONValue(parsing: value),
                let id = json["blob"], let blob = try? Blob(decoding: id),
                let end = blob.blocks?.upperBound
            else { continue }
            length = max(length, end)
        }
        return length
    }
}
