/// The keys of an index that the drive reads and writes; all others are kept and skipped.
///
/// | key | value |
/// |---|---|
/// | `files` 00 path | a Hyperdrive entry, with ours under `metadata.mdrive` |
/// | `mdrive` 00 `d` 00 path | a directory: the members of `EntryMetadata` |
/// | `mdrive` 00 `x` 00 path | a deletion: the same |
///
/// Reserved kinds: `g` membership, `r` reference to another writer's content, `f` acknowledged
/// heads.
package enum EntryKey: CaseIterable, Sendable {
    case file
    case directory
    case deletion

    /// What stands in front of the path.
    package var prefix: [UInt8] {
        switch self {
        case .file: Self.filePrefix
        case .directory: Self.directoryPrefix
        case .deletion: Self.deletionPrefix
        }
    }

    /// The bytes in front of the path.
    package var prefixCount: Int { self == .file ? 6 : 9 }

    private static let filePrefix = Array("files\0".utf8)
    private static let directoryPrefix = Array("mdrive\0d\0".utf8)
    private static let deletionPrefix = Array("mdrive\0x\0".utf8)

    /// The key of a path.
    package func key(of path: DrivePath) -> [UInt8] { prefix + path.bytes }

    /// Tells what a key is of, `nil` for one that is none of ours.
    package static func split(_ key: [UInt8]) -> (kind: EntryKey, path: ArraySlice<UInt8>)? {
        for kind in allCases where key.starts(with: kind.prefix) {
            return (kind, key[kind.prefix.count...])
        }
        return nil
    }
}

extension DrivePath {
    /// Accepts the path of an entry of a kind; only a directory can be the root.
    init?(stored bytes: ArraySlice<UInt8>, of kind: EntryKey) {
        if kind == .directory, bytes.count == 1, bytes.first == UInt8(ascii: "/") {
            self = .root
        } else {
            self.init(stored: bytes)
        }
    }
}
