import Archives
public import Cryptography
public import Feeds

/// Reads the content of one entry block by block, with bounded memory.
///
/// It holds no transaction. When a block is not here it throws `notHere`, and can be asked again
/// once the block has arrived.
public struct ContentReader: Sendable {
    private(set) var drive: Drive
    /// The archive.
    public let link: FeedKey
    /// `nil` if there is no content, as for a directory or a link.
    private var reader: BlobReader?
    private let feed: Feed?
    /// Blocks that were asked for on its behalf alone.
    var asked: [Want] = []

    init(_ drive: Drive, _ link: FeedKey, _ reader: BlobReader?, _ feed: Feed?) {
        self.drive = drive
        self.link = link
        self.reader = reader
        self.feed = feed
    }

    /// The bytes that are still to come.
    public var remainingByteCount: UInt64 { reader?.remainingByteCount ?? 0 }

    /// The block that the next piece comes from, `nil` at the end.
    var nextBlock: Want? {
        guard let feed, let block = reader?.nextBlock else { return nil }
        return Want(feed: feed.key, blocks: block..<block + 1)
    }

    /// The blocks that are to be asked for together when the next one is missing.
    var upcoming: [Want] {
        guard let feed, let reader else { return [] }
        return reader.upcomingBlocks(atMost: DriveLimits.readAheadBlockCount).map {
            Want(feed: feed.key, blocks: $0)
        }
    }

    /// The same reader through another opening of its drive, as one that may write what it wants.
    public func moved(to drive: Drive) -> ContentReader {
        precondition(drive.link == self.drive.link, "a reader stays in its drive")
        var reader = self
        reader.drive = drive
        return reader
    }

    /// The next piece, `nil` at the end.
    public mutating func next(in snapshot: borrowing StoreSnapshot) throws -> [UInt8]? {
        try DriveError.wrapping { try next(in: snapshot) { Array($0) } }
    }

    private mutating func next<Result>(
        in snapshot: borrowing StoreSnapshot,
        _ body: (UnsafeRawBufferPointer) throws -> Result
    ) throws -> Result? {
        try reader?.withNext(in: snapshot) { piece in
            let result = try body(piece)
            snapshot.noteSpent(byteCount: piece.count)
            return result
        }
    }

    /// Calls a function with all pieces to come, each where it is stored, on the calling thread.
    ///
    /// A snapshot is held for some pieces at a time, so a slow consumer does not hold one long.
    public mutating func forEachPiece(_ body: (UnsafeRawBufferPointer) throws -> Void) throws {
        while remainingByteCount > 0 {
            try drive.readNow { snapshot in
                for _ in 0..<DriveLimits.pageCount {
                    guard try next(in: snapshot, body) != nil else { break }
                }
            }
        }
    }
}

extension Drive {
    /// Begins to read the latest content of a name in one archive.
    ///
    /// - Throws: `DriveError`: `unknownLink`, `unknownName` or `notHere`.
    public func reader(
        of reference: EntryReference, in snapshot: borrowing StoreSnapshot
    ) throws -> ContentReader {
        guard let version = try version(of: reference, in: snapshot) else {
            throw DriveError.unknown(reference)
        }
        return try reader(of: version, in: snapshot)
    }

    /// Begins to read what a version of an entry has for content.
    ///
    /// - Throws: `DriveError` with `notHere` or `damaged`.
    public func reader(
        of version: Version, from start: UInt64 = 0, in snapshot: borrowing StoreSnapshot
    ) throws -> ContentReader {
        try DriveError.wrapping {
            guard let blob = version.blob, blob.byteLength > 0 else {
                return ContentReader(self, version.link, nil, nil)
            }
            let archive = try requireArchive(for: version.link, in: snapshot)
            let content = try archive.requireContent()
            return ContentReader(
                self, version.link,
                try content.reader(for: blob, BlobRange(from: start), in: snapshot),
                content.feed)
        }
    }

    /// Begins to read the latest content of a name in one archive, on the calling thread.
    public func readerNow(of reference: EntryReference) throws -> ContentReader {
        try readNow { try reader(of: reference, in: $0) }
    }

    /// Begins to read what a version of an entry has for content, on the calling thread.
    public func readerNow(of version: Version) throws -> ContentReader {
        try readNow { try reader(of: version, in: $0) }
    }

    /// The latest content of a name in one archive, a piece for each block.
    ///
    /// A block that is not here is waited for as long as stated, so that a connected peer can send
    /// it.
    public func contents(
        of reference: EntryReference, timeout: Duration = .zero
    ) async throws -> ContentSequence {
        let version = try await read { try self.version(of: reference, in: $0) }
        guard let version else { throw DriveError.unknown(reference) }
        return try await contents(of: version, timeout: timeout)
    }

    /// The content of a version of an entry, a piece for each block.
    public func contents(
        of version: Version, timeout: Duration = .zero
    ) async throws -> ContentSequence {
        ContentSequence(
            reader: try await reader(of: version, waiting: timeout), timeout: timeout)
    }
}

/// The content of an entry, a piece for each block.
public struct ContentSequence: AsyncSequence, Sendable {
    let reader: ContentReader
    let timeout: Duration

    /// Goes through the pieces once.
    public struct AsyncIterator: AsyncIteratorProtocol {
        var reader: ContentReader
        let timeout: Duration

        /// The next piece, `nil` at the end.
        public mutating func next() async throws -> [UInt8]? {
            try await reader.next(waiting: timeout)
        }
    }

    /// Begins to go through the pieces.
    public func makeAsyncIterator() -> AsyncIterator {
        AsyncIterator(reader: reader, timeout: timeout)
    }

    /// All pieces joined; only for what is known to be small.
    public func collected() async throws -> [UInt8] {
        var bytes: [UInt8] = []
        for try await piece in self { bytes += piece }
        return bytes
    }
}
