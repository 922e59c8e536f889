#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Where data comes from, in large pieces through one buffer.
struct StandardInput: ~Copyable {
    private let buffer = UnsafeMutableRawBufferPointer.allocate(
        byteCount: 256 * 1024, alignment: 4096)
    private let interruption: Interruption

    init(until interruption: Interruption) { self.interruption = interruption }

    deinit { buffer.deallocate() }

    /// The bytes there will be, if it is a file and this can be known.
    var expectedByteCount: UInt64? {
        guard let status = SystemCalls.status(of: STDIN_FILENO),
            status.st_mode & S_IFMT == S_IFREG
        else { return nil }
        let position = lseek(STDIN_FILENO, 0, SEEK_CUR)
        return UInt64(max(0, Int64(status.st_size) - max(0, Int64(position))))
    }

    /// The next bytes, which stand until the next call; none at the end.
    mutating func next() throws -> UnsafeRawBufferPointer {
        // A pipe gives little at a time; gathering makes large writes of it.
        var count = 0
        while count < buffer.count {
            try interruption.check()
            let step = try read(into: UnsafeMutableRawBufferPointer(rebasing: buffer[count...]))
            guard step > 0 else { break }
            count += step
        }
        return UnsafeRawBufferPointer(rebasing: buffer[..<count])
    }

    private func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
        let count: Int?
        do throws(SystemCalls.Problem) {
            // A signal that slips in between the check and the call would leave it waiting.
            try interruption.waitForInput(STDIN_FILENO)
            count = try SystemCalls.read(
                STDIN_FILENO, into: buffer, unless: { interruption.isRequested })
        } catch {
            throw Failure("standard input cannot be read: \(error)")
        }
        guard let count else { throw Interruption.Requested() }
        return count
    }
}
