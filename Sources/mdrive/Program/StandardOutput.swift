#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Where data goes, in large pieces.
///
/// Nothing is on its way to the reader for certain before `finish()` has returned.
struct StandardOutput: ~Copyable {
    /// Whoever reads has gone away, which is no failure of ours.
    struct Closed: Error {}

    private var pending: [UInt8] = []
    private static let pieceByteCount = 256 * 1024

    /// True if a person looks at it; then every line is shown at once.
    let isTerminal = StandardStreams.isTerminal(STDOUT_FILENO)

    /// The bytes that were given to `write`.
    private(set) var byteCount: UInt64 = 0

    /// Writes a line.
    mutating func write(line: String) throws {
        pending += line.utf8
        pending.append(UInt8(ascii: "\n"))
        byteCount += UInt64(line.utf8.count) + 1
        if isTerminal || pending.count >= Self.pieceByteCount { try flush() }
    }

    /// Writes several lines.
    mutating func write(lines: [String]) throws {
        for line in lines { try write(line: line) }
    }

    /// Writes bytes; large ones go out from where they stand.
    mutating func write(_ bytes: UnsafeRawBufferPointer) throws {
        byteCount += UInt64(bytes.count)
        if pending.count + bytes.count < Self.pieceByteCount {
            pending += bytes
            return
        }
        try flush()
        if bytes.count < Self.pieceByteCount / 4 {
            pending += bytes
        } else {
            try Self.send(bytes)
        }
    }

    /// Sends what is left and closes, so that a file system that reports late has its say.
    consuming func finish() throws {
        try flush()
        // A pipe or a terminal is not closed, because others share it.
        if let status = SystemCalls.status(of: STDOUT_FILENO), status.st_mode & S_IFMT == S_IFREG,
            close(STDOUT_FILENO) != 0
        {
            throw Self.failure(SystemCalls.Problem())
        }
    }

    /// Sends what is pending, before something that takes long.
    mutating func flush() throws {
        guard !pending.isEmpty else { return }
        try pending.withUnsafeBytes { try Self.send($0) }
        pending.removeAll(keepingCapacity: true)
    }

    private static func send(_ bytes: UnsafeRawBufferPointer) throws {
        var rest = bytes[...]
        while !rest.isEmpty {
            do throws(SystemCalls.Problem) {
                let count = try SystemCalls.write(
                    STDOUT_FILENO, UnsafeRawBufferPointer(rebasing: rest))
                rest = rest.dropFirst(count)
            } catch {
                throw failure(error)
            }
        }
    }

    private static func failure(_ problem: SystemCalls.Problem) -> any Error {
        if problem.number == EPIPE { return Closed() }
        return Failure("standard output cannot be written to: \(problem)")
    }
}
