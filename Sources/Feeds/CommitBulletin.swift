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
        /// In the order in which they came.
        var observers: [Observer] = []
    }

    private struct Observer {
        let number: UInt64
        let body: @Sendable ([Feed]) -> Void
    }

    private let state = Mutex(State())

    func observe(_ observer: @escaping @Sendable ([Feed]) -> Void) -> CommitObservation {
        let number = state.withLock { state in
            state.nextNumber += 1
            state.observers.append(Observer(number: state.nextNumber, body: observer))
            return state.nextNumber
        }
        return CommitObservation(bulletin: self, number: number)
    }

    func remove(_ number: UInt64) {
        let observer = state.withLock { state in
            state.observers.firstIndex { $0.number == number }.map {
                state.observers.remove(at: $0)
            }
        }
        // What the closure holds is released here, outside of the lock.
        withExtendedLifetime(observer) {}
    }

    func post(_ changed: [Feed]) {
        for observer in state.withLock({ $0.observers }) { observer.body(changed) }
    }
}

/// The bulletins of all stores of this process, shared by all who opened the same one.
final class CommitBulletins: Sendable {
    static let shared = CommitBulletins()

    private struct Entry {
        let identity: StoreIdentity
        weak var bulletin: CommitBulletin?
    }

    // Few. A dictionary would have a program at its start search for the key's conformance.
    private let entries = Mutex<[Entry]>([])

    func bulletin(for identity: StoreIdentity) -> CommitBulletin {
        entries.withLock { entries in
            if let bulletin = entries.first(where: { $0.identity == identity })?.bulletin {
                return bulletin
            }
            entries.removeAll { $0.bulletin == nil }
            let bulletin = CommitBulletin()
            entries.append(Entry(identity: identity, bulletin: bulletin))
            return bulletin
        }
    }
}
