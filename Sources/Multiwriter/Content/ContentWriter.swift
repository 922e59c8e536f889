import Archives

/// Stores a file as its bytes come, with bounded memory.
///
/// Nothing is seen of it before `finish()` has returned; letting it go gives it up. Small files are
/// stored when they are finished. A large one holds the drive's write lock from its first commit
/// on, and others that are finished meanwhile wait for it: do not wait for one while you hold the
/// other.
public struct ContentWriter: ~Copyable, Sendable {
    private let drive: Drive
    private var batch: EntryBatch
    private var rest: [UInt8] = []

    init(_ drive: Drive, _ batch: EntryBatch) {
        self.drive = drive
        self.batch = batch
    }

    deinit {
        // The lock knows the ticket; a copy of the batch can give it back.
        var batch = batch
        batch.releaseLock()
    }

    /// Adds bytes.
    public mutating func write(_ bytes: [UInt8]) async throws {
        bytes.withUnsafeBytes { gather($0) }
        if batch.byteCount >= DriveLimits.batchByteCount { try await batch.commit() }
    }

    /// Adds bytes, on the calling thread.
    public mutating func writeNow(_ bytes: UnsafeRawBufferPointer) throws {
        gather(bytes)
        if batch.byteCount >= DriveLimits.batchByteCount { try batch.commit() }
    }

    /// Ends the file and stores it; returns its row.
    @discardableResult
    public consuming func finish() async throws -> Row {
        end()
        guard let written = try await batch.commit().last else { throw Self.nothingWritten }
        let drive = drive
        return try await drive.read { snapshot in
            try drive.row(at: written.block, of: drive.link, in: snapshot)
        }
    }

    /// Ends the file and stores it, on the calling thread; returns its row.
    @discardableResult
    public consuming func finishNow() throws -> Row {
        end()
        guard let written = try batch.commit().last else { throw Self.nothingWritten }
        return try drive.readNow { snapshot in
            try drive.row(at: written.block, of: drive.link, in: snapshot)
        }
    }

    private mutating func end() {
        if !rest.isEmpty { batch.append(rest) }
        rest = []
        batch.end()
    }

    /// Cuts whole blocks; less than one is left.
    private mutating func gather(_ bytes: UnsafeRawBufferPointer) {
        let size = DriveLimits.blockByteCount
        var bytes = bytes[...]
        if !rest.isEmpty {
            let part = bytes.prefix(size - rest.count)
            rest.append(contentsOf: part)
            bytes = bytes.dropFirst(part.count)
            guard rest.count == size else { return }
            batch.append(rest)
            rest = []
        }
        while bytes.count >= size {
            batch.append(Array(bytes.prefix(size)))
            bytes = bytes.dropFirst(size)
        }
        rest.append(contentsOf: bytes)
    }

    private static let nothingWritten = DriveError(.damaged, "nothing was stored")
}

extension Drive {
    /// Begins a file of the own archive, whoever else has one of this name.
    ///
    /// - Throws: `DriveError` with `badName` or `badEntry`.
    public func makeWriter(for entry: NewEntry) throws -> ContentWriter {
        try checkWritable()
        guard entry.type == .file else {
            throw DriveError(.badEntry, "a \(entry.type.rawValue) has no content")
        }
        var batch = EntryBatch(self)
        try batch.begin(entry)
        return ContentWriter(self, batch)
    }

    /// Stores a whole file, and returns its row.
    @discardableResult
    public func write(_ content: [UInt8], to name: String) async throws -> Row {
        var writer = try makeWriter(for: NewEntry(name: name))
        try await writer.write(content)
        return try await writer.finish()
    }

    /// Stores a directory or a link in the own archive, and returns its row.
    @discardableResult
    public func append(_ entry: NewEntry) async throws -> Row {
        var batch = try gather(entry)
        guard let written = try await batch.commit().last else {
            throw DriveError(.damaged, "nothing was stored")
        }
        return try await read { snapshot in
            try self.row(at: written.block, of: self.link, in: snapshot)
        }
    }

    /// Stores a directory or a link in the own archive, on the calling thread.
    @discardableResult
    public func appendNow(_ entry: NewEntry) throws -> Row {
        var batch = try gather(entry)
        guard let written = try batch.commit().last else {
            throw DriveError(.damaged, "nothing was stored")
        }
        return try readNow { snapshot in
            try row(at: written.block, of: link, in: snapshot)
        }
    }

    private func gather(_ entry: NewEntry) throws -> EntryBatch {
        try checkWritable()
        guard entry.type != .file else {
            throw DriveError(.badEntry, "a file needs content: write it")
        }
        var batch = EntryBatch(self)
        try batch.add(entry)
        return batch
    }
}
