public import Cryptography
import LMDB
public import Merkle

extension StoreTransaction {
    /// Appends blocks to a feed; the head is signed once, when the transaction ends.
    ///
    /// - Throws: `FeedStoreError`: `notWritable`, `frozen` or `tooLarge`.
    @discardableResult
    public func append(
        _ blocks: [[UInt8]], to feed: Feed, signingWith keyPair: KeyPair
    ) throws -> TreeHead {
        try append(to: feed, signingWith: keyPair) { appender in
            for block in blocks { try appender.append(block) }
        }
    }

    /// Appends one block to a feed; see the form for many.
    @discardableResult
    public func append(
        _ block: [UInt8], to feed: Feed, signingWith keyPair: KeyPair
    ) throws -> TreeHead {
        try append(to: feed, signingWith: keyPair) { try $0.append(block) }
    }

    /// Appends the blocks that a function hands over one after the other, from wherever they are.
    @discardableResult
    public func append(
        to feed: Feed, signingWith keyPair: KeyPair,
        _ body: (inout FeedAppender) throws -> Void
    ) throws -> TreeHead {
        let state = try writableState(of: feed, signer: keyPair)
        return try changes.indivisibly {
            var appender = FeedAppender(
                changes: changes, state: state, cipher: feed.cipher,
                tree: try state.takeAppender())
            try body(&appender)
            try appender.finish(signer: keyPair)
            return state.record.head.treeHead
        }
    }

    /// The state of a feed that a key pair can sign alone.
    func writableState(of feed: Feed, signer keyPair: KeyPair) throws -> FeedState {
        let state = try changes.state(for: feed)
        guard state.record.conflict == nil else { throw FeedStoreError.frozen(feed) }
        guard let verifier = try state.verifier(), verifier.manifest.quorum == 1,
            verifier.signerIndex(of: keyPair.publicKey) != nil
        else { throw FeedStoreError.notWritable(feed) }
        return state
    }
}

/// Takes blocks that are appended to a feed, without copying them more than into their place.
public struct FeedAppender: ~Copyable {
    private let changes: PendingChanges
    private let state: FeedState
    private let cipher: BlockCipher?
    private var tree: TreeAppender
    private let fork: UInt64
    private let start: UInt64

    init(
        changes: PendingChanges, state: FeedState, cipher: BlockCipher?, tree: TreeAppender
    ) {
        self.changes = changes
        self.state = state
        self.cipher = cipher
        self.tree = tree
        fork = state.record.head.fork
        start = tree.roots.length
    }

    /// The number that the next block gets.
    public var length: UInt64 { tree.roots.length }

    /// The bytes of all blocks so far, padding of encrypted ones included.
    public var byteLength: UInt64 { tree.roots.byteLength }

    /// Appends a block.
    public mutating func append(_ block: [UInt8]) throws {
        try block.withUnsafeBytes { try append($0) }
    }

    /// Appends a block.
    public mutating func append(_ block: UnsafeRawBufferPointer) throws {
        guard let cipher else { return try appendStored(block) }
        let stored = cipher.encrypt(block: block, index: length, fork: fork)
        try stored.withUnsafeBytes { try appendStored($0) }
    }

    /// Appends a block of which the caller may have hashed the very same bytes before.
    ///
    /// Where the feed is encrypted other bytes are stored, and they are hashed here.
    public mutating func append(
        _ block: UnsafeRawBufferPointer, hashedAs leafHash: Digest?
    ) throws {
        guard cipher == nil else { return try append(block) }
        try appendStored(block, hashedAs: leafHash)
    }

    private mutating func appendStored(
        _ block: UnsafeRawBufferPointer, hashedAs leafHash: Digest? = nil
    ) throws {
        guard block.count <= Limits.maximumBlockByteCount,
            length < Merkle.Limits.maximumLength
        else { throw FeedStoreError(.tooLarge, "A block of \(block.count) bytes is too large.") }
        let index = length
        if let leafHash {
            assert(leafHash == Digest.leaf(block), "the hash is the one of the block")
            tree.append(
                Node(index: TreeIndex(block: index), size: UInt64(block.count), hash: leafHash))
        } else {
            tree.append(block)
        }
        try state.storeBlock(block, at: index)
        if tree.nodes.count >= Limits.maximumCollectedNodeCount { try storeNodes() }
    }

    private mutating func storeNodes() throws {
        try state.store(tree.nodes)
        tree.removeNodes()
        try state.trim(in: changes.transaction.pointee)
    }

    /// Makes what was appended the feed's head.
    mutating func finish(signer: KeyPair) throws {
        let count = length - start
        guard count > 0 else { return }
        try storeNodes()
        state.giveBack(tree, fork: fork, signer: signer)
        state.didAppendBlocks(from: start, count: count)
    }
}

extension FeedStoreError {
    static func frozen(_ feed: Feed) -> FeedStoreError {
        FeedStoreError(
            .frozen, "Feed \(feed.key.id) is frozen: its writer signed two histories.")
    }
}
