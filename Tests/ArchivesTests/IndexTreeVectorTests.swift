import Archives
import Cryptography
import Feeds
import TestSupport
import Testing

@Suite struct IndexTreeVectorTests {
    static let cases = Result { try VectorFile.load("hyperbee.json")["cases"]?.items ?? [] }

    @Test func `writes and reads every recorded index`() throws {
        for vector in try Self.cases.get() {
            let name = Comment(rawValue: vector["name"]?.text ?? "?")
            vector.expectFields(
                [
                    "name", "seed", "publicKey", "coreKey", "metadata", "alwaysDuplicate", "ops",
                    "lengthAfterOp", "length", "byteLength", "blocks", "blockHashes", "treeHash",
                    "signature", "listing", "listingCount", "listingHash", "gets", "ranges",
                    "history", "checkouts", "diffs",
                ], name)
            try withStore { store in
                let writer = try write(vector, to: store, name)
                try store.read { snapshot in
                    try checkFeed(vector, writer.tree.feed, snapshot, name)
                    try checkLookups(vector, writer.tree, snapshot, name)
                    try checkHistory(vector, writer.tree, snapshot, name)
                    try checkVersions(vector, writer.tree, snapshot, name)
                }
            }
        }
    }

    private func write(
        _ vector: JSONValue, to store: FeedStore, _ name: Comment
    ) throws -> IndexWriter {
        let keyPair = KeyPair(seed: vector["seed"]?.bytes ?? [])
        #expect(keyPair.publicKey.hexadecimal == vector["publicKey"]?.text, name)
        let metadata = vector.optional("metadata").map { metadata in
            IndexHeader.Metadata(
                contentFeed: metadata.optional("contentFeed")?.bytes,
                userData: metadata.optional("userData")?.bytes)
        }
        return try store.write { transaction in
            let feed = try transaction.makeFeed(signedBy: keyPair.publicKey)
            #expect(feed.key.hexadecimal == vector["coreKey"]?.text, name)
            let writer = IndexWriter(
                feed, header: IndexHeader(metadata: metadata),
                writesDuplicates: vector["alwaysDuplicate"]?.bool ?? true, signingWith: keyPair)
            let lengths = vector.optional("lengthAfterOp")?.items
            for (position, operation) in (vector["ops"]?.items ?? []).enumerated() {
                try apply(operation, writer, in: transaction)
                guard let lengths else { continue }
                let length = try transaction.snapshot.head(of: feed).length
                #expect(length == lengths[position].number, "\(name): after \(position)")
            }
            if let lengths { #expect(lengths.count == vector["ops"]?.items.count, name) }
            return writer
        }
    }

    private func apply(
        _ operation: JSONValue, _ writer: IndexWriter, in transaction: borrowing StoreTransaction
    ) throws {
        let parts = operation.items
        switch parts[0].text {
        case "put":
            let value = parts[2].isNull ? nil : parts[2].bytes
            try writer.put(parts[1].bytes, value, in: transaction)
        case "del": try writer.remove(parts[1].bytes, in: transaction)
        case "batch", "batch-close":
            var batch = IndexBatch(writer)
            for operation in parts[1].items {
                let parts = operation.items
                switch parts[0].text {
                case "put":
                    let value = parts[2].isNull ? nil : parts[2].bytes
                    try batch.put(parts[1].bytes, value, in: transaction)
                case "del": try batch.remove(parts[1].bytes, in: transaction)
                default: Issue.record("unknown operation \(parts[0])")
                }
            }
            if parts[0].text == "batch" { try batch.commit(in: transaction) }
        default: Issue.record("unknown operation \(parts[0])")
        }
    }

    private func checkFeed(
        _ vector: JSONValue, _ feed: Feed, _ snapshot: borrowing StoreSnapshot, _ name: Comment
    ) throws {
        let head = try snapshot.head(of: feed)
        #expect(head.length == vector["length"]?.number, name)
        #expect(head.byteLength == vector["byteLength"]?.number, name)
        #expect(head.treeHash.hexadecimal == vector["treeHash"]?.text, name)
        let signature = try snapshot.signature(of: feed)
        #expect(signature == vector.optional("signature")?.bytes ?? [], name)
        let blocks = vector.optional("blocks")?.items
        let hashes = vector.optional("blockHashes")?.items
        if let count = (blocks ?? hashes)?.count { #expect(UInt64(count) == head.length, name) }
        for index in 0..<head.length {
            let block = try snapshot.block(at: index, of: feed)
            if let blocks {
                #expect(block == blocks[Int(index)].bytes, "\(name): block \(index)")
            }
            if let hashes {
                #expect(
                    Digest.hash(of: block ?? []).hexadecimal == hashes[Int(index)].text,
                    "\(name): block \(index)")
            }
        }
    }

    private func checkLookups(
        _ vector: JSONValue, _ tree: IndexTree, _ snapshot: borrowing StoreSnapshot,
        _ name: Comment
    ) throws {
        let all = try tree.all(snapshot)
        if let listing = vector.optional("listing") { expect(all, are: listing, name) }
        if let count = vector.optional("listingCount") {
            #expect(UInt64(all.count) == count.number, name)
        }
        if let hash = vector.optional("listingHash") {
            var bytes: [UInt8] = []
            for entry in all {
                withUnsafeBytes(of: UInt32(entry.seq).bigEndian) { bytes.append(contentsOf: $0) }
                bytes += entry.key + [0] + (entry.value ?? [])
            }
            #expect(Digest.hash(of: bytes).hexadecimal == hash.text, name)
        }
        for get in vector["gets"]?.items ?? [] {
            get.expectFields(["key", "result"], name)
            let entry = try tree.entry(for: get["key"]?.bytes ?? [], in: snapshot)
            expect(entry.map { [$0] } ?? [], are: .array([get["result"] ?? .null]), name)
        }
        for range in vector["ranges"]?.items ?? [] {
            range.expectFields(["opts", "result"], name)
            let options = range["opts"] ?? .null
            options.expectFields(["gt", "gte", "lt", "lte", "reverse", "limit"], name)
            let entries = try tree.all(
                in: IndexRange(options), reversed: options["reverse"]?.bool ?? false,
                limit: options.limit, snapshot)
            expect(entries, are: range["result"] ?? .null, "\(name): \(options)")
        }
    }

    private func checkHistory(
        _ vector: JSONValue, _ tree: IndexTree, _ snapshot: borrowing StoreSnapshot,
        _ name: Comment
    ) throws {
        let version = Int64(try tree.version(in: snapshot))
        for history in vector["history"]?.items ?? [] {
            history.expectFields(["opts", "result"], name)
            let options = history["opts"] ?? .null
            options.expectFields(
                ["gt", "gte", "since", "lt", "lte", "end", "reverse", "limit"], name)
            var iterator = try tree.history(
                in: options.historyRange(version: version),
                reversed: options["reverse"]?.bool ?? false, limit: options.limit, of: snapshot)
            var changes: [IndexChange] = []
            while let change = try iterator.next(in: snapshot) { changes.append(change) }
            expect(changes, are: history["result"] ?? .null, "\(name): history \(options)")
        }
    }

    private func expect(_ changes: [IndexChange], are expected: JSONValue, _ name: Comment) {
        if let count = expected["count"] {
            expected.expectFields(["count", "first", "last"], name)
            #expect(UInt64(changes.count) == count.number, name)
            let short = changes.map {
                JSONValue.array([.string($0.word), .integer(Int64($0.entry.seq))])
            }
            let first = expected["first"]?.items ?? []
            let last = expected["last"]?.items ?? []
            #expect(Array(short.prefix(first.count)) == first, name)
            #expect(Array(short.suffix(last.count)) == last, name)
            return
        }
        #expect(changes.count == expected.items.count, name)
        for (change, item) in zip(changes, expected.items) {
            #expect(change.word == item["type"]?.text, name)
            expect([change.entry], are: .array([item]), name)
        }
    }

    private func checkVersions(
        _ vector: JSONValue, _ tree: IndexTree, _ snapshot: borrowing StoreSnapshot,
        _ name: Comment
    ) throws {
        for checkout in vector["checkouts"]?.items ?? [] {
            checkout.expectFields(["version", "result"], name)
            let version = checkout["version"]?.number ?? 0
            let entries = try tree.checkout(version).all(snapshot)
            expect(entries, are: checkout["result"] ?? .null, "\(name): version \(version)")
        }
        for diff in vector["diffs"]?.items ?? [] {
            diff.expectFields(["left", "right", "opts", "result"], name)
            let options = diff["opts"] ?? .null
            options.expectFields(["gt", "gte", "lt", "lte", "limit"], name)
            let left = diff["left"]?.number ?? 0
            let right = diff["right"]?.number ?? 0
            let found = try tree.checkout(left).allDifferences(
                from: tree.checkout(right), in: IndexRange(options), limit: options.limit,
                snapshot)
            let comment: Comment = "\(name): \(left) against \(right) \(options)"
            let expected = diff["result"]?.items ?? []
            #expect(found.count == expected.count, comment)
            for (difference, row) in zip(found, expected) {
                row.expectFields(["left", "right"], name)
                expect(
                    [difference.left, difference.right].compactMap(\.self),
                    are: .array([row.optional("left"), row.optional("right")].compactMap(\.self)),
                    comment)
                #expect((difference.left == nil) == (row.optional("left") == nil), comment)
            }
        }
    }

    /// Rows give blocks alone, or some of block, key and value.
    private func expect(_ entries: [IndexEntry], are rows: JSONValue, _ name: Comment) {
        let rows = rows.items.filter { !$0.isNull }
        #expect(entries.count == rows.count, name)
        for (entry, row) in zip(entries, rows) {
            if let seq = row.uint64 {
                #expect(entry.seq == seq, name)
                continue
            }
            row.expectFields(["type", "seq", "key", "value"], name)
            #expect(entry.seq == row["seq"]?.number, name)
            #expect(entry.key == row["key"]?.bytes, name)
            if let value = row["value"] {
                #expect(entry.value == (value.isNull ? nil : value.bytes), name)
            }
        }
    }
}

extension IndexChange {
    fileprivate var word: String { kind == .put ? "put" : "del" }
}

extension IndexRange {
    fileprivate init(_ options: JSONValue) {
        self.init(
            gt: options.optional("gt")?.bytes, gte: options.optional("gte")?.bytes,
            lt: options.optional("lt")?.bytes, lte: options.optional("lte")?.bytes)
    }
}

extension JSONValue {
    /// No limit is -1 or absent.
    fileprivate var limit: Int? {
        guard let limit = self["limit"]?.int64, limit >= 0 else { return nil }
        return Int(limit)
    }

    /// Negative numbers count from the version, and 0 as a beginning means none.
    fileprivate func historyRange(version: Int64) -> Range<UInt64> {
        func resolved(_ value: Int64) -> Int64 { value < 0 ? value + version : value }
        func given(_ names: String...) -> Int64? {
            names.lazy.compactMap { self[$0]?.int64 }.first { $0 != 0 }
        }
        let start = given("gt").map { resolved($0) + 1 } ?? resolved(given("gte", "since") ?? 1)
        var end = given("lte").map { resolved($0) + 1 } ?? resolved(given("lt", "end") ?? version)
        if ["lte", "lt", "end"].contains(where: { self[$0]?.int64 == 0 }) { end = 0 }
        let first = UInt64(max(1, start))
        return first..<max(first, UInt64(max(0, end)))
    }
}
