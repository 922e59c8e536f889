import Merkle

/// The requests that one peer has not answered, under the numbers they were sent with.
///
/// A cancelled number is used again only after the answer to a request that was sent later: an
/// answer to the old one may still be on its way.
struct RequestTable {
    enum Purpose: Hashable {
        case block(UInt64)
        case run(TreeIndex)
        case upgrade
        case manifest
        case fork(UInt64)
        case forkPart(UInt64)
        case seek(UInt64)
    }

    struct Entry {
        var request: ProofRequest
        var purpose: Purpose
        var sentAt: Duration
        var order: UInt64
    }

    private enum Slot {
        case free
        case waiting(Entry)
        case cancelled(after: UInt64)
    }

    private var slots: [Slot] = []
    private var free: [UInt64] = []
    private var cancelledCount = 0
    private var order: UInt64 = 0
    private(set) var count = 0
    /// The blocks that are waited for; a request for none counts as one.
    private(set) var blockCount = 0

    /// Every request that waits, with its number.
    var waiting: [(id: UInt64, entry: Entry)] {
        slots.enumerated().compactMap { index, slot in
            if case .waiting(let entry) = slot { (UInt64(index + 1), entry) } else { nil }
        }
    }

    func contains(_ purpose: Purpose, sentBefore time: Duration? = nil) -> Bool {
        slots.contains { slot in
            guard case .waiting(let entry) = slot, entry.purpose == purpose else { return false }
            return time.map { entry.sentAt < $0 } ?? true
        }
    }

    /// Whether a request will bring a block.
    func covers(_ block: UInt64, sentBefore time: Duration? = nil) -> Bool {
        slots.contains { slot in
            guard case .waiting(let entry) = slot, entry.purpose.blocks?.contains(block) == true
            else { return false }
            return time.map { entry.sentAt < $0 } ?? true
        }
    }

    mutating func add(_ request: ProofRequest, for purpose: Purpose, at now: Duration) -> UInt64 {
        order += 1
        count += 1
        blockCount += purpose.blockCount
        let entry = Entry(request: request, purpose: purpose, sentAt: now, order: order)
        if let id = free.popLast() {
            slots[Int(id) - 1] = .waiting(entry)
            return id
        }
        slots.append(.waiting(entry))
        return UInt64(slots.count)
    }

    /// Takes out the request that an answer belongs to; `nil` if none waits under the number.
    mutating func answer(_ id: UInt64) -> Entry? {
        guard id > 0, id <= UInt64(slots.count) else { return nil }
        let index = Int(id) - 1
        switch slots[index] {
        case .free:
            return nil
        case .cancelled:
            cancelledCount -= 1
            slots[index] = .free
            free.append(id)
            return nil
        case .waiting(let entry):
            count -= 1
            blockCount -= entry.purpose.blockCount
            slots[index] = .free
            free.append(id)
            if cancelledCount > 0 { freeCancelled(before: entry.order) }
            return entry
        }
    }

    /// Whether an answer to a cancelled request may still be on its way under a number.
    func isCancelled(_ id: UInt64) -> Bool {
        guard id > 0, id <= UInt64(slots.count), case .cancelled = slots[Int(id) - 1] else {
            return false
        }
        return true
    }

    mutating func cancel(_ id: UInt64) -> Entry? {
        guard id > 0, id <= UInt64(slots.count), case .waiting(let entry) = slots[Int(id) - 1]
        else { return nil }
        count -= 1
        blockCount -= entry.purpose.blockCount
        cancelledCount += 1
        slots[Int(id) - 1] = .cancelled(after: order)
        return entry
    }

    private mutating func freeCancelled(before order: UInt64) {
        for index in slots.indices {
            guard case .cancelled(let cancelledAt) = slots[index], cancelledAt < order else {
                continue
            }
            cancelledCount -= 1
            slots[index] = .free
            free.append(UInt64(index + 1))
        }
    }
}
