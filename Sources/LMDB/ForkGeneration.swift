import Synchronization

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Counts how many forks lie between this process and the first one.
///
/// LMDB's locks and reader slots belong to the process that opened the environment. A child that
/// was forked off without `exec` has the memory but not the rights, and must open it again.
enum ForkGeneration {
    private static let counter = Atomic<Int>(0)

    private static let isWatching: Bool = {
        pthread_atfork(nil, nil) {
            ForkGeneration.counter.wrappingAdd(1, ordering: .relaxed)
        }
        return true
    }()

    /// The generation of this process, to be kept by what is opened in it.
    static func watched() -> Int {
        _ = isWatching
        return current
    }

    static var current: Int { counter.load(ordering: .relaxed) }
}
