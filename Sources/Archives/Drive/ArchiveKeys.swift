/// The layout of the keys in an archive's index.
public enum ArchiveKeys {
    /// What stands in front of the path of a file.
    static let files = Array("files".utf8) + [0]

    /// What stands in front of the keys that only this project uses.
    static let privatePrefix = Array("mdrive".utf8) + [0]

    /// The key of a file or link.
    public static func file(_ path: ArchivePath) -> [UInt8] {
        var key = files
        key.reserveCapacity(files.count + path.string.utf8.count)
        key.append(contentsOf: path.string.utf8)
        return key
    }

    /// A key of the private range: `mdrive` ‖ 00 ‖ kind ‖ 00 ‖ rest.
    public static func privateKey(kind: UInt8, _ rest: some Collection<UInt8>) -> [UInt8] {
        privatePrefix + [kind, 0] + rest
    }

    /// All keys of one kind of the private range.
    public static func privateRange(kind: UInt8) -> IndexRange {
        .prefix(privatePrefix + [kind, 0])
    }

    /// All keys of the private range.
    public static var privateRange: IndexRange { .prefix(privatePrefix) }

    /// The keys of all files below a folder.
    ///
    /// A slash is followed by `0` in the order of bytes, so the range ends there.
    public static func files(below folder: ArchivePath) -> IndexRange {
        let prefix = folder.isRoot ? files : file(folder)
        return IndexRange(
            from: .excluded(prefix + [UInt8(ascii: "/")]),
            to: .excluded(prefix + [UInt8(ascii: "0")]))
    }

    /// The path that a key stands for, `nil` if it is no key of a file.
    public static func path(of key: [UInt8]) -> ArchivePath? {
        key.withUnsafeBytes { key in
            guard key.count > files.count, key.starts(with: files) else { return nil }
            return ArchivePath(
                normalizedBytes: UnsafeRawBufferPointer(rebasing: key[files.count...]))
        }
    }
}
