import Synchronization

/// Keeps an observer of commits called; releasing it ends that.
public final class CommitObservation: Sendable {
    private let bulletin: CommitBulletin
    private let number: UInt64

    init(bulletin: CommitBulletin, number: UInt64) {
        self.bulletin = bulletin
        self.number = number
    }

    deinit { bulletin.remove(number) }
}

/// Those who want to know what the commits to one store changed.
final class CommitBulletin: Sendable {
    private struct State {
        var nextNumber: UInt64 = 0
        var observers: [UInt64: @Sendable ([Feed]) -> Void] = [:]
    }

    private let state = Mutex(State())

    func observe(_ observer: @escaping @Sendable ([Feed]) -> Void) -> CommitObservation {
        let number = state.withLock { state in
            state.nextNumber += 1
            state.observers[state.nextNumber] = observer
            return state.nextNumber
        }
        return CommitObservation(bulletin: self, number: number)
    }

    func remove(_ number: UInt64) {
        let observer = state.withLock { $0.observers.removeValue(forKey: number) }
        // What the closure holds is released here, outside of the lock.
        withExtendedLifetime(observer) {}
    }

    func post(_ changed: [Feed]) {
        let observers = state.withLock { $0.observers.sorted { $0.key < $1.key } }
        for (_, observer) in observers { observer(changed) }
    }
}

/// The bulletins of all stores of this process, shared by all who opened the same one.
final class CommitBulletins: Sendable {
    static let shared = CommitBulletins()

    private struct Entry {
        weak var bulletin: CommitBulletin?
    }

    private let entries = Mutex<[StoreIdentity: Entry]>([:])

    func bulletin(for identity: StoreIdentity) -> CommitBulletin {
        entries.withLock { entries in
            if let bulletin = entries[identity]?.bulletin { return bulletin }
            entries = entries.filter { $0.value.bulletin != nil }
            let bulletin = CommitBulletin()
            entries[identity] = Entry(bulletin: bulletin)
            return bulletin
        }
    }
}
