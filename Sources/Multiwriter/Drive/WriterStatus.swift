import Archives
public import Cryptography
public import Feeds

/// What is known and held of one archive.
public struct WriterStatus: Sendable, Hashable {
    /// One of the two feeds of an archive.
    public struct Part: Sendable, Hashable {
        /// The key of the feed.
        public let key: FeedKey
        /// The number of blocks that its writer signed.
        public let length: UInt64
        /// The bytes of these blocks.
        public let byteLength: UInt64
        /// The number of these blocks that are held here.
        public let heldCount: UInt64

        /// The number of blocks that are not held here.
        public var missingCount: UInt64 { length - min(length, heldCount) }
    }

    /// The archive.
    public let link: FeedKey
    /// True for the own archive.
    public let isOwn: Bool
    /// The feed with the entries.
    public let index: Part
    /// The feed with the bytes, `nil` while its key is not known.
    public let content: Part?
    /// Why the writer is not trusted any more, `nil` if it is.
    public let mark: String?

    /// True if all that the writer signed is held here, as far as is known.
    public var isComplete: Bool {
        index.missingCount == 0 && (content?.missingCount ?? (index.length > 0 ? 1 : 0)) == 0
    }
}

extension Drive {
    /// What is known and held of every archive, the own one first.
    public func writers(in snapshot: borrowing StoreSnapshot) throws -> [WriterStatus] {
        var writers: [WriterStatus] = []
        for link in try links(in: snapshot) {
            guard let index = try snapshot.feed(for: link) else { continue }
            // An index that cannot be read names no content, and hides no other archive.
            let content = try? archive(for: link, in: snapshot)?.content?.feed
            let record = try record(of: link, in: snapshot)
            var mark = record?.mark ?? ""
            let feeds = [index, content].compactMap(\.self)
            if mark.isEmpty, try feeds.contains(where: { try snapshot.traits(of: $0).isFrozen }) {
                mark = "signed two histories"
            }
            writers.append(
                WriterStatus(
                    link: link, isOwn: link == self.link,
                    index: try Self.part(of: index, in: snapshot),
                    content: try content.map { try Self.part(of: $0, in: snapshot) },
                    mark: mark.isEmpty ? nil : mark))
        }
        return writers
    }

    /// What is known and held of every archive, the own one first.
    public func writers() async throws -> [WriterStatus] {
        try await read { snapshot in try self.writers(in: snapshot) }
    }

    private static func part(
        of feed: Feed, in snapshot: borrowing StoreSnapshot
    ) throws -> WriterStatus.Part {
        let head = try snapshot.head(of: feed)
        let held = try snapshot.heldBlockCount(in: 0..<head.length, of: feed)
        return WriterStatus.Part(
            key: feed.key, length: head.length, byteLength: head.byteLength, heldCount: held)
    }

    /// Remembers why a writer is not trusted any more, or forgets it.
    package func mark(
        _ link: FeedKey, _ reason: String?, in transaction: borrowing StoreTransaction
    ) throws {
        guard var record = try record(of: link, in: transaction.snapshot) else { return }
        record.mark = reason ?? ""
        try setRecord(record, of: link, in: transaction)
    }

    /// Remembers that an index is complete, so that it can be read while more of it arrives.
    package func noteComplete(
        _ link: FeedKey, _ head: FeedHead, in transaction: borrowing StoreTransaction
    ) throws {
        guard head.isComplete, var record = try record(of: link, in: transaction.snapshot),
            record.readableLength != head.length || record.readableFork != head.fork
        else { return }
        record.readableLength = head.length
        record.readableFork = head.fork
        try setRecord(record, of: link, in: transaction)
    }
}
