import Archives
import Feeds

extension Drive {
    /// Removes what stands at a path, whoever wrote it, by an entry of the own archive; returns how
    /// many paths were removed, 0 if nothing was there.
    ///
    /// - Throws: `DriveError` with `badEntry` if something is below the path, unless that is to be
    ///   removed as well.
    @discardableResult
    public func remove(at name: String, isRecursive: Bool = false) async throws -> Int {
        let path = try DrivePath(folder: name)
        let paths = try await read { try self.removable(at: path, isRecursive, in: $0) }
        for page in Self.pages(of: paths) {
            try await write { _ = try self.remove(page, in: $0) }
        }
        return paths.count
    }

    /// Removes what stands at a path, on the calling thread; see `remove(at:isRecursive:)`.
    @discardableResult
    public func removeNow(_ name: String, isRecursive: Bool = false) throws -> Int {
        let path = try DrivePath(folder: name)
        let paths = try readNow { try self.removable(at: path, isRecursive, in: $0) }
        for page in Self.pages(of: paths) {
            try writeNow { _ = try self.remove(page, in: $0) }
        }
        return paths.count
    }

    private func removable(
        at path: DrivePath, _ isRecursive: Bool, in snapshot: borrowing StoreSnapshot
    ) throws -> [DrivePath] {
        guard let entry = try entry(at: path, in: snapshot) else { return [] }
        var paths = entry.versions.isEmpty ? [] : [path]
        var walk = ViewWalk(
            try sources(links(in: snapshot), in: snapshot), below: path, options: ViewOptions(),
            of: snapshot)
        while let below = walk.next(in: snapshot) {
            guard isRecursive else {
                // A file that is a folder for others goes alone.
                if entry.type != .directory { break }
                throw DriveError(.badEntry, "'\(path.name)' is a folder with something in it")
            }
            paths.append(below.path)
        }
        return paths
    }

    private func remove(
        _ paths: [DrivePath], in transaction: borrowing StoreTransaction
    ) throws -> [WrittenEntry] {
        try apply(
            paths.map(EntryChange.init(deletionAt:)), to: own.writable(in: transaction),
            in: transaction)
    }

    private static func pages(of paths: [DrivePath]) -> [[DrivePath]] {
        stride(from: 0, to: paths.count, by: DriveLimits.batchFileCount).map { start in
            Array(paths[start..<min(paths.count, start + DriveLimits.batchFileCount)])
        }
    }
}
