import Merkle

// MARK: - Asking

extension FeedExchange {
    /// The blocks of a run as it is asked for: a power of two, 1 where blocks are large.
    var runBlockCount: UInt64 {
        guard local.length > 0 else { return 1 }
        let average = max(1, local.head.byteLength / local.length)
        let count = max(1, min(limits.runByteCount / average, limits.maximumRunBlockCount))
        return 1 << UInt64(UInt64.bitWidth - 1 - count.leadingZeroBitCount)
    }

    /// The largest run that begins with a block, and that a peer has and nobody was asked for.
    ///
    /// It ends below `end`; a run of one block is `nil`.
    func run(at index: UInt64, below end: UInt64, maximum: UInt64, slot: Int) -> TreeIndex? {
        guard maximum > 1, let peer = peers[slot], peer.takesRuns, !peer.refusedRuns else {
            return nil
        }
        var depth = min(
            UInt64(index.trailingZeroBitCount),
            UInt64(UInt64.bitWidth - 1 - maximum.leadingZeroBitCount))
        while depth > 0 {
            let range = index..<index + 1 << depth
            if range.upperBound <= end,
                peer.has.firstMissing(in: range, alsoNotIn: BlockSet()) == nil,
                claimed.first(in: range, notIn: BlockSet()) == nil
            {
                return TreeIndex(depth: depth, offset: index >> depth)
            }
            depth -= 1
        }
        return nil
    }

    mutating func request(run index: TreeIndex, from slot: Int) {
        claimed.insert(index.blocks)
        send(ProofRequest(fork: local.fork), for: .run(index), to: slot)
    }

    /// What is sent for a request of a run, but for the steps that only the store knows.
    func runRequest(_ index: TreeIndex) -> RunRequest {
        RunRequest(
            fork: local.fork, index: index, nodes: 0,
            maximumByteCount: UInt64(limits.maximumRunByteCount))
    }
}

// MARK: - Answers

extension FeedExchange {
    /// Takes the request of a run off the list; `nil` if the run is not an answer to it.
    mutating func classify(
        _ message: RunMessage, byteCount: Int, from id: PeerID
    ) -> RequestTable.Entry? {
        guard let slot = slot(of: id), peers[slot]?.isOpen == true,
            let entry = answered(message.request, byteCount: byteCount, slot: slot)
        else { return nil }
        if case .run(let asked) = entry.purpose, message.fork == entry.request.fork,
            asked.contains(message.index), message.index.firstBlock == asked.firstBlock
        {
            return entry
        }
        noData(for: entry, slot: slot)
        return nil
    }

    /// Notes that a run was checked and stored; what it left out is asked again.
    mutating func didApplyRun(
        _ entry: RequestTable.Entry, from id: PeerID, index: TreeIndex, byteCount: Int
    ) {
        if case .run(let asked) = entry.purpose, asked != index { withdraw(entry, of: id) }
        let blocks = index.blocks
        for block in duplicated.keys where blocks.contains(block) {
            duplicated[block] = nil
            cancelDuplicates(of: block)
        }
        cancelRuns(within: index)
        guard let slot = slot(of: id) else { return }
        peers[slot]?.refusalCount = 0
        peers[slot]?.progress.receivedBlockCount += index.blockCount
        peers[slot]?.progress.receivedByteCount += UInt64(byteCount)
    }

    /// Takes back second requests for a run that has come.
    private mutating func cancelRuns(within index: TreeIndex) {
        guard !duplicatedRuns.isEmpty else { return }
        for run in duplicatedRuns.keys where index.contains(run) {
            duplicatedRuns[run] = nil
            for slot in peerSlots {
                for (number, entry) in peers[slot]?.requests.waiting ?? []
                where entry.purpose == .run(run) {
                    cancel(number, entry, slot: slot)
                }
            }
        }
    }

    /// Puts back what a run was for, but for what is held or asked of somebody still.
    mutating func unclaim(run index: TreeIndex) {
        let blocks = index.blocks
        duplicatedRuns[index] = nil
        claimed.remove(blocks)
        var start = blocks.lowerBound
        while let first = local.held.first(in: start..<blocks.upperBound, notIn: BlockSet()) {
            let end =
                local.held.firstMissing(in: first..<blocks.upperBound, alsoNotIn: BlockSet())
                ?? blocks.upperBound
            claimed.insert(first..<end)
            start = end
        }
        for slot in peerSlots {
            for (_, entry) in peers[slot]?.requests.waiting ?? [] {
                guard let asked = entry.purpose.blocks, asked.overlaps(blocks) else { continue }
                claimed.insert(asked.clamped(to: blocks))
            }
        }
        resetCursors()
    }

    /// Asks a peer that has nothing to do for a run that another has kept for long; says how many
    /// blocks it was asked for.
    mutating func duplicate(_ index: TreeIndex, at slot: Int, atMost left: Int) -> Int {
        guard let peer = peers[slot] else { return 0 }
        let blocks = index.blocks.clamped(to: 0..<peer.provableLength(for: local))
        let hasAll =
            blocks == index.blocks
            && peer.has.firstMissing(in: blocks, alsoNotIn: BlockSet()) == nil
        if hasAll, peer.takesRuns, !peer.refusedRuns {
            let isEarly = duplicatedRuns[index].map { now - $0 <= limits.duplicateAfter } ?? false
            guard !isEarly else { return 0 }
            duplicatedRuns[index] = now
            request(run: index, from: slot)
            return Int(clamping: index.blockCount)
        }
        var start = blocks.lowerBound
        var count = 0
        while count < left,
            let block = peer.has.first(in: start..<max(start, blocks.upperBound), notIn: local.held)
        {
            start = block + 1
            guard mayDuplicate(block) else { continue }
            duplicated[block] = now
            request(block, priority: 0, from: slot)
            count += 1
        }
        return count
    }
}

extension RequestTable.Purpose {
    /// The blocks that an answer is to bring.
    var blocks: Range<UInt64>? {
        switch self {
        case .block(let index): index..<index + 1
        case .run(let index): index.blocks
        default: nil
        }
    }

    /// What the request counts in a window of blocks.
    var blockCount: Int {
        if case .run(let index) = self { Int(clamping: index.blockCount) } else { 1 }
    }
}
