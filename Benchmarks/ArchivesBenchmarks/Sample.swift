import Archives
import BenchmarkSupport
import BenchmarkWork
import Cryptography
import Feeds

/// An archive and an index beside it, in a store of their own in a temporary folder.
final class Sample {
    let folder: TemporaryFolder
    let store: FeedStore
    let archive: Archive
    let index: IndexWriter
    private var count = 0
    private var random = RandomBytes()

    init(_ durability: FeedStoreOptions.Durability) throws {
        folder = try TemporaryFolder()
        let store = try FeedStore(
            path: folder.path, options: FeedStoreOptions(durability: durability))
        self.store = store
        archive = try store.write { try Archive.own(primaryKey: store.primaryKey, in: $0) }
        let keyPair = store.primaryKey.keyPair(named: "index")
        let feed = try store.write { try $0.makeFeed(signedBy: keyPair.publicKey) }
        index = IndexWriter(feed, signingWith: keyPair)
    }

    deinit { store.close() }

    /// A key of 20 bytes; the keys sort as the numbers.
    static func key(_ number: Int) -> [UInt8] {
        let digits = String(number)
        return Array(("key" + String(repeating: "0", count: 17 - digits.count) + digits).utf8)
    }

    static func path(_ number: Int) -> String { "/folder \(number / 100)/file \(number % 100)" }

    func nextKey() -> [UInt8] {
        count += 1
        return Self.key(count - 1)
    }

    /// Puts values into the index, in one commit.
    func put(_ times: Int, isOrdered: Bool) throws {
        let value = [UInt8](repeating: 0x20, count: 100)
        let keys = (0..<times).map { _ in
            isOrdered ? nextKey() : Self.key(Int(truncatingIfNeeded: random.next() >> 16))
        }
        try store.write { transaction in
            var batch = IndexBatch(index)
            for key in keys { _ = try batch.put(key, value, in: transaction) }
            try batch.commit(in: transaction)
        }
    }

    /// Puts files into the archive, in one commit.
    func putFiles(_ times: Int, _ content: [UInt8]) throws {
        let start = count
        count += times
        try store.write { transaction in
            try archive.withBatch(in: transaction) { batch in
                for number in start..<start + times {
                    let path = try ArchivePath(Self.path(number))
                    _ = try batch.put(content, at: path, in: transaction)
                }
            }
        }
    }
}
