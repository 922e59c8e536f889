public import Archives

/// What is to be written, content aside; what is not given is not stored.
public struct NewEntry: Sendable {
    /// The name; a leading slash makes no difference.
    public var name: String
    /// What is to stand there.
    public var type: EntryType
    /// The target of a link.
    public var linkname: String?
    /// Permission bits.
    public var mode: UInt32?
    /// The number of the owner.
    public var uid: UInt32?
    /// The number of the group.
    public var gid: UInt32?
    /// When the content was changed.
    public var mtime: Timestamp?
    /// When anything was changed.
    public var ctime: Timestamp?
    /// Whatever the owner wants to keep with it.
    public var fields: JSONObject?

    /// Makes an entry with a name and nothing else.
    public init(name: String, type: EntryType = .file) {
        self.name = name
        self.type = type
    }
}

extension NewEntry {
    /// The path, or why the entry cannot be stored.
    func checkedPath() throws(DriveError) -> DrivePath {
        switch type {
        case .directory: return try DrivePath(folder: name)
        case .file: return try DrivePath(naming: name)
        case .symlink, .hardlink:
            guard linkname != nil else {
                throw DriveError(.badEntry, "a \(type.rawValue) needs a linkname")
            }
            return try DrivePath(naming: name)
        case .deletion: throw DriveError(.badEntry, "a deletion is made by removing a path")
        }
    }

    /// All that stands under `mdrive`, but for what follows from content and causality.
    func metadata(at path: DrivePath) -> EntryMetadata {
        var metadata = EntryMetadata()
        if type == .hardlink { metadata.type = .hardlink }
        if type == .file, let linkname, !linkname.isEmpty { metadata.linkname = linkname }
        metadata.mode = mode
        metadata.uid = uid
        metadata.gid = gid
        metadata.mtime = mtime
        metadata.ctime = ctime
        let given = Self.withoutLeadingSlashes(name)
        if !given.utf8.elementsEqual(path.name.utf8) { metadata.name = given }
        metadata.fields = fields
        return metadata
    }

    private static func withoutLeadingSlashes(_ name: String) -> String {
        String(decoding: name.utf8.drop { $0 == UInt8(ascii: "/") }, as: UTF8.self)
    }
}
