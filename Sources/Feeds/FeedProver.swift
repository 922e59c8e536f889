import LMDB
public import Merkle

/// Answers requests for one feed out of one snapshot.
///
/// It keeps the roots and the tiles read last, so that many answers cost little more than their own
/// nodes. It exists only inside `StoreSnapshot.withProver`.
public struct FeedProver: ~Copyable {
    private let feed: Feed
    private let reader: StoreReader
    private let tree: FeedTree
    private let builder: ProofBuilder

    init(feed: Feed, snapshot: borrowing StoreSnapshot) throws {
        self.feed = feed
        reader = snapshot.reader
        tree = reader.tree(of: feed)
        builder = ProofBuilder(
            headVerifier: try snapshot.verifier(of: feed),
            fork: try reader.head(of: feed).fork, roots: try snapshot.roots(of: feed),
            signature: try snapshot.signature(of: feed))
    }

    /// The answer to a request; `nil` if the block or a node is not held here.
    ///
    /// A request of another fork is answered with the manifest alone, if it asks for that.
    /// - Throws: `ProofRequestError` if the request can have no answer.
    public func proof(for request: ProofRequest) throws -> Proof? {
        try withProof(for: request) { proof, block in
            guard var proof else { return nil }
            if proof.block != nil { proof.block?.value = Array(block) }
            return proof
        }
    }

    /// Lends the answer to a request and, in place, the bytes of its block.
    ///
    /// The block of the proof is without bytes; without a block the buffer is empty.
    public func withProof<Result>(
        for request: ProofRequest,
        _ body: (_ proof: Proof?, _ block: UnsafeRawBufferPointer) throws -> Result
    ) throws -> Result {
        var block = UnsafeRawBufferPointer(start: nil, count: 0)
        guard let proof = try proofWithoutBlock(for: request) else { return try body(nil, block) }
        if let index = proof.block?.index {
            guard let stored = try reader.storedBlock(at: index, ofFeed: feed.number) else {
                return try body(nil, block)
            }
            block = stored
        }
        // Who serves a large file should not seem to hold all of it.
        defer { reader.transaction.pointee.noteSpent(byteCount: block.count) }
        return try body(proof, block)
    }

    /// Lends the blocks that answer a request for a run, in place and in order, with their proof.
    ///
    /// `nil` if a block or a node is not held here.
    /// - Throws: `ProofRequestError` if the request can have no answer.
    public func withRun<Result>(
        for request: RunRequest, maximumBlockCount: UInt64,
        _ body: (_ plan: RunPlan, _ blocks: [UnsafeRawBufferPointer]) throws -> Result
    ) throws -> Result? {
        let plan: RunPlan
        do {
            plan = try request.plan(by: builder, maximumBlockCount: maximumBlockCount, from: tree)
        } catch ProofRequestError.notStored, ProofRequestError.wrongFork {
            return nil
        }
        var blocks: [UnsafeRawBufferPointer] = []
        blocks.reserveCapacity(Int(clamping: plan.node.index.blockCount))
        var next = plan.node.index.firstBlock
        var size: UInt64 = 0
        try reader.forEachStoredBlock(in: plan.node.index.blocks, ofFeed: feed.number) {
            index, block in
            guard index == next else { return .stop }
            blocks.append(block)
            size += UInt64(block.count)
            next += 1
            return .next
        }
        guard next == plan.node.index.lastBlock + 1, size == plan.node.size else { return nil }
        defer { reader.transaction.pointee.noteSpent(byteCount: Int(size)) }
        return try body(plan, blocks)
    }

    private func proofWithoutBlock(for request: ProofRequest) throws -> Proof? {
        do {
            return try builder.proof(for: request, from: tree)
        } catch ProofRequestError.notStored, ProofRequestError.wrongFork {
            return nil
        }
    }
}

extension StoreSnapshot {
    /// Lends what answers requests for a feed.
    public func withProver<Result>(
        of feed: Feed, _ body: (borrowing FeedProver) throws -> Result
    ) throws -> Result {
        try body(try FeedProver(feed: feed, snapshot: self))
    }

    /// The answer to one request; see `FeedProver`.
    public func proof(for request: ProofRequest, of feed: Feed) throws -> Proof? {
        try withProver(of: feed) { try $0.proof(for: request) }
    }
}
