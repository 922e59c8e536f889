public import Cryptography
public import Feeds

/// A file system of one writer: an index feed that says which paths there are, and a content feed
/// with what is in the files.
///
/// It is a value that names feeds in a store; all work happens in the snapshot or the transaction
/// that is handed in. See docs/formats/hyperdrive.md.
public struct Archive: Sendable {
    /// What a writer needs on top.
    struct Authorship: Sendable {
        let indexKeyPair: KeyPair
        let contentKeyPair: KeyPair
        let header: IndexHeader
    }

    /// The index, at the newest version or at a checkout.
    public let index: IndexTree
    /// The content, `nil` as long as its feed is not known here.
    public let content: Blobs?
    let authorship: Authorship?
    /// The order of members that the writer keeps in blob ids.
    public var memberOrder = BlobMemberOrder.blockOffsetFirst

    init(index: IndexTree, content: Blobs?, authorship: Authorship? = nil) {
        self.index = index
        self.content = content
        self.authorship = authorship
    }

    /// The key of the archive, which is the key of its index feed.
    public var key: FeedKey { index.feed.key }

    /// Whether this value can write.
    public var isWritable: Bool { authorship != nil && index.pinnedVersion == nil }

    /// The content feed.
    ///
    /// - Throws: `ArchiveError.contentUnknown` if it is not known here yet.
    public func requireContent() throws -> Blobs {
        if let content { return content }
        throw ArchiveError(
            .contentUnknown, "The content feed of archive \(key.id) is not known here yet.")
    }

    func requireAuthorship() throws -> (authorship: Authorship, content: Blobs) {
        guard let authorship, index.pinnedVersion == nil else {
            throw ArchiveError(.notWritable, "Archive \(key.id) cannot be written to.")
        }
        return (authorship, try requireContent())
    }

    /// The number of the next version: one more than that of the newest block.
    public func version(in snapshot: borrowing StoreSnapshot) throws -> UInt64 {
        try index.version(in: snapshot)
    }

    /// The archive as it was at a version; it cannot be written to.
    public func checkout(_ version: UInt64) -> Archive {
        var copy = Archive(
            index: index.checkout(version), content: content, authorship: authorship)
        copy.memberOrder = memberOrder
        return copy
    }
}
