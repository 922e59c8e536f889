public import Archives
public import Cryptography

/// What all writers together say of one path.
public struct ViewEntry: Sendable {
    /// The path.
    public let path: DrivePath
    /// What remains after all that was seen is superseded; the first is shown.
    ///
    /// Empty for a folder that exists because something is in it.
    public let versions: [Version]
    /// True if something that is no folder stands here, and others have files below it.
    public internal(set) var isAlsoFolder = false
    /// The path above this one where, for somebody, something else than a folder stands.
    public internal(set) var fileAbove: DrivePath?

    init(path: DrivePath, versions: [Version]) {
        self.path = path
        self.versions = versions
    }

    /// The version that is shown, `nil` for a folder that merely has something in it.
    public var shown: Version? { versions.first }

    /// True if there is more than one version, or both a file and a folder.
    public var isConflict: Bool { versions.count > 1 || isAlsoFolder || fileAbove != nil }

    /// True if nothing stands here any more.
    public var isDeleted: Bool { shown?.type == .deletion }

    /// What is shown: a folder that merely has something in it is a directory, too.
    public var type: EntryType { shown?.type ?? .directory }

    /// The name as its writer gave it, without a leading slash.
    public var name: String { shown?.name ?? path.name }

    /// The archive whose version is shown.
    public var link: FeedKey? { shown?.link }
}

/// One version of what stands at a path.
public struct Version: Sendable {
    /// The archive of the writer who speaks for it.
    public let link: FeedKey
    /// The archives of others who have the same.
    public internal(set) var otherLinks: [FeedKey] = []
    /// Where the entry stands in its writer's index feed, unless it says that it stood elsewhere.
    public let position: UInt64
    /// The block of the writer's index feed.
    public let block: UInt64
    /// What it is.
    public let type: EntryType
    /// The name as it was given, without a leading slash.
    public let name: String
    /// Whether Hyperdrive's own flag says that it can be run.
    public let isExecutable: Bool
    /// The target of a link, else `nil`.
    public let linkname: String?
    /// Where the content is, `nil` if there is none.
    public let blob: Blob?
    /// All that the drive itself keeps with an entry.
    public let metadata: EntryMetadata
    /// Everything that a Hyperdrive entry carries, ours included.
    public let entryMetadata: JSONValue

    /// The bytes of the content as the entry states them.
    ///
    /// With a block map this is not known without the content feed; then it is 0.
    public var byteLength: UInt64 {
        guard let blob, !blob.isBlockMap else { return 0 }
        return blob.byteLength
    }

    /// Permission bits, or what the flag of Hyperdrive makes of them.
    public var mode: UInt32? {
        if let mode = metadata.mode { return mode & 0o7777 }
        return isExecutable ? 0o755 : nil
    }
}

extension Version {
    /// What matters for who is right.
    var statement: Statement {
        Statement(
            link: link, position: position, seen: metadata.seen, mtime: metadata.mtime,
            sameness: sameness)
    }

    private var sameness: Statement.Sameness? {
        switch type {
        case .deletion: return .deletion
        case .directory: return .directory(mode: metadata.mode.map { $0 & 0o7777 })
        case .symlink, .hardlink: return .pointer(type, target: linkname ?? "")
        case .file:
            let isEmpty = blob?.byteLength == 0
            guard isEmpty || metadata.hash != nil else { return nil }
            return .content(
                type, mode: metadata.mode.map { $0 & 0o7777 }, isExecutable: isExecutable,
                hash: isEmpty ? nil : metadata.hash)
        }
    }
}
