public import Cryptography
import LMDB
public import Merkle

extension StoreTransaction {
    /// Takes back all blocks from a length on, under a new fork.
    ///
    /// - Throws: `FeedStoreError`: `outOfRange`, `notWritable` or `frozen`; `incomplete` if the
    ///   roots of the length are not stored.
    @discardableResult
    public func truncate(
        _ feed: Feed, to length: UInt64, fork: UInt64? = nil, signingWith keyPair: KeyPair
    ) throws -> TreeHead {
        let state = try writableState(of: feed, signer: keyPair)
        let head = state.record.head
        let fork = fork ?? head.fork + 1
        guard length <= head.length, fork > head.fork else {
            throw FeedStoreError(
                .outOfRange,
                "Feed \(feed.key.id) of length \(head.length) and fork \(head.fork) cannot be "
                    + "truncated to length \(length) and fork \(fork).")
        }
        let roots = try state.storedRoots(ofLength: length)
        return try changes.indivisibly {
            try removeBlocks(from: length, of: state)
            state.giveBack(TreeAppender(roots: roots), fork: fork, signer: keyPair)
            return state.record.head.treeHead
        }
    }

    /// Drops the stored copies of blocks; length, tree and signature stay.
    ///
    /// Returns whether any was held.
    @discardableResult
    public func clear(_ range: Range<UInt64>, of feed: Feed) throws -> Bool {
        let state = try changes.state(for: feed)
        guard !range.isEmpty else { return false }
        return try changes.indivisibly {
            // The gap must be known before it is there.
            _ = try state.currentHead()
            guard try state.removeBlocks(in: range) else { return false }
            state.didRemoveBlocks(from: range.lowerBound)
            return true
        }
    }

    /// Forgets blocks and nodes from a length on.
    func removeBlocks(from length: UInt64, of state: FeedState) throws {
        _ = try state.currentHead()
        _ = try state.removeBlocks(in: length..<UInt64.max)
        try state.tiles.removeNodes(
            reaching: length, ofLength: state.record.head.length,
            in: changes.transaction.pointee)
        state.didRemoveBlocks(from: length)
    }
}
