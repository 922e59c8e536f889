import Cryptography
import Feeds

@testable import Archives

/// An archive whose writer signs whatever the input says, with an honest index to begin with.
enum HostileIndex {
    private static let keyPair = KeyPair(seed: [UInt8](repeating: 8, count: 32))

    /// A store, and the blocks of an honest index in it.
    private struct Base: Sendable {
        let store: FeedStore
        let blocks: [[UInt8]]
    }

    private static let base: Base = {
        do { return try makeBase() } catch { fail("no store: \(error)") }
    }()

    private static func makeBase() throws -> Base {
        let store = try FeedStore(
            path: ScratchFolder.make("index"),
            options: FeedStoreOptions(durability: .processCrash))
        var blocks: [[UInt8]] = []
        do {
            try store.write { transaction in
                let feed = try transaction.makeFeed(signedBy: keyPair.publicKey)
                let writer = IndexWriter(feed, writesDuplicates: true, signingWith: keyPair)
                for number in 0..<14 {
                    let value =
                        #"{"executable":false,"linkname":null,"blob":{"blockOffset":0,"#
                        + #""byteOffset":0,"blockLength":2,"byteLength":9},"metadata":null}"#
                    try writer.put(
                        Array("files\0/d\(number % 3)/k\(number * 7 % 15)".utf8),
                        Array(value.utf8), in: transaction)
                }
                for index in 0..<15 {
                    blocks.append(
                        try transaction.snapshot.block(at: UInt64(index), of: feed) ?? [])
                }
                throw Abandoned()
            }
        } catch is Abandoned {}
        return Base(store: store, blocks: blocks)
    }

    static func seeds() throws -> [[UInt8]] {
        var whole: [UInt8] = [1]
        for block in base.blocks { whole.append(piece: block) }
        return [whole] + Programs.some.map { [0] + $0 }
    }

    static func run(_ input: UnsafeRawBufferPointer) throws {
        var source = ByteSource(input)
        var blocks: [[UInt8]] = []
        if source.byte() & 1 == 0 {
            blocks = base.blocks
            for _ in 0..<source.number(below: 8) {
                blocks[source.number(below: blocks.count)].change(&source)
            }
        }
        while !source.isAtEnd, blocks.count < 40 { blocks.append(Array(source.piece())) }
        do {
            try base.store.write { transaction in
                try read(blocks, in: transaction)
                throw Abandoned()
            }
        } catch is Abandoned {}
    }

    /// Does everything that a reader may do; it may fail, in bounded time.
    private static func read(
        _ blocks: [[UInt8]], in transaction: borrowing StoreTransaction
    ) throws {
        let feed = try transaction.makeFeed(signedBy: keyPair.publicKey)
        _ = try transaction.append(blocks, to: feed, signingWith: keyPair)
        let archive = try? Archive.following(feed.key, in: transaction)
        if let archive, let content = archive.content?.feed, content != feed {
            _ = try? transaction.snapshot.head(of: content)
        }
        let tree = IndexTree(feed)
        attempt { _ = try tree.header(in: transaction.snapshot) }
        attempt { try walk(tree, reversed: false, in: transaction.snapshot) }
        attempt { try walk(tree, reversed: true, in: transaction.snapshot) }
        attempt {
            let other = tree.checkout(UInt64(blocks.count / 2))
            var iterator = try tree.differences(from: other, of: transaction.snapshot)
            while try iterator.next(in: transaction.snapshot) != nil {}
        }
        attempt {
            _ = try tree.entry(for: Array("files\0/d1/k8".utf8), in: transaction.snapshot)
        }
        attempt {
            var history = try tree.history(of: transaction.snapshot)
            while try history.next(in: transaction.snapshot) != nil {}
        }
        attempt { try list(Archive(index: tree, content: Blobs(feed)), in: transaction.snapshot) }
        attempt {
            let writer = IndexWriter(feed, signingWith: keyPair)
            var batch = IndexBatch(writer)
            try batch.put(Array("k77".utf8), [1], in: transaction)
            try batch.remove(Array("files\0/d0/k0".utf8), in: transaction)
        }
    }

    /// Lists folders and reads what files claim to be.
    private static func list(_ archive: Archive, in snapshot: borrowing StoreSnapshot) throws {
        var entries = try archive.entries(in: snapshot)
        var count = 0
        while let entry = try entries.next(in: snapshot) {
            count += 1
            require(count <= 4000, "more entries than blocks can hold")
            guard let blob = entry.value.blob else { continue }
            attempt {
                let content = try archive.requireContent()
                let bytes = try content.read(blob, BlobRange(from: 0, length: 4096), in: snapshot)
                require(bytes.count <= 4096, "more than was asked for")
            }
        }
        var children = try archive.children(in: snapshot)
        while try children.next(in: snapshot) != nil {}
        _ = try archive.contentLength(in: snapshot)
    }

    private static func walk(
        _ tree: IndexTree, reversed: Bool, in snapshot: borrowing StoreSnapshot
    ) throws {
        var iterator = try tree.entries(reversed: reversed, of: snapshot)
        var last: [UInt8]?
        var count = 0
        while let entry = try iterator.next(in: snapshot) {
            count += 1
            require(count <= 4000, "more entries than blocks can hold")
            if let last {
                let isOrdered =
                    reversed
                    ? entry.key.lexicographicallyPrecedes(last)
                    : last.lexicographicallyPrecedes(entry.key)
                require(isOrdered, "keys out of order")
            }
            last = entry.key
        }
    }

    private static func attempt(_ body: () throws -> Void) {
        do { try body() } catch { require(error is ArchiveError, "an unexpected error: \(error)") }
    }
}
