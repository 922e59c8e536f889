import Merkle

/// What a remote has asked and was not answered, in the order in which it is answered.
///
/// Requests that were cancelled or replaced stay in the queue as long as they are few.
struct IncomingRequests {
    enum Item {
        case request(RequestMessage)
        case run(RunRequest, id: UInt64)
        case want(start: UInt64, length: UInt64, any: Bool)
    }

    private struct Entry {
        var item: Item
        var order: UInt64
    }

    private let budget: PeerBudget
    private var urgent: [Entry] = []
    private var queue: [Entry] = []
    private var position = 0
    /// The place in the order of each request that counts, by its number.
    private var waiting: [UInt64: UInt64] = [:]
    private(set) var wantCount = 0
    private var order: UInt64 = 0

    init(budget: PeerBudget = PeerBudget()) { self.budget = budget }

    var count: Int { waiting.count + wantCount }
    var isEmpty: Bool { count == 0 }

    /// Adds a request; one under the same number that was not answered is replaced.
    mutating func add(_ message: RequestMessage) {
        let entry = makeEntry(.request(message), id: message.id)
        if message.priority > 0 { urgent.append(entry) } else { queue.append(entry) }
        compact()
    }

    /// Adds a request for a run; the numbers are those of the other requests.
    mutating func add(_ run: RunRequest, id: UInt64) {
        queue.append(makeEntry(.run(run, id: id), id: id))
        compact()
    }

    private mutating func makeEntry(_ item: Item, id: UInt64) -> Entry {
        order += 1
        if waiting.updateValue(order, forKey: id) == nil { budget.queuedRequestCount += 1 }
        return Entry(item: item, order: order)
    }

    mutating func addWant(start: UInt64, length: UInt64, any: Bool) {
        order += 1
        wantCount += 1
        budget.queuedRequestCount += 1
        queue.append(Entry(item: .want(start: start, length: length, any: any), order: order))
    }

    mutating func cancel(_ id: UInt64) {
        if waiting.removeValue(forKey: id) != nil { budget.queuedRequestCount -= 1 }
    }

    /// Takes what is to be answered next: urgent requests first, the last one first.
    mutating func next() -> Item? {
        while let entry = popEntry() {
            guard let id = entry.item.id else {
                wantCount -= 1
                budget.queuedRequestCount -= 1
                return entry.item
            }
            guard waiting[id] == entry.order else { continue }
            cancel(id)
            return entry.item
        }
        return nil
    }

    mutating func removeAll() {
        budget.queuedRequestCount -= count
        self = IncomingRequests(budget: budget)
    }

    private mutating func popEntry() -> Entry? {
        if let entry = urgent.popLast() { return entry }
        guard position < queue.count else { return nil }
        defer {
            position += 1
            if position == queue.count || position >= 1_024 {
                queue.removeFirst(position)
                position = 0
            }
        }
        return queue[position]
    }

    /// Lets go of what was cancelled or replaced once it is more than the rest.
    private mutating func compact() {
        guard urgent.count + queue.count - position > 2 * count + 1_024 else { return }
        queue = queue[position...].filter(isDue)
        position = 0
        urgent = urgent.filter(isDue)
    }

    private func isDue(_ entry: Entry) -> Bool {
        guard let id = entry.item.id else { return true }
        return waiting[id] == entry.order
    }
}

extension IncomingRequests.Item {
    /// The number of a request; a want has none.
    fileprivate var id: UInt64? {
        switch self {
        case .request(let message): message.id
        case .run(_, let id): id
        case .want: nil
        }
    }
}
