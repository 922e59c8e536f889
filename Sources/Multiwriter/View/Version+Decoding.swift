import Archives
import Cryptography

extension Version {
    /// Reads an entry of an index, whatever its writer made of it.
    init(_ entry: IndexEntry, kind: EntryKey, link: FeedKey) throws {
        guard let path = DrivePath(stored: entry.key[kind.prefixCount...], of: kind) else {
            throw EntryError.path
        }
        try self.init(entry, at: path, kind: kind, link: link)
    }

    /// Reads an entry of an index that stands at a path.
    init(_ entry: IndexEntry, at path: DrivePath, kind: EntryKey, link: FeedKey) throws {
        guard let value = entry.value else { throw EntryError.noValue }
        if kind == .file {
            try self.init(
                try value.withUnsafeBytes { try EntryValue(decoding: $0) }, at: path,
                block: entry.seq, link: link)
        } else {
            let json = try JSONValue(parsing: value)
            guard json.object != nil else { throw EntryError.member("") }
            self.init(json, kind: kind, at: path, block: entry.seq, link: link)
        }
    }

    private init(
        _ value: EntryValue, at path: DrivePath, block: UInt64, link: FeedKey
    ) throws(EntryError) {
        let metadata = EntryMetadata(value.metadata[EntryMetadata.member])
        if let linkname = value.linkname, value.blob == nil || value.isSymlink {
            type = metadata.type == .hardlink ? .hardlink : .symlink
            self.linkname = linkname
            blob = nil
        } else {
            guard let blob = value.blob else { throw .member("blob") }
            type = .file
            linkname = metadata.linkname
            self.blob = blob
        }
        isExecutable = value.isExecutable
        name = Self.name(metadata.name, at: path)
        position = metadata.position ?? block
        entryMetadata = value.metadata
        self.metadata = metadata
        self.block = block
        self.link = link
    }

    private init(
        _ json: JSONValue, kind: EntryKey, at path: DrivePath, block: UInt64, link: FeedKey
    ) {
        metadata = EntryMetadata(json)
        type = kind == .directory ? .directory : .deletion
        linkname = nil
        blob = nil
        isExecutable = false
        name = Self.name(metadata.name, at: path)
        position = metadata.position ?? block
        entryMetadata = .null
        self.block = block
        self.link = link
    }

    /// The name as it was given, if it is one that leads to the path; else the path's own.
    private static func name(_ given: String?, at path: DrivePath) -> String {
        guard let given, let leadsTo = try? DrivePath(folder: given), leadsTo == path else {
            return path.isRoot ? "." : path.name
        }
        return given
    }
}
