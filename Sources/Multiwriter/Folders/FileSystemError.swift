#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// A call to the system that failed, in the system's own words.
struct FileSystemError: Error, Equatable, CustomStringConvertible {
    let number: Int32
    let description: String

    init(number: Int32 = errno) {
        self.number = number
        description = String(cString: strerror(number))
    }

    var isAbsence: Bool { number == ENOENT || number == ENOTDIR }
    var isTaken: Bool { number == EEXIST }
    /// Something else stands where a folder should be: a file, or a link, which is not followed.
    var isObstacle: Bool { number == ENOTDIR || number == ELOOP }

    /// Repeats a call that a signal interrupted, and throws what failed otherwise.
    @discardableResult
    static func check<Number: SignedInteger>(
        _ call: () -> Number
    ) throws(FileSystemError) -> Number {
        while true {
            let result = call()
            if result >= 0 { return result }
            let error = FileSystemError()
            if error.number != EINTR { throw error }
        }
    }
}
