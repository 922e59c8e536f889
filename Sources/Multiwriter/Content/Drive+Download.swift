import Archives
import Cryptography
import Feeds

extension Drive {
    /// Fetches the content of the latest entry of a name in one archive; returns once all of it is
    /// here.
    ///
    /// In a sparse drive nothing else makes content come. Whoever is connected, in whatever
    /// process, fetches it; without a timeout it waits for as long as it takes.
    ///
    /// - Throws: `DriveError`: `unknownLink`, `unknownName` or `timedOut`.
    public func download(
        _ reference: EntryReference, timeout: Duration? = nil
    ) async throws {
        let version = try await read { try self.version(of: reference, in: $0) }
        guard let version else { throw Self.unknown(reference) }
        try await download(version, timeout: timeout)
    }

    /// Fetches the content of a version of an entry; returns once all of it is here.
    public func download(_ version: Version, timeout: Duration? = nil) async throws {
        guard let blob = version.blob, blob.byteLength > 0 else { return }
        let isHere = try await wait(timeout, ContinuousClock()) { () async throws -> Bool? in
            let missing = try await self.read { try self.missing(of: version, blob, in: $0) }
            guard let missing else { return nil }
            if missing.isEmpty { return true }
            let known = try await self.read { Set(try self.wants(in: $0)) }
            if !known.isSuperset(of: missing) {
                try await self.write { try self.want(missing, in: $0) }
            }
            return nil
        }
        try await write { _ = try self.removeFulfilledWants(in: $0) }
        guard isHere == true else {
            throw DriveError(.timedOut, "'\(version.name)' did not arrive in time")
        }
    }

    /// The blocks of a blob that are not here; `nil` while it is not known which feed they are of.
    private func missing(
        of version: Version, _ blob: Blob, in snapshot: borrowing StoreSnapshot
    ) throws -> [Want]? {
        let archive = try requireArchive(for: version.link, in: snapshot)
        guard let content = archive.content else { return nil }
        let (end, isTooLarge) = blob.blockOffset.addingReportingOverflow(blob.blockLength)
        guard !isTooLarge, end <= DriveLimits.maximumPosition else {
            throw DriveError(.damaged, "'\(version.name)' claims content that cannot be")
        }
        let whole = Want(feed: content.feed.key, blocks: blob.blockOffset..<end)
        guard try isHeld(whole, in: snapshot) else { return [whole] }
        guard blob.isBlockMap else { return [] }
        var reader = try content.reader(for: blob, in: snapshot)
        while let block = reader.nextBlock {
            let want = Want(feed: content.feed.key, blocks: block..<block + 1)
            guard try isHeld(want, in: snapshot) else { return [want] }
            _ = try reader.withNext(in: snapshot) { _ in }
        }
        return []
    }
}
