import Multiwriter

/// Copies the content of an entry to standard output, and waits for what of it is not here.
struct ContentPrinter {
    let folder: DriveFolder
    /// The seconds that the person is willing to wait, if they said so.
    let timeout: Double?
    /// What the person named.
    let name: String

    /// Copies what `ls` shows first at the path.
    func printShown() async throws {
        try await run { drive in
            guard let entry = try drive.entryNow(at: name) else {
                throw DriveError(.unknownName, "nothing stands at '\(name)'")
            }
            guard let version = entry.shown, version.type != .directory else {
                throw Failure("'\(name)' is a folder: 'ls' shows what is in it")
            }
            if version.type == .symlink || version.type == .hardlink {
                throw Failure("'\(name)' is a link: read '\(version.linkname ?? "")' instead")
            }
            return version
        }
    }

    /// Copies what a row that `list` printed refers to.
    static func print(row: String, of folder: DriveFolder, timeout: Double?) async throws {
        let reference = try EntryReference(parsing: row)
        let printer = ContentPrinter(folder: folder, timeout: timeout, name: reference.name)
        try await printer.run { drive in
            let version = try drive.readNow { try drive.version(of: reference, in: $0) }
            guard let version else { throw DriveError.unknown(reference) }
            return version
        }
    }

    /// Finds the version in the drive, and copies it.
    private func run(_ find: (Drive) throws -> Version) async throws {
        var output = StandardOutput()
        var progress = Progress("reading \(name)")
        let version: Version
        let rest: Rest?
        do {
            (version, rest) = try begin(find, to: &output, &progress)
        } catch let error as DriveError where [.unknownName, .notHere].contains(error.code) {
            guard try await lookUp() else { throw error }
            (version, rest) = try begin(find, to: &output, &progress)
        }
        if let rest {
            try await wait(for: version, rest, to: &output, &progress)
        }
        ProgressLine.shared.clear()
        try output.finish()
    }

    /// Where the copying has stopped, because what comes next is not here.
    private enum Rest {
        /// Not even how to begin is known.
        case everything
        case from(ContentReader)
    }

    private func begin(
        _ find: (Drive) throws -> Version, to output: inout StandardOutput,
        _ progress: inout Progress
    ) throws -> (Version, Rest?) {
        let drive = try folder.open(isReadOnly: true)
        defer { drive.close() }
        let version = try find(drive)
        return (version, try copy(version, of: drive, to: &output, &progress))
    }

    /// Waits for what of the lists of files is needed to find the name; false if it is all here
    /// and the name is nowhere, or if nothing is to be waited for.
    private func lookUp() async throws -> Bool {
        let patience = Patience(folder.name, timeout: timeout)
        guard patience.timeout > .zero else { return false }
        let drive = try folder.open()
        defer { drive.close() }
        let name = name
        do {
            return try await Interruption().ending {
                try await drive.entry(at: name, waiting: patience.timeout) != nil
            }
        } catch let error as DriveError where error.code == .timedOut {
            throw Failure(
                "'\(name)' is not found, and not all that it takes to find it is here: "
                    + patience.reason)
        }
    }

    private func copy(
        _ version: Version, of drive: Drive, to output: inout StandardOutput,
        _ progress: inout Progress
    ) throws -> Rest? {
        var rest = Rest.everything
        do {
            var reader = try drive.readerNow(of: version)
            progress.totalByteCount = reader.remainingByteCount
            defer { rest = .from(reader) }
            // Content that is shown on the same terminal is progress enough.
            let isShown = !output.isTerminal
            try reader.forEachPiece { piece in
                try output.write(piece)
                guard isShown else { return }
                progress.byteCount = output.byteCount
                progress.show()
            }
            return nil
        } catch let error as DriveError where error.code == .notHere {
            return rest
        }
    }

    private func wait(
        for version: Version, _ rest: Rest, to output: inout StandardOutput,
        _ progress: inout Progress
    ) async throws {
        let patience = Patience(folder.name, timeout: timeout)
        guard patience.timeout > .zero else {
            let drive = try folder.open(isReadOnly: true)
            defer { drive.close() }
            throw missing(version, of: drive, patience)
        }
        let drive = try folder.open()
        defer { drive.close() }
        let interruption = Interruption()
        do {
            var reader: ContentReader
            switch rest {
            case .everything:
                reader = try await interruption.ending {
                    try await drive.reader(of: version, waiting: patience.timeout)
                }
            case .from(let known): reader = known.moved(to: drive)
            }
            progress.totalByteCount = output.byteCount + reader.remainingByteCount
            do {
                // What is here already need not wait for the rest.
                try output.flush()
                while true {
                    let before = reader
                    let (after, next) = try await interruption.ending {
                        var reader = before
                        let piece = try await reader.next(waiting: patience.timeout)
                        return (reader, piece)
                    }
                    reader = after
                    guard let piece = next else { break }
                    try piece.withUnsafeBytes { try output.write($0) }
                    try output.flush()
                    progress.byteCount = output.byteCount
                    if !output.isTerminal { progress.show() }
                }
            } catch {
                try? await reader.withdraw()
                throw error
            }
        } catch let error as DriveError where [.notHere, .timedOut].contains(error.code) {
            throw missing(version, of: drive, patience)
        }
    }

    private func missing(_ version: Version, of drive: Drive, _ patience: Patience) -> Failure {
        var inventory = ContentInventory(of: drive)
        let presence = try? drive.readNow { try inventory.presence(of: version, in: $0) }
        let what = presence.map { $0.text } ?? "its content is not here"
        return Failure("'\(name)' cannot be read, \(what): \(patience.reason)")
    }
}
