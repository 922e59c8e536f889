#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Makes the three standard descriptors safe to use.
enum StandardStreams {
    /// Fills gaps and turns signals of failed writes into errors.
    ///
    /// Were standard output closed, the database would be opened under its number and a listing
    /// written into it. The substitutes refuse what a program would do with them.
    static func secure() {
        for (descriptor, flags) in [
            (STDIN_FILENO, O_WRONLY), (STDOUT_FILENO, O_RDONLY), (STDERR_FILENO, O_WRONLY),
        ] where fcntl(descriptor, F_GETFD) < 0 {
            // The lowest free number is taken, which is this one.
            _ = open("/dev/null", flags)
        }
        signal(SIGPIPE, SIG_IGN)
        signal(SIGXFSZ, SIG_IGN)
    }

    /// True if a person looks at the descriptor.
    static func isTerminal(_ descriptor: Int32) -> Bool { isatty(descriptor) == 1 }
}

/// Ends the program at once; what was committed is on the disk already.
func leave(_ code: Int32) -> Never {
    ProgressLine.shared.clear()
    exit(code)
}
