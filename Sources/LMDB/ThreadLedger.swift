#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// The transactions that the current thread has open, one per environment at most.
///
/// A read inside another transaction joins it; a write inside one is a mistake that would never
/// end, and is found here before it happens.
final class ThreadLedger {
    struct Entry {
        let core: ObjectIdentifier
        let transaction: OpaquePointer
        let isWriting: Bool
        var depth: Int
    }

    private(set) var entries: [Entry] = []

    static var current: ThreadLedger {
        if let pointer = pthread_getspecific(key) {
            return Unmanaged<ThreadLedger>.fromOpaque(pointer).takeUnretainedValue()
        }
        let ledger = ThreadLedger()
        pthread_setspecific(key, Unmanaged.passRetained(ledger).toOpaque())
        return ledger
    }

    private static let key: pthread_key_t = {
        var key = pthread_key_t()
        let result = pthread_key_create(&key) { pointer in
            #if canImport(Glibc)
                guard let pointer else { return }
            #endif
            Unmanaged<ThreadLedger>.fromOpaque(pointer).release()
        }
        precondition(result == 0, "The process has no room for another thread-specific value.")
        return key
    }()

    func entry(for core: ObjectIdentifier) -> Entry? {
        entries.first { $0.core == core }
    }

    /// Joins the open transaction of the environment, if this thread has one.
    func join(_ core: ObjectIdentifier) -> Entry? {
        for index in entries.indices where entries[index].core == core {
            entries[index].depth += 1
            return entries[index]
        }
        return nil
    }

    func open(_ core: ObjectIdentifier, _ transaction: OpaquePointer, isWriting: Bool) {
        entries.append(
            Entry(core: core, transaction: transaction, isWriting: isWriting, depth: 1))
    }

    /// Ends one level; returns true if it was the last one.
    func close(_ core: ObjectIdentifier) -> Bool {
        for index in entries.indices where entries[index].core == core {
            entries[index].depth -= 1
            guard entries[index].depth == 0 else { return false }
            entries.remove(at: index)
            return true
        }
        preconditionFailure("A transaction ended on another thread than it began on.")
    }
}
