import Archives
import Cryptography

extension Row {
    /// Makes a row of a change of an index, `nil` if it is none that a listing shows: a deletion,
    /// or a key of a kind that is unknown.
    ///
    /// `end` is where the content of earlier rows ends; entries without content are said to
    /// begin there.
    init?(_ change: IndexChange, of link: FeedKey, end: Content) throws {
        guard change.kind == .put, let (kind, _) = EntryKey.split(change.entry.key),
            kind != .deletion
        else { return nil }
        self.init(try Version(change.entry, kind: kind, link: link), end: end)
    }

    init(_ version: Version, end: Content) {
        name = version.name
        type = version.type
        link = version.link
        position = version.block
        linkname = version.linkname ?? ""
        mode = version.metadata.mode ?? (version.isExecutable ? 0o755 : 0)
        uid = version.metadata.uid ?? 0
        gid = version.metadata.gid ?? 0
        mtime = version.metadata.mtime ?? .zero
        ctime = version.metadata.ctime ?? .zero
        content = end
        if let blob = version.blob {
            content = Content(blockOffset: blob.blockOffset, bytesOffset: blob.byteOffset)
            length = blob.byteLength
            blocks = blob.blockLength
        }
    }

    /// Where the content of this row ends, or that of the rows before if it has none.
    var end: Content {
        Content(
            blockOffset: content.blockOffset &+ blocks,
            bytesOffset: content.bytesOffset &+ length)
    }
}
