import CompactEncoding
public import Cryptography
public import Feeds
import LMDB

extension Drive {
    /// The links of all archives: the own one first, then the others, sorted.
    public func links(in snapshot: borrowing StoreSnapshot) throws -> [FeedKey] {
        var links = [link]
        try snapshot.withEnvironmentTransaction { transaction in
            try transaction.withCursor(in: tables.writers) { cursor in
                while try cursor.moveToNext() {
                    try cursor.withCurrent { key, _ in
                        if let other = FeedKey(key), other != link { links.append(other) }
                    }
                }
            }
        }
        return links
    }

    /// The links of all archives: the own one first, then the others, sorted.
    public func links() async throws -> [FeedKey] {
        try await read { snapshot in try self.links(in: snapshot) }
    }

    /// True if the drive follows an archive.
    public func knows(_ link: FeedKey, in snapshot: borrowing StoreSnapshot) throws -> Bool {
        try snapshot.withEnvironmentTransaction { transaction in
            try link.withUnsafeBytes { try transaction.contains(key: $0, in: tables.writers) }
        }
    }

    /// Follows an archive; false if it was followed before.
    ///
    /// - Throws: `DriveError` with `tooManyArchives`.
    @discardableResult
    public func add(_ link: FeedKey) async throws -> Bool {
        let added = try await write { transaction in try self.add([link], in: transaction) }
        postArchives(added)
        return !added.isEmpty
    }

    /// Follows archives, on the calling thread, and returns those that are new.
    ///
    /// - Throws: `DriveError` with `tooManyArchives`, and adds none, if not all of them fit.
    @discardableResult
    public func addNow(_ links: [FeedKey]) throws -> [FeedKey] {
        let added = try writeNow { transaction in try self.add(links, in: transaction) }
        postArchives(added)
        return added
    }

    /// Follows archives and returns those that are new; the caller posts the events once the
    /// transaction is committed.
    package func add(
        _ links: [FeedKey], areLearnt: Bool = false, in transaction: borrowing StoreTransaction
    ) throws -> [FeedKey] {
        var added: [FeedKey] = []
        for link in links {
            if var record = try record(of: link, in: transaction.snapshot) {
                if record.isLearnt, !areLearnt {
                    record.isLearnt = false
                    try setRecord(record, of: link, in: transaction)
                }
                continue
            }
            let count = try archiveCount(in: transaction.snapshot)
            guard count < options.maximumArchiveCount else {
                throw DriveError(
                    .tooManyArchives,
                    "the drive follows \(count) archives and may not follow more")
            }
            let feed = try transaction.addFeed(link)
            precondition(feed.key == link, "a feed is found under its key")
            var record = WriterRecord()
            record.isLearnt = areLearnt
            try setRecord(record, of: link, in: transaction)
            added.append(link)
        }
        return added
    }

    /// Stops to follow archives that peers have told of and of which nothing has come.
    package func forget(
        _ links: some Sequence<FeedKey>, in transaction: borrowing StoreTransaction
    ) throws {
        for link in links {
            guard try isVain(link, in: transaction.snapshot),
                let feed = try transaction.snapshot.feed(for: link)
            else { continue }
            try transaction.removeFeed(feed)
            try transaction.withEnvironmentTransaction { transaction in
                _ = try link.withUnsafeBytes { try transaction.delete($0, in: tables.writers) }
            }
        }
    }

    /// Whether a peer has told of an archive, nobody here has asked for it, and nothing is proven
    /// of it.
    func isVain(_ link: FeedKey, in snapshot: borrowing StoreSnapshot) throws -> Bool {
        guard let record = try record(of: link, in: snapshot), record.isLearnt,
            let feed = try snapshot.feed(for: link)
        else { return false }
        return try snapshot.head(of: feed).length == 0
    }

    /// The number of archives, the own one included.
    public func archiveCount(in snapshot: borrowing StoreSnapshot) throws -> Int {
        try snapshot.withEnvironmentTransaction { try $0.count(of: tables.writers) }
    }

    func record(
        of link: FeedKey, in snapshot: borrowing StoreSnapshot
    ) throws -> WriterRecord? {
        try snapshot.withEnvironmentTransaction { transaction in
            try link.withUnsafeBytes { key in
                try transaction.withValue(forKey: key, in: tables.writers) { value in
                    guard let value else { return nil }
                    do {
                        return try WriterRecord(decoding: value)
                    } catch {
                        throw DriveError(
                            .damaged, "the record of archive \(link) is damaged", cause: error)
                    }
                }
            }
        }
    }

    func setRecord(
        _ record: WriterRecord, of link: FeedKey, in transaction: borrowing StoreTransaction
    ) throws {
        try transaction.withEnvironmentTransaction { transaction in
            try link.withUnsafeBytes {
                try transaction.put(record.encoded, forKey: $0, in: tables.writers)
            }
        }
    }
}
