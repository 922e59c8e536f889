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

/// A socket without any protocol on it.
final class RawSocket: Sendable {
    private let descriptor: Int32

    init(port: Int) throws {
        descriptor = socket(AF_INET, streamType, 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        let status = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard status == 0 else { throw CocoaError(.fileReadUnknown) }
    }

    deinit { close(descriptor) }

    func send(_ bytes: [UInt8]) { _ = write(descriptor, bytes, bytes.count) }
}
