/// A file or a symbolic link in an archive.
public struct ArchiveEntry: Sendable, Hashable {
    /// The path.
    public let path: ArchivePath
    /// The block of the index that holds the entry.
    public let seq: UInt64
    /// What the entry says.
    public let value: EntryValue

    /// Reads an entry of the index.
    public init(_ entry: IndexEntry) throws(EntryError) {
        guard let path = ArchiveKeys.path(of: entry.key) else { throw .path }
        guard let bytes = entry.value else { throw .noValue }
        let result: Result<EntryValue, EntryError> = bytes.withUnsafeBytes { bytes in
            Result { () throws(EntryError) in try EntryValue(decoding: bytes) }
        }
        self.path = path
        seq = entry.seq
        value = try result.get()
    }
}
