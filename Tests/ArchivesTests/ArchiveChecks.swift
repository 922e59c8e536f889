import Archives
import CompactEncoding
import Cryptography
import Feeds
import Merkle
import Testing

/// Compares an archive with what is recorded of it.
struct ArchiveChecks {
    let vector: JSONValue
    let archive: Archive
    let name: Comment

    func checkFeeds(in snapshot: borrowing StoreSnapshot) throws {
        let content = try archive.requireContent().feed
        let isCompat = vector["compat"]?.bool ?? false
        try check(archive.index.feed, vector["index"] ?? .null, isCompat, in: snapshot)
        try check(content, vector["content"] ?? .null, isCompat, in: snapshot)
        #expect(try archive.version(in: snapshot) == vector["version"]?.number, name)
        let header = try archive.index.header(in: snapshot)
        #expect(
            header?.metadata?.contentFeed == vector.optional("headerContentFeed")?.bytes, name)
        let other = try Archive.existing(archive.key, in: snapshot)
        #expect(other?.content?.feed == content, name)

        let blocks = vector["indexBlocks"]?.items ?? []
        #expect(UInt64(blocks.count) == (try snapshot.head(of: archive.index.feed).length), name)
        for (index, block) in blocks.enumerated() {
            let found = try snapshot.block(at: UInt64(index), of: archive.index.feed)
            #expect(found == block.bytes, "\(name): index block \(index)")
        }
        let pieces = vector["contentBlocks"]?.items ?? []
        #expect(UInt64(pieces.count) == (try snapshot.head(of: content).length), name)
        for (index, piece) in pieces.enumerated() {
            piece.expectFields(["bytes", "byteLength", "hash"], name)
            piece.expect(
                try snapshot.block(at: UInt64(index), of: content) ?? [],
                "\(name): content block \(index)")
        }
    }

    private func check(
        _ feed: Feed, _ expected: JSONValue, _ isCompat: Bool,
        in snapshot: borrowing StoreSnapshot
    ) throws {
        expected.expectFields(
            [
                "key", "discoveryKey", "id", "publicKey", "manifest", "length", "byteLength",
                "fork", "treeHash", "signature",
            ], name)
        #expect(feed.key.hexadecimal == expected["key"]?.text, name)
        #expect(feed.key.id == expected["id"]?.text, name)
        #expect(feed.discoveryKey.hexadecimal == expected["discoveryKey"]?.text, name)
        let manifest = try #require(try snapshot.manifest(of: feed))
        #expect(manifest.signers[0].publicKey.hexadecimal == expected["publicKey"]?.text, name)
        if isCompat {
            // The manifest that a JavaScript store assumes for a compat feed is used for nothing.
            #expect(feed.key.hexadecimal == expected["publicKey"]?.text, name)
        } else {
            #expect(manifest.encoded == expected.optional("manifest")?.bytes, name)
        }
        let head = try snapshot.head(of: feed)
        #expect(head.length == expected["length"]?.number, name)
        #expect(head.byteLength == expected["byteLength"]?.number, name)
        #expect(head.fork == expected["fork"]?.number, name)
        #expect(head.treeHash.hexadecimal == expected["treeHash"]?.text, name)
        #expect(
            try snapshot.signature(of: feed) == expected.optional("signature")?.bytes ?? [],
            name)
    }

    func checkEntries(in snapshot: borrowing StoreSnapshot) throws {
        let all = try archive.list("/", snapshot)
        let entries = vector["entries"]?.items ?? []
        #expect(all.count == entries.count, name)
        for (entry, expected) in zip(all, entries) {
            try check(entry, expected, in: snapshot)
        }
        for file in vector["files"]?.items ?? [] {
            file.expectFields(["path", "byteLength", "hash"], name)
            let path = file["path"]?.text ?? ""
            let content = try archive.read(path, in: snapshot)
            file.expect(try #require(content, "\(name): \(path)"), "\(name): \(path)")
        }
        for lookup in vector["lookups"]?.items ?? [] {
            lookup.expectFields(["path", "opts", "result", "error"], name)
            lookup["opts"]?.expectFields(["follow"], name)
            let follow = lookup["opts"]?["follow"]?.bool ?? false
            let path = lookup["path"]?.text ?? ""
            try expect(lookup, "\(name): \(path)") { expected in
                let entry = try archive.entry(at: path, followingLinks: follow, in: snapshot)
                #expect((entry == nil) == expected.isNull, "\(name): \(path)")
                if let entry, !expected.isNull { try check(entry, expected, in: snapshot) }
            }
        }
        for get in vector["gets"]?.items ?? [] {
            get.expectFields(["path", "opts", "result", "error"], name)
            let options = get["opts"] ?? .null
            let path = get["path"]?.text ?? ""
            try expect(get, "\(name): \(path) \(options)") { expected in
                let content = try archive.read(
                    path, BlobRange(options), followingLinks: options["follow"]?.bool ?? false,
                    in: snapshot)
                #expect((content == nil) == expected.isNull, "\(name): \(path)")
                if let content { expected.expect(content, "\(name): \(path) \(options)") }
            }
        }
    }

    /// Checks a result, or that what should fail does so with the recorded message.
    private func expect(
        _ query: JSONValue, _ comment: Comment, _ body: (JSONValue) throws -> Void
    ) throws {
        guard let message = query.optional("error") else {
            return try body(query["result"] ?? .null)
        }
        let error = #expect(throws: (any Error).self, comment) { try body(.null) }
        #expect(error.map { "\($0)" } == message.text, comment)
    }

    private func check(
        _ entry: ArchiveEntry, _ expected: JSONValue, in snapshot: borrowing StoreSnapshot
    ) throws {
        expected.expectFields(["seq", "key", "value"], name)
        #expect(entry.seq == expected["seq"]?.number, name)
        #expect(entry.path.string.utf8.elementsEqual(expected["key"]?.text.utf8 ?? "".utf8), name)
        guard let value = expected["value"] else { return }
        value.expectFields(["executable", "linkname", "blob", "metadata"], name)
        #expect(entry.value.isExecutable == value["executable"]?.bool, name)
        #expect(entry.value.linkname == value.optional("linkname")?.text, name)
        #expect(entry.value.blob == value.optional("blob").map { Blob(vector: $0) }, name)
        #expect(entry.value.metadata == value["metadata"], name)
        let stored = try archive.index.entry(
            for: ArchiveKeys.file(entry.path), in: snapshot)?.value
        #expect(stored == value.serialized, name)
    }
}
