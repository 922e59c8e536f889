#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

extension ReadTransaction {
    /// Lets the system take back the memory that holds values which were read and are done with.
    ///
    /// They stay readable; reading them again maps them again. The bytes must be of values of
    /// this transaction. Inside a write nothing is done, for there values may stand in memory that
    /// exists only once.
    public func releaseMemory(of bytes: UnsafeRawBufferPointer) {
        guard !isWriting, let base = bytes.baseAddress, bytes.count > 0 else { return }
        // Whole pages are released. Those at the ends hold other values as well, which is no harm.
        let pageByteCount = UInt(getpagesize())
        let start = UInt(bitPattern: base) / pageByteCount * pageByteCount
        let byteCount = UInt(bitPattern: base) + UInt(bytes.count) - start
        madvise(UnsafeMutableRawPointer(bitPattern: start), Int(byteCount), MADV_DONTNEED)
    }
}
