import LMDB
import Merkle

extension StoreTransaction {
    /// Checks the blocks of a run together, and stores them.
    ///
    /// The tree above them is made anew and compared with a node that is stored; nothing is kept
    /// before that.
    /// - Throws: only if the store fails; a bad run is an outcome.
    public func apply(_ run: BlockRun, to feed: Feed) throws -> RunOutcome {
        precondition(
            UInt64(run.lengths.count) == run.index.blockCount, "A run has all blocks of its node.")
        let state = try changes.state(for: feed)
        guard run.fork == state.record.head.fork else { return .rejected(.wrongFork) }
        let nodes: [Node]
        let verified: VerifiedProof
        do {
            var builder = SubtreeBuilder(run.index)
            try run.forEachBlock { try builder.append($0) }
            guard let top = builder.top else { return .rejected(.outOfBounds) }
            let verifier = ProofVerifier(
                key: feed.key, headVerifier: nil, fork: state.record.head.fork,
                roots: try state.roots())
            let verdict = try verifier.verify(
                subtree: top, siblings: run.siblings, fork: run.fork,
                with: snapshot.reader.tree(of: feed))
            switch verdict {
            case .invalid(let error): return .rejected(error)
            case .valid(let value): verified = value
            }
            nodes = builder.nodes
        } catch let error as ProofError {
            return .rejected(error)
        }
        return try changes.indivisibly {
            try state.store(nodes)
            try state.store(verified.nodes, unproven: verified.unprovenSizes)
            let newBlockCount = try store(run, in: state)
            state.markChanged()
            try state.trim(in: changes.transaction.pointee)
            return .applied(newBlockCount: newBlockCount)
        }
    }

    /// Stores the blocks of a run that was checked; returns how many were not held.
    private func store(_ run: BlockRun, in state: FeedState) throws -> Int {
        let blocks = run.blocks
        let reader = snapshot.reader
        var isEmpty = true
        try reader.forEachHeldRange(in: blocks, ofFeed: state.number) { _ in
            isEmpty = false
            return .stop
        }
        var index = blocks.lowerBound
        var newBlockCount = 0
        try run.forEachBlock { block in
            defer { index += 1 }
            if !isEmpty, try reader.row(holding: index, ofFeed: state.number) != nil { return }
            newBlockCount += 1
            try state.storeBlock(block, at: index)
        }
        state.didStoreBlocks(blocks)
        return newBlockCount
    }
}

extension BlockRun {
    /// Visits the blocks from left to right.
    ///
    /// Lengths that reach beyond the bytes end it early: the tree then lacks blocks.
    func forEachBlock(_ body: (UnsafeRawBufferPointer) throws -> Void) throws {
        var start = 0
        for length in lengths {
            guard Int(length) <= bytes.count - start else { return }
            try body(UnsafeRawBufferPointer(rebasing: bytes[start..<start + Int(length)]))
            start += Int(length)
        }
    }
}
