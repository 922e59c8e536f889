#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Everything that is open in this process, by the identity of its data file.
///
/// To open a file twice in a process would break LMDB's locks, under whatever names it was found.
/// Unchecked: what varies is touched under the monitor.
final class EnvironmentRegistry: @unchecked Sendable {
    static let shared = EnvironmentRegistry()

    private struct Entry {
        let identity: EnvironmentFiles.Identity
        let core: EnvironmentCore
        var holderCount: Int
    }

    private let monitor = Monitor()
    // Few. A dictionary would have a program at its start search for the key's conformance.
    private var entries: [Entry] = []

    private func place(of identity: EnvironmentFiles.Identity) -> Int? {
        entries.firstIndex { $0.identity == identity }
    }

    /// Shares what is open, or opens it.
    func open(
        _ files: EnvironmentFiles, options: EnvironmentOptions
    ) throws(LMDBError) -> EnvironmentCore {
        monitor.lock()
        defer { monitor.unlock() }
        while let identity = try files.identity(), let place = place(of: identity) {
            let entry = entries[place]
            // What was inherited by a fork is not ours to use; it is left alone.
            guard entry.core.generation == ForkGeneration.current else { break }
            if entry.holderCount == 0 {
                monitor.wait()
                continue
            }
            guard options.isReadOnly || !entry.core.options.isReadOnly else {
                throw LMDBError(
                    code: .readOnly,
                    message: "The database at \(files.folder) is open in this process for "
                        + "reading only: it cannot be opened for writing as well.")
            }
            entries[place].holderCount += 1
            entry.core.strengthen(to: options.durability)
            return entry.core
        }
        let core = try make(files, options)
        guard let identity = try files.identity() else {
            core.close()
            throw LMDBError(ENOENT, "Opening the database at", files.folder)
        }
        entries.removeAll { $0.identity == identity }
        entries.append(Entry(identity: identity, core: core, holderCount: 1))
        return core
    }

    private func make(
        _ files: EnvironmentFiles, _ options: EnvironmentOptions
    ) throws(LMDBError) -> EnvironmentCore {
        let isNew = try files.identity() == nil
        guard isNew else {
            try files.checkHeader()
            if !options.isReadOnly {
                try files.reserveLockFile(readerCount: options.maximumReaderCount)
            }
            let core = try EnvironmentCore(files: files, options: options)
            do throws(LMDBError) {
                try core.checkLength()
            } catch {
                core.close()
                throw error
            }
            return core
        }
        guard !options.mustExist, !options.isReadOnly else {
            throw LMDBError(
                code: .noSuchFile, message: "There is no database at \(files.folder).")
        }
        let madeFolder = try files.makeFolder()
        do throws(LMDBError) {
            try files.reserveLockFile(readerCount: options.maximumReaderCount)
            let core = try EnvironmentCore(files: files, options: options)
            if options.durability == .full { files.synchronizeFolder(isNew: madeFolder) }
            return core
        } catch {
            files.remove(withFolder: madeFolder)
            throw error
        }
    }

    /// Gives up one hold; the last one closes, while others who open the same file wait.
    func release(_ core: EnvironmentCore) {
        monitor.lock()
        guard let place = entries.firstIndex(where: { $0.core === core }) else {
            return monitor.unlock()
        }
        let entry = entries[place]
        precondition(
            entry.holderCount > 1 || ThreadLedger.current.entry(for: core.identifier) == nil,
            "An environment was closed inside its own transaction.")
        entries[place].holderCount -= 1
        monitor.unlock()
        guard entry.holderCount == 1 else { return }
        core.close()
        monitor.lock()
        entries.removeAll { $0.identity == entry.identity }
        monitor.wakeAll()
        monitor.unlock()
    }
}
