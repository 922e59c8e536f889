import Archives
@preconcurrency import Dispatch

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Where a program that syncs a drive can be asked how it stands: a socket in the drive's folder.
///
/// Nothing is written down, so nothing can be stale: who is gone does not answer. It costs nothing
/// until somebody asks.
final class SyncDesk: Sendable {
    private let path: String
    private let source: any DispatchSourceRead

    /// Answers everybody who asks in a folder; `report` is called for each.
    init(
        in folder: String, report: @escaping @Sendable () -> JSONValue
    ) throws(SystemCalls.Problem) {
        for name in Self.names(in: folder) where Self.isAbandoned(name, in: folder) {
            unlink(folder + "/" + name)
        }
        let random = String(UInt32.random(in: .min ... .max), radix: 36)
        let name = Self.prefix + "\(getpid())-" + random + Self.suffix
        path = folder + "/" + name
        let descriptor = try LocalSocket.listen(in: folder, named: name)
        source = DispatchSource.makeReadSource(
            fileDescriptor: descriptor, queue: DispatchQueue(label: "mdrive.desk", qos: .utility))
        source.setEventHandler { Self.answer(on: descriptor, report) }
        source.setCancelHandler { close(descriptor) }
        source.activate()
    }

    deinit {
        unlink(path)
        source.cancel()
    }

    private static let prefix = "sync-"
    private static let suffix = ".socket"
    /// How long one who asks, or who is asked, may take.
    private static let patience = 2
    /// Bytes of an answer.
    private static let maximumByteCount = 4 << 20

    private static func answer(on descriptor: Int32, _ report: () -> JSONValue) {
        let client = accept(descriptor, nil, nil)
        guard client >= 0 else { return }
        defer { close(client) }
        _ = fcntl(client, F_SETFD, FD_CLOEXEC)
        LocalSocket.setTimeout(seconds: patience, of: client)
        let bytes = report().serialized
        var position = 0
        while position < bytes.count {
            let count = bytes[position...].withUnsafeBytes { send(client, $0) }
            guard count > 0 else { return }
            position += count
        }
    }

    private static func names(in folder: String) -> [String] {
        guard let stream = opendir(folder) else { return [] }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name.hasPrefix(prefix), name.hasSuffix(suffix) { names.append(name) }
        }
        return names.sorted()
    }

    private static func isAbandoned(_ name: String, in folder: String) -> Bool {
        do {
            close(try LocalSocket.connect(to: name, in: folder))
            return false
        } catch {
            return error.number == ECONNREFUSED
        }
    }
}

extension SyncDesk {
    /// What a program that syncs a drive has said, or why it could not be asked.
    struct Answer {
        /// The number of the process, as far as its socket tells.
        let process: String
        let report: Result<JSONValue, SystemCalls.Problem>
    }

    /// Asks all programs that sync the drive in a folder how they stand.
    static func ask(in folder: String) -> [Answer] {
        names(in: folder).compactMap { name in
            let process = String(name.dropFirst(prefix.count).prefix { $0 != "-" })
            do throws(SystemCalls.Problem) {
                guard let report = try ask(name, in: folder) else { return nil }
                return Answer(process: process, report: .success(report))
            } catch {
                // Its program is gone, or has just ended.
                if [ECONNREFUSED, ENOENT].contains(error.number) { return nil }
                return Answer(process: process, report: .failure(error))
            }
        }
    }

    private static func ask(
        _ name: String, in folder: String
    ) throws(SystemCalls.Problem) -> JSONValue? {
        let descriptor = try LocalSocket.connect(to: name, in: folder)
        defer { close(descriptor) }
        LocalSocket.setTimeout(seconds: patience, of: descriptor)
        var bytes: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 64 * 1024)
        while bytes.count <= maximumByteCount {
            let count = recv(descriptor, &piece, piece.count, 0)
            if count < 0 && errno == EINTR { continue }
            guard count >= 0 else { throw SystemCalls.Problem() }
            // One that ended in the middle of its answer is gone.
            if count == 0 {
                return try? JSONValue(parsing: bytes, maximumByteCount: maximumByteCount)
            }
            bytes += piece[..<count]
        }
        return nil
    }
}

private func send(_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer) -> Int {
    while true {
        let count = write(descriptor, bytes.baseAddress, bytes.count)
        if count >= 0 || errno != EINTR { return count }
    }
}
