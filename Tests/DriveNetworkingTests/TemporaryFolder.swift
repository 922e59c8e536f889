import Foundation
import Logging
import Multiwriter

#if canImport(Glibc)
    import Glibc
    private let streamType = Int32(SOCK_STREAM.rawValue)
#else
    import Darwin
    private let streamType = SOCK_STREAM
#endif

/// A logger that says nothing.
let quiet = Logger(label: "quiet") { _ in SwiftLogNoOpLogHandler() }

/// A folder with drives that is removed in the end.
final class TemporaryFolder {
    let url: URL

    init() throws {
        url = FileManager.default.temporaryDirectory
            .appendingPathComponent("mdrive-network-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    }

    deinit {
        try? FileManager.default.removeItem(at: url)
    }

    func drive(_ name: String) throws -> Drive {
        try Drive.open(at: url.appendingPathComponent(name).path)
    }

    /// The shown content of a name; `nil` if there is none.
    func read(_ name: String, from drive: Drive) async throws -> String? {
        guard let version = try await drive.entry(at: name)?.versions.first else { return nil }
        let bytes = try await drive.contents(of: version).collected()
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Waits until the content of a name has arrived.
    func wait(for name: String, on drive: Drive) async throws {
        let changes = drive.changes()
        if (try? await read(name, from: drive)) ?? nil != nil { return }
        for await _ in changes where ((try? await read(name, from: drive)) ?? nil) != nil {
            return
        }
    }
}
