import Multiwriter

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Moments as people write them where they are.
enum LocalTime {
    /// Date and minute, 16 characters.
    static func text(_ timestamp: Timestamp) -> String {
        var seconds = time_t(truncatingIfNeeded: timestamp.seconds)
        var parts = tm()
        guard localtime_r(&seconds, &parts) != nil else { return "?               " }
        return withUnsafeTemporaryAllocation(of: CChar.self, capacity: 64) { buffer in
            guard let base = buffer.baseAddress,
                strftime(base, buffer.count, "%Y-%m-%d %H:%M", &parts) > 0
            else { return "?               " }
            return String(cString: base)
        }
    }
}
