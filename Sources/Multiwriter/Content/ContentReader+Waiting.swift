import Archives
import Feeds

extension ContentReader {
    /// The next piece, `nil` at the end; what is not here is asked for and waited for.
    ///
    /// Some of what follows is asked for as well, so that it is on its way meanwhile.
    /// - Throws: `DriveError` with `timedOut` if the block does not come in time.
    public mutating func next(waiting timeout: Duration) async throws -> [UInt8]? {
        do {
            return try await nextNow()
        } catch let error as DriveError where error.code == .notHere {
            guard timeout > .zero, nextBlock != nil, !drive.options.isReadOnly else { throw error }
        }
        let start = nextBlock?.blocks.lowerBound ?? 0
        // What was asked for before and has not come is still to be given back.
        asked.removeAll { $0.blocks.upperBound <= start }
        asked += try await drive.ask(for: upcoming)
        let (drive, before) = (drive, self)
        let found: (ContentReader, [UInt8]?)?
        do {
            found = try await drive.wait(timeout, ContinuousClock()) {
                () async throws -> (ContentReader, [UInt8]?)? in
                do {
                    var reader = before
                    let piece = try await reader.nextNow()
                    return (reader, piece)
                } catch let error as DriveError where error.code == .notHere {
                    return nil
                }
            }
        } catch {
            try? await withdraw()
            throw error
        }
        guard let found else {
            try await withdraw()
            throw DriveError(.timedOut, "a block of the content did not arrive in time")
        }
        self = found.0
        return found.1
    }

    /// Asks no more for what it has asked for, on behalf of one who does not read to the end.
    public mutating func withdraw() async throws {
        let (drive, wants) = (drive, asked)
        asked = []
        guard !wants.isEmpty else { return }
        try await drive.write { try drive.unwant(wants, in: $0) }
    }

    private mutating func nextNow() async throws -> [UInt8]? {
        let before = self
        let (after, piece) = try await drive.read { snapshot in
            var reader = before
            let piece = try reader.next(in: snapshot)
            return (reader, piece)
        }
        self = after
        return piece
    }
}

extension Drive {
    /// Begins to read a version, and waits for what must be here to begin.
    ///
    /// - Throws: `DriveError`: `damaged`, `notHere` or `timedOut`.
    public func reader(
        of version: Version, from start: UInt64 = 0, waiting timeout: Duration
    ) async throws -> ContentReader {
        do {
            return try await read { try self.reader(of: version, from: start, in: $0) }
        } catch let error as DriveError where error.code == .notHere {
            guard timeout > .zero, !options.isReadOnly else { throw error }
        }
        let first = BlobRange(from: start, length: 1)
        try await download(version, bytes: first, timeout: timeout)
        return try await read { try self.reader(of: version, from: start, in: $0) }
    }

    /// Asks for those of some blocks that are not here; returns what nobody had asked for.
    fileprivate func ask(for wants: [Want]) async throws -> [Want] {
        try await write { transaction in
            var missing: [Want] = []
            for want in wants {
                guard let feed = try transaction.snapshot.feed(for: want.feed) else { continue }
                let blocks = try transaction.snapshot.missing(
                    BlockRanges([want.blocks]), of: feed)
                missing += blocks.ranges.map { Want(feed: want.feed, blocks: $0) }
            }
            return try self.want(missing, in: transaction)
        }
    }
}
