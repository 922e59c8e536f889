import Archives
import Cryptography
import Feeds
import Merkle
import TestSupport
import Testing

@Suite struct ArchiveVectorTests {
    static let cases = Result { try VectorFile.load("hyperdrive.json")["cases"]?.items ?? [] }

    @Test func `writes and reads every recorded archive`() throws {
        for vector in try Self.cases.get() {
            let name = Comment(
                rawValue: "\(vector["name"]?.text ?? "?"), \(vector["stack"]?.text ?? "?")")
            vector.expectFields(
                [
                    "name", "stack", "store", "primaryKey", "namespace", "ops",
                    "versionWhenEmpty", "lengthAfterOp", "version", "compat", "index", "content",
                    "headerContentFeed", "indexBlocks", "contentBlocks", "entries", "files",
                    "lists", "readdirs", "lookups", "gets", "checkouts", "diffs",
                    "contentLengthAtVersion", "clear",
                ], name)
            try withStore { store in
                let archive = try write(vector, to: store, name)
                try store.read { snapshot in
                    let checks = ArchiveChecks(
                        vector: vector, archive: archive, name: name)
                    try checks.checkFeeds(in: snapshot)
                    try checks.checkEntries(in: snapshot)
                    try checks.checkListings(in: snapshot)
                    try checks.checkVersions(in: snapshot)
                }
                try checkClearing(vector.optional("clear"), archive, store, name)
            }
        }
    }

    private func write(
        _ vector: JSONValue, to store: FeedStore, _ name: Comment
    ) throws -> Archive {
        let primaryKey = try #require(PrimaryKey(vector["primaryKey"]?.bytes ?? []))
        let namespace = (vector["namespace"]?.items ?? []).reduce(StoreNamespace.root) {
            $0.child($1.text)
        }
        return try store.write { transaction in
            let settings = vector["store"] ?? .null
            settings.expectFields(["compat", "manifestVersion"], name)
            var kind = FeedKind.version1
            var order = BlobMemberOrder.blockOffsetFirst
            if vector["stack"]?.text.contains("hypercore 10") == true {
                order = .byteOffsetFirst
                kind = settings["manifestVersion"]?.uint64 == 1 ? .version1 : .version0
                if settings["compat"]?.bool == true { kind = .compat }
            }
            var archive = try Archive.own(
                kind, primaryKey: primaryKey, namespace: namespace, in: transaction)
            archive.memberOrder = order
            #expect(
                try archive.version(in: transaction.snapshot)
                    == vector["versionWhenEmpty"]?.number, name)
            let operations = vector["ops"]?.items ?? []
            let lengths = vector["lengthAfterOp"]?.items ?? []
            #expect(operations.count == lengths.count, name)
            for (operation, length) in zip(operations, lengths) {
                try archive.withBatch(in: transaction) {
                    try apply(operation, archive, &$0, in: transaction)
                }
                let index = try transaction.snapshot.head(of: archive.index.feed).length
                let content = try transaction.snapshot.head(
                    of: archive.requireContent().feed
                ).length
                #expect([index, content] == length.items.map(\.number), name)
            }
            return archive
        }
    }

    private func apply(
        _ operation: JSONValue, _ archive: Archive, _ batch: inout ArchiveBatch,
        in transaction: borrowing StoreTransaction
    ) throws {
        operation.expectFields(
            [
                "op", "path", "content", "executable", "metadata", "chunks", "dedup", "target",
                "ops",
            ],
            "operation")
        let kind = operation["op"]?.text ?? ""
        if kind == "batch" {
            for operation in operation["ops"]?.items ?? [] {
                try apply(operation, archive, &batch, in: transaction)
            }
            return
        }
        let path = try ArchivePath(operation["path"]?.text ?? "")
        let isExecutable = operation["executable"]?.bool ?? false
        let metadata = operation["metadata"] ?? .null
        switch kind {
        case "put":
            try batch.put(
                operation["content"]?.bytes ?? [], at: path, isExecutable: isExecutable,
                metadata: metadata, in: transaction)
        case "write":
            var mapping = BlobWriter.Mapping.none
            if operation["dedup"]?.bool == true {
                let earlier = try batch.entry(at: path, in: transaction)
                mapping = .deduplicated(against: earlier?.value.blob)
            }
            var writer = try archive.makeBlobWriter(cutting: .asGiven, mapping: mapping)
            for chunk in operation["chunks"]?.items ?? [] {
                try writer.write(chunk.bytes, in: transaction)
            }
            let blob = try writer.finish(in: transaction).blob
            try batch.put(
                EntryValue(blob: blob, isExecutable: isExecutable, metadata: metadata),
                at: path, in: transaction)
        case "symlink":
            try batch.link(
                path, to: operation["target"]?.text ?? "", metadata: metadata, in: transaction)
        case "del": try batch.remove(path, in: transaction)
        default: Issue.record("unknown operation \(kind)")
        }
    }

    private func checkClearing(
        _ clear: JSONValue?, _ archive: Archive, _ store: FeedStore, _ name: Comment
    ) throws {
        guard let clear else { return }
        clear.expectFields(["paths", "contentBlocksStillHeld", "getsAfter"], name)
        try store.write { transaction in
            for path in clear["paths"]?.items ?? [] {
                try archive.clear(path.text, in: transaction)
            }
        }
        try store.read { snapshot in
            let feed = try archive.requireContent().feed
            for (index, isHeld) in (clear["contentBlocksStillHeld"]?.items ?? []).enumerated() {
                let found = try snapshot.contains(blockAt: UInt64(index), of: feed)
                #expect(found == isHeld.bool, "\(name): block \(index)")
            }
            for get in clear["getsAfter"]?.items ?? [] {
                get.expectFields(["path", "error", "result"], name)
                let path = get["path"]?.text ?? ""
                if let error = get.optional("error") {
                    #expect(error.text == "BLOCK_NOT_AVAILABLE", name)
                    let thrown = #expect(throws: ArchiveError.self, name) {
                        _ = try archive.read(path, in: snapshot)
                    }
                    #expect(thrown?.code == .blockNotAvailable, name)
                } else {
                    let content = try archive.read(path, in: snapshot)
                    #expect((content == nil) == (get.optional("result") == nil), name)
                    if let content { get.optional("result")?.expect(content, name) }
                }
            }
        }
    }
}
