/// Counts the open transactions of an environment, so that the map can move when there is none.
///
/// A thread that waits to be alone goes before new transactions; a thread passes the gate once,
/// however deep its reads are nested, so nobody waits for themselves.
/// Unchecked: everything that varies is touched under the monitor.
final class TransactionGate: @unchecked Sendable {
    private let monitor = Monitor()
    private var openCount = 0
    private var waitingCount = 0
    private var isExclusive = false
    private var idleReaders: [OpaquePointer] = []

    /// Waits until transactions may begin, and counts one; returns a reader to renew, if any.
    func enter(takingReader: Bool) -> OpaquePointer? {
        monitor.lock()
        defer { monitor.unlock() }
        while isExclusive || waitingCount > 0 { monitor.wait() }
        openCount += 1
        return takingReader ? idleReaders.popLast() : nil
    }

    /// Counts one transaction less; returns the reader if it is not worth keeping.
    func leave(returningReader reader: OpaquePointer?) -> OpaquePointer? {
        monitor.lock()
        defer { monitor.unlock() }
        openCount -= 1
        if openCount == 0, waitingCount > 0 { monitor.wakeAll() }
        guard let reader, idleReaders.count < Limits.maximumIdleReaderCount else { return reader }
        idleReaders.append(reader)
        return nil
    }

    /// Takes all readers that wait to be used again.
    func takeIdleReaders() -> [OpaquePointer] {
        monitor.lock()
        defer { monitor.unlock() }
        let readers = idleReaders
        idleReaders = []
        return readers
    }

    /// Runs the body while no transaction is open in this process.
    func exclusively<Failure: Error>(_ body: () throws(Failure) -> Void) throws(Failure) {
        monitor.lock()
        waitingCount += 1
        while isExclusive || openCount > 0 { monitor.wait() }
        waitingCount -= 1
        isExclusive = true
        monitor.unlock()
        defer {
            monitor.lock()
            isExclusive = false
            monitor.wakeAll()
            monitor.unlock()
        }
        try body()
    }
}
