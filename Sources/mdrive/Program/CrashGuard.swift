import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// The last resort when a damaged page of the database makes the system or LMDB stop the program.
///
/// The database is mapped memory: a page that was cut off raises SIGBUS, a wrong pointer in it
/// SIGSEGV, and LMDB itself aborts when its pages contradict one another.
enum CrashGuard {
    /// Names the folder in the line that is written if the program must stop.
    static func install(for folder: String) {
        let line =
            "mdrive: the database in \(folder.withoutControls) is damaged, or its disk failed: "
            + "restore the folder from a copy, or sync a new drive with a peer\n"
        LastWords.keep(line)
        useStackOfItsOwn()
        for number in [SIGSEGV, SIGBUS, SIGABRT] {
            var action = sigaction()
            action.setLastHandler { _ in LastWords.speak() }
            sigaction(number, &action, nil)
        }
    }

    /// The damage may have used up the stack.
    private static func useStackOfItsOwn() {
        let byteCount = 64 * 1024
        var stack = stack_t()
        stack.ss_sp = UnsafeMutableRawPointer.allocate(byteCount: byteCount, alignment: 16)
        stack.ss_size = numericCast(byteCount)
        sigaltstack(&stack, nil)
    }
}

/// A line that was made beforehand, because a handler of such a signal must not allocate.
private enum LastWords {
    private static let address = Atomic<UInt>(0)
    private static let count = Atomic<Int>(0)

    /// Copies a line to where it stays for the rest of the program's life.
    static func keep(_ line: String) {
        let bytes = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: line.utf8.count)
        _ = bytes.initialize(from: line.utf8)
        count.store(bytes.count, ordering: .releasing)
        address.store(UInt(bitPattern: bytes.baseAddress), ordering: .releasing)
    }

    static func speak() -> Never {
        let bytes = UnsafeRawPointer(bitPattern: address.load(ordering: .acquiring))
        _ = write(STDERR_FILENO, bytes, count.load(ordering: .acquiring))
        _exit(1)
    }
}

extension sigaction {
    /// A handler that runs on a stack of its own and is not called twice.
    fileprivate mutating func setLastHandler(_ handler: @escaping @convention(c) (Int32) -> Void) {
        let flags = UInt32(truncatingIfNeeded: SA_RESETHAND) | UInt32(SA_ONSTACK)
        sa_flags = Int32(bitPattern: flags)
        #if canImport(Darwin)
            __sigaction_u = __sigaction_u_t(__sa_handler: handler)
        #else
            __sigaction_handler.sa_handler = handler
        #endif
    }
}
