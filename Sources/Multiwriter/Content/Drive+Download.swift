public import Archives
import Feeds

extension Drive {
    /// Fetches the content of the latest entry of a name in one archive; returns once all of it is
    /// here.
    ///
    /// In a sparse drive nothing else makes content come. Whoever is connected, in whatever
    /// process, fetches it. It gives up when nothing arrives for as long as the timeout says, and
    /// without one it waits for as long as it takes.
    ///
    /// - Throws: `DriveError`: `unknownLink`, `unknownName` or `timedOut`.
    public func download(
        _ reference: EntryReference, timeout: Duration? = nil
    ) async throws {
        let version = try await read { try self.version(of: reference, in: $0) }
        guard let version else { throw DriveError.unknown(reference) }
        try await download(version, timeout: timeout)
    }

    /// Fetches the content of a version of an entry, or bytes of it; returns once it is here.
    ///
    /// - Throws: `DriveError`: `damaged` or `timedOut`.
    public func download(
        _ version: Version, bytes: BlobRange = .all, timeout: Duration? = nil
    ) async throws {
        let report = try await download(version, bytes: bytes, timeout: timeout) { _ in }
        if let problem = report.problems.first {
            throw DriveError(.damaged, "'\(version.name)' cannot be fetched: \(problem.message)")
        }
        guard report.progress.isComplete else {
            throw DriveError(.timedOut, "'\(version.name)' did not arrive in time")
        }
    }

    /// Fetches the content of a version of an entry, or bytes of it, and reports how far it came.
    public func download(
        _ version: Version, bytes: BlobRange = .all, timeout: Duration? = nil,
        progress: @escaping @Sendable (DownloadProgress) -> Void
    ) async throws -> DownloadReport {
        try await download([(version, bytes)], timeout: timeout, progress: progress)
    }

    /// Fetches the contents of all files at a path and below it, conflicts with all versions.
    ///
    /// What is there is listed once, at the beginning. What has not come when it gives up stays
    /// asked for, and is named in the report.
    ///
    /// - Throws: `DriveError` with `unknownName` if nothing stands at the path.
    public func download(
        at path: String, timeout: Duration? = nil,
        progress: @escaping @Sendable (DownloadProgress) -> Void = { _ in }
    ) async throws -> DownloadReport {
        try await download(
            versions(atAndBelow: path).map { ($0, .all) }, timeout: timeout, progress: progress)
    }

    private func versions(atAndBelow path: String) async throws -> [Version] {
        var versions: [Version] = []
        let isRoot = try DrivePath(folder: path).isRoot
        let entry = isRoot ? nil : try await entry(at: path)
        guard isRoot || entry != nil else {
            throw DriveError(.unknownName, "nothing stands at '\(path)'")
        }
        versions += entry?.versions ?? []
        for try await entry in try entries(in: path) { versions += entry.versions }
        return versions
    }

    private func download(
        _ versions: [(version: Version, range: BlobRange)], timeout: Duration?,
        progress: @escaping @Sendable (DownloadProgress) -> Void = { _ in }
    ) async throws -> DownloadReport {
        var download = Download(self, versions)
        while true {
            download = try await ask(download)
            progress(download.progress)
            guard !download.progress.isComplete else { break }
            let before = download
            let next = try await wait(timeout, ContinuousClock()) { () async throws -> Download? in
                let after = try await self.ask(before)
                return after.progress == before.progress ? nil : after
            }
            guard let next else { break }
            download = next
        }
        try await write { _ = try self.removeFulfilledWants(in: $0) }
        let last = download
        return try await read { snapshot in
            var download = last
            return try download.report(in: snapshot)
        }
    }

    /// Looks what is missing, and asks for what nobody has asked for.
    private func ask(_ download: Download) async throws -> Download {
        let (next, wants) = try await read { snapshot in
            var next = download
            let wants = try next.look(in: snapshot)
            return (next, wants)
        }
        if !wants.isEmpty { try await write { _ = try self.want(wants, in: $0) } }
        return next
    }
}
