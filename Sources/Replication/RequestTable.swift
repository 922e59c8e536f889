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
        var reference: RequestReference
        /// How many nodes up from its block were asked for.
        var nodes: UInt64 = 0
        /// The earlier request without whose answer this one's cannot be checked.
        var leansOn: RequestReference?

        var order: UInt64 { reference.order }
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
        let freed = free.popLast()
        let id = freed ?? UInt64(slots.count + 1)
        let entry = Entry(
            request: request, purpose: purpose, sentAt: now,
            reference: RequestReference(id: id, order: order))
        if freed == nil { slots.append(.free) }
        slots[Int(id) - 1] = .waiting(entry)
        return id
    }

    /// Notes how many nodes a request asks for as it is sent; `nil` if nobody waits for it.
    mutating func didSend(
        _ id: UInt64, nodes: UInt64, leaningOn bringer: RequestReference?
    ) -> RequestReference? {
        guard id > 0, id <= UInt64(slots.count), case .waiting(var entry) = slots[Int(id) - 1]
        else { return nil }
        entry.nodes = nodes
        entry.leansOn = bringer
        slots[Int(id) - 1] = .waiting(entry)
        return entry.reference
    }

    func isWaiting(for request: RequestReference) -> Bool {
        guard request.id <= UInt64(slots.count),
            case .waiting(let entry) = slots[Int(request.id) - 1]
        else { return false }
        return entry.reference == request
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
