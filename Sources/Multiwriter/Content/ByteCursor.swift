/// Reads a file from wherever one wants to.
///
/// Offsets count from the file's start; what is before it is its start, what is behind its end is
/// its end.
public struct ByteCursor: Sendable {
    private let drive: Drive
    private let version: Version
    private let timeout: Duration
    private var reader: ContentReader?
    private var offset: UInt64 = 0

    init(_ drive: Drive, _ version: Version, timeout: Duration) {
        self.drive = drive
        self.version = version
        self.timeout = timeout
    }

    /// Goes to a byte of the file.
    public mutating func seek(to offset: Int) {
        self.offset = UInt64(max(0, offset))
        reader = nil
    }

    /// The rest of the block, then block by block; `nil` at the end, as often as it is asked.
    public mutating func next() async throws -> [UInt8]? {
        var reader: ContentReader
        if let known = self.reader {
            reader = known
        } else {
            reader = try await drive.reader(of: version, from: offset, waiting: timeout)
        }
        let piece = try await reader.next(waiting: timeout)
        self.reader = reader
        return piece
    }
}

extension Drive {
    /// A cursor over what a version of an entry has for content.
    public func makeByteCursor(
        for version: Version, timeout: Duration = .zero
    ) -> ByteCursor {
        ByteCursor(self, version, timeout: timeout)
    }

    /// A cursor over the latest content of a name in one archive.
    ///
    /// - Throws: `DriveError`: `unknownLink`, `unknownName` or `notHere`.
    public func makeByteCursor(
        for reference: EntryReference, timeout: Duration = .zero
    ) async throws -> ByteCursor {
        let version = try await read { snapshot in
            try self.version(of: reference, in: snapshot)
        }
        guard let version else { throw DriveError.unknown(reference) }
        return ByteCursor(self, version, timeout: timeout)
    }
}
