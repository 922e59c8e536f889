import Archives
import Cryptography
import Feeds

/// One change of the own archive's entries, complete but for what its writer has seen.
struct EntryChange: Sendable {
    enum Value: Sendable {
        case file(Blob, isExecutable: Bool)
        case link(String)
        case directory
        case deletion
    }

    let path: DrivePath
    let value: Value
    let metadata: EntryMetadata

    init(deletionAt path: DrivePath) {
        self.path = path
        value = .deletion
        metadata = EntryMetadata()
    }

    init(_ entry: NewEntry, at path: DrivePath, content: WrittenBlob? = nil) {
        self.path = path
        var metadata = entry.metadata(at: path)
        switch entry.type {
        case .file:
            if let content {
                if content.byteLength > 0 { metadata.hash = content.contentHash }
                value = .file(content.blob, isExecutable: (entry.mode ?? 0) & 0o111 != 0)
            } else {
                preconditionFailure("a file has content, be it empty")
            }
        case .symlink, .hardlink: value = .link(entry.linkname ?? "")
        case .directory: value = .directory
        case .deletion: value = .deletion
        }
        self.metadata = metadata
    }

    var kind: EntryKey {
        switch value {
        case .file, .link: .file
        case .directory: .directory
        case .deletion: .deletion
        }
    }
}

extension Drive {
    /// Writes changes of different paths to the own index in one batch, each with what is seen of
    /// its path: the newest entry of every other writer, and all that was seen before.
    func apply(
        _ changes: [EntryChange], to archive: Archive, in transaction: borrowing StoreTransaction
    ) throws -> [WrittenEntry] {
        let changes = changes.sorted { $0.path < $1.path }
        guard let first = changes.first, let last = changes.last else { return [] }
        let links = try links(in: transaction.snapshot)
        var walk = MergedWalk(
            try sources(links, in: transaction.snapshot),
            in: MergedWalk.PathRange(lower: first.path.bytes, upper: last.path.bytes + [0]),
            of: transaction.snapshot)
        return try archive.withBatch(in: transaction) { batch in
            try changes.compactMap { change in
                walk.seek(to: change.path.bytes, in: transaction.snapshot)
                let current = walk.takeCurrent(at: change.path, in: transaction.snapshot)
                var metadata = change.metadata
                metadata.seen = seen(current)
                let block = try batch.put(change, metadata, in: transaction)
                for kind in current.flatMap({ $0.link == link ? $0.kinds : [] })
                where kind != change.kind {
                    try batch.remove(key: kind.key(of: change.path), in: transaction)
                }
                return block.map { WrittenEntry(path: change.path, block: $0) }
            }
        }
    }

    /// What the next own entry has seen, given the current one of every writer.
    private func seen(_ current: [MergedWalk.CurrentEntry]) -> SeenVector {
        var seen = SeenVector()
        for entry in current {
            if entry.link != link {
                seen.see(entry.link, upTo: entry.position)
                continue
            }
            // Within one writer order is the feed's: the own entries are seen without saying so.
            for (other, position) in entry.seen.positions where other != link {
                seen.see(other, upTo: position)
            }
        }
        return seen
    }
}

extension ArchiveBatch {
    fileprivate mutating func put(
        _ change: EntryChange, _ metadata: EntryMetadata,
        in transaction: borrowing StoreTransaction
    ) throws -> UInt64? {
        let object = metadata.entryMetadata ?? .null
        switch change.value {
        case .file(let blob, let isExecutable):
            return try put(
                EntryValue(blob: blob, isExecutable: isExecutable, metadata: object),
                at: try ArchivePath(change.path.string), in: transaction)
        case .link(let target):
            return try put(
                EntryValue(linkTo: target, metadata: object),
                at: try ArchivePath(change.path.string), in: transaction)
        case .directory, .deletion:
            return try put(
                .object(metadata.object), forKey: change.kind.key(of: change.path),
                in: transaction)
        }
    }
}
