public import Archives
public import Cryptography
public import Feeds

extension Drive {
    /// The archive with a link, for reading; `nil` if the drive does not follow it.
    public func archive(
        for link: FeedKey, in snapshot: borrowing StoreSnapshot
    ) throws -> Archive? {
        guard try knows(link, in: snapshot) else { return nil }
        return try Archive.existing(link, in: snapshot)
    }

    /// The index feed of an archive, whatever is in it.
    ///
    /// - Throws: `DriveError` with `unknownLink`.
    func requireIndex(
        of link: FeedKey, in snapshot: borrowing StoreSnapshot
    ) throws -> IndexTree {
        guard try knows(link, in: snapshot), let feed = try snapshot.feed(for: link) else {
            throw DriveError(.unknownLink, "archive not found with link: \(link.hexadecimal)")
        }
        return IndexTree(feed)
    }

    /// The archive with a link, for reading.
    ///
    /// - Throws: `DriveError` with `unknownLink`.
    func requireArchive(
        for link: FeedKey, in snapshot: borrowing StoreSnapshot
    ) throws -> Archive {
        guard let archive = try archive(for: link, in: snapshot) else {
            throw DriveError(.unknownLink, "archive not found with link: \(link.hexadecimal)")
        }
        return archive
    }

    /// Adds the content feed of an archive to the store once its key is known.
    ///
    /// Returns `nil` as long as it is not known, or if the archive names none.
    @discardableResult
    package func adoptContentFeed(
        of link: FeedKey, in transaction: borrowing StoreTransaction
    ) throws -> Feed? {
        do {
            return try Archive.existing(link, in: transaction.snapshot)?
                .resolved(in: transaction).content?.feed
        } catch let error as ArchiveError {
            // The writer's fault, or its header has not arrived: it hides nobody else.
            _ = error
            return nil
        }
    }

    /// The index of an archive in the newest version that can be read here.
    ///
    /// While blocks of it are still arriving this is the version that was complete last: one in
    /// between may end in the middle of a batch, where an index has no root.
    func readableIndex(
        of link: FeedKey, in snapshot: borrowing StoreSnapshot
    ) throws -> IndexTree? {
        guard let feed = try snapshot.feed(for: link) else { return nil }
        let head = try snapshot.head(of: feed)
        guard head.length > 1 else { return nil }
        let index = IndexTree(feed)
        guard !head.isComplete, let record = try record(of: link, in: snapshot),
            record.readableFork == head.fork, record.readableLength > 1,
            record.readableLength <= head.contiguousLength
        else { return index.checkout(head.length) }
        return index.checkout(record.readableLength)
    }

    /// All archives that have something to show.
    func sources(
        _ links: [FeedKey], in snapshot: borrowing StoreSnapshot
    ) throws -> [MergedWalk.Source] {
        var sources: [MergedWalk.Source] = []
        for link in links {
            if let index = try readableIndex(of: link, in: snapshot) {
                sources.append(MergedWalk.Source(link: link, index: index))
            }
        }
        return sources
    }
}
