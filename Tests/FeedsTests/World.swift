import Cryptography
import Feeds
import Foundation
import Merkle

/// A folder that is there for one test.
final class TemporaryFolder: Sendable {
    let path: String

    init() throws {
        let folder = FileManager.default.temporaryDirectory
            .appending(path: "mdrive-feeds-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        path = folder.path
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }
}

extension FeedStoreOptions {
    /// Without the disk's part, for tests that are not about it.
    static let quick = FeedStoreOptions(durability: .processCrash)
}

/// Lends a fresh store.
func withStore<Result>(_ body: (FeedStore) throws -> Result) throws -> Result {
    let folder = try TemporaryFolder()
    let store = try FeedStore(path: folder.path + "/store", options: .quick)
    defer { store.close() }
    return try body(store)
}

/// Lends a fresh store with a feed of some blocks, and the pair that signs it.
func withFeed<Result>(
    _ length: UInt64 = 0, kind: FeedKind = .version1,
    _ body: (FeedStore, Feed, KeyPair) throws -> Result
) throws -> Result {
    try withStore { store in
        let keyPair = KeyPair.numbered(1)
        let feed = try store.write { transaction in
            let feed = try transaction.makeFeed(signedBy: keyPair.publicKey, kind: kind)
            try transaction.append(blocks(0..<length), to: feed, signingWith: keyPair)
            return feed
        }
        return try body(store, feed, keyPair)
    }
}

/// Lends a store with a feed, and another store that knows only the feed's key.
func withWriterAndReader<Result>(
    _ length: UInt64, kind: FeedKind = .version1, _ body: (Side, Side) throws -> Result
) throws -> Result {
    try withFeed(length, kind: kind) { store, feed, keyPair in
        try withStore { other in
            let copy = try other.write { try $0.addFeed(feed.key) }
            return try body(
                Side(store: store, feed: feed, keyPair: keyPair),
                Side(store: other, feed: copy, keyPair: keyPair))
        }
    }
}

/// One end of a conversation about a feed.
struct Side {
    let store: FeedStore
    let feed: Feed
    let keyPair: KeyPair

    var head: FeedHead { get throws { try store.read { try $0.head(of: feed) } } }

    func proof(for request: ProofRequest) throws -> Proof? {
        try store.read { try $0.proof(for: request, of: feed) }
    }

    @discardableResult
    func apply(_ proof: Proof) throws -> ApplyOutcome {
        try store.write { try $0.apply(proof, to: feed) }
    }

    func append(_ range: Range<UInt64>) throws { try append(blocks(range)) }

    func append(_ blocks: [[UInt8]]) throws {
        try store.write { try $0.append(blocks, to: feed, signingWith: keyPair) }
    }

    /// The same end after its store was closed and opened.
    func reopened() throws -> Side {
        store.close()
        return Side(
            store: try FeedStore(path: store.path, options: .quick), feed: feed, keyPair: keyPair)
    }

    /// Fetches all blocks below a node; `nil` if the writer lacks one of them.
    func fetchRun(below index: TreeIndex, fork: UInt64, from writer: Side) throws -> Int? {
        let nodes = try store.read { try $0.missingNodes(from: index, of: feed) }
        let request = RunRequest(fork: fork, index: index, nodes: nodes, maximumByteCount: .max)
        return try writer.store.read { snapshot in
            try snapshot.withProver(of: writer.feed) { prover in
                try prover.withRun(for: request, maximumBlockCount: .max) { plan, blocks in
                    let bytes = blocks.flatMap { Array($0) }
                    let outcome = try bytes.withUnsafeBytes { bytes in
                        try store.write {
                            try $0.apply(
                                BlockRun(
                                    fork: fork, index: index, siblings: plan.siblings,
                                    lengths: blocks.map { UInt32($0.count) }, bytes: bytes),
                                to: feed)
                        }
                    }
                    guard case .applied(let count) = outcome else { throw Stop() }
                    return count
                }
            }
        }
    }

    /// Asks for the writer's head.
    func upgrade(from writer: Side) throws -> ApplyOutcome? {
        let head = try head
        let other = try writer.head
        guard other.length > head.length else { return nil }
        let request = ProofRequest(
            fork: head.fork, upgrade: .init(start: head.length, length: other.length - head.length),
            manifest: true)
        return try writer.proof(for: request).map { try apply($0) }
    }

    /// Asks for a block below the own length.
    @discardableResult
    func download(_ block: UInt64, from writer: Side) throws -> ApplyOutcome? {
        let request = try store.read { snapshot in
            ProofRequest(
                fork: try snapshot.head(of: feed).fork,
                block: .init(
                    index: block, nodes: try snapshot.missingNodes(forBlock: block, of: feed)))
        }
        return try writer.proof(for: request).map { try apply($0) }
    }
}

extension KeyPair {
    static func numbered(_ number: UInt8) -> KeyPair {
        KeyPair(seed: [UInt8](repeating: number, count: 32))
    }
}

/// Block `i` of the test feeds: of varying size, also empty.
func block(_ index: UInt64) -> [UInt8] {
    (0..<(index * 7 % 13) * 5).map { UInt8(truncatingIfNeeded: index &* 31 &+ $0) }
}

func blocks(_ range: Range<UInt64>) -> [[UInt8]] { range.map { block($0) } }
