import Cryptography
import Feeds
import Testing

@testable import Archives

@Suite struct ArchiveTests {
    private func text(_ text: String) -> [UInt8] { Array(text.utf8) }

    @Test(arguments: FeedKind.allCases)
    func `finds its own archive again`(kind: FeedKind) throws {
        try withArchive(kind) { store, archive in
            try store.write { try archive.put(text("hello"), at: "/a", in: $0) }
            let again = try store.write {
                try Archive.own(kind, primaryKey: store.primaryKey, in: $0)
            }
            #expect(again.key == archive.key)
            let other = try #require(try store.read { try Archive.existing(archive.key, in: $0) })
            #expect(!other.isWritable)
            #expect(other.content == archive.content)
            #expect(try store.read { try other.read("a", in: $0) } == text("hello"))
            #expect(throws: ArchiveError.self) {
                try store.write { try other.put([], at: "/b", in: $0) }
            }
            #expect(try store.read { try Archive.existing(FeedKey(.zero), in: $0) } == nil)
        }
    }

    @Test(arguments: FeedKind.allCases)
    func `learns its content feed as the index arrives`(kind: FeedKind) throws {
        try withArchive(kind) { store, archive in
            try store.write { try archive.put(text("hello"), at: "/a", in: $0) }
            try withStore { other in
                var copy = try other.write { try Archive.following(archive.key, in: $0) }
                #expect(copy.content == nil)
                #expect(try other.read { try copy.contentKey(in: $0) } == nil)
                let source = Copier(store: store, feed: archive.index.feed)
                _ = try source.copyHead(to: other)
                #expect(try other.read { try copy.contentKey(in: $0) } == nil)
                try source.copy(0, to: other)
                copy = try other.write { try copy.resolved(in: $0) }
                #expect(copy.content?.feed.key == archive.content?.feed.key)

                let error = #expect(throws: ArchiveError.self) {
                    _ = try other.read { try copy.entry(at: "/a", in: $0) }
                }
                #expect(error?.block?.index == 1)
                try source.copy(1, to: other)
                #expect(try other.read { try copy.entry(at: "/a", in: $0) } != nil)
                let missing = #expect(throws: ArchiveError.self) {
                    _ = try other.read { try copy.read("/a", in: $0) }
                }
                #expect(missing?.code == .blockNotAvailable)
                #expect(missing?.block?.feed == archive.content?.feed.key)
            }
        }
    }

    @Test func `a compat index without a content key names no content`() throws {
        try withStore { store in
            let keyPair = KeyPair(seed: [UInt8](repeating: 3, count: 32))
            let archive = try store.write { (transaction) throws in
                let feed = try transaction.makeFeed(signedBy: keyPair.publicKey, kind: .compat)
                try IndexWriter(feed, signingWith: keyPair).put([1], [2], in: transaction)
                return Archive(index: IndexTree(feed), content: nil)
            }
            let error = #expect(throws: ArchiveError.self) {
                _ = try store.read { try archive.contentKey(in: $0) }
            }
            #expect(error?.code == .contentUnknown)
        }
    }

    @Test func `puts files and private keys in one append`() throws {
        try withArchive { store, archive in
            let private1 = ArchiveKeys.privateKey(kind: UInt8(ascii: "d"), Array("/empty".utf8))
            let private2 = ArchiveKeys.privateKey(kind: UInt8(ascii: "x"), Array("/gone".utf8))
            try store.write { (transaction) throws in
                try archive.withBatch(in: transaction) { batch in
                    try batch.put(text("1"), at: ArchivePath("a"), in: transaction)
                    try batch.put(["m": 493], forKey: private1, in: transaction)
                    try batch.put(["m": 1], forKey: private2, in: transaction)
                    try batch.link(ArchivePath("l"), to: "a", in: transaction)
                    #expect(try batch.remove(key: private2, in: transaction))
                    #expect(batch.count == 5)
                    #expect(try batch.entry(at: ArchivePath("a"), in: transaction) != nil)
                }
                #expect(try transaction.snapshot.head(of: archive.index.feed).length == 6)
            }
            try store.read { (snapshot) throws in
                #expect(try archive.list("/", snapshot).map(\.path.string) == ["/a", "/l"])
                let kept = try archive.index.all(in: ArchiveKeys.privateRange, snapshot)
                #expect(kept.map(\.key) == [private1])
                #expect(kept.first?.value == text(#"{"m":493}"#))
                let kind = ArchiveKeys.privateRange(kind: UInt8(ascii: "x"))
                #expect(try archive.index.all(in: kind, snapshot).isEmpty)
                #expect(try archive.contentLength(in: snapshot) == 1)
            }
        }
    }

    @Test func `lists each child of a folder once`() throws {
        try withArchive { store, archive in
            let paths = [
                "x", "x/a", "x/b/c", "x.txt", "x0", "x0/y", "x!/q", "x!", "b/c", "b0", "b.c/d", "z",
            ]
            try store.write { (transaction) throws in
                for path in paths { try archive.put([], at: path, in: transaction) }
            }
            try store.read { (snapshot) throws in
                let children = try archive.readFolder("/", snapshot)
                #expect(
                    children.map(\.name) == [
                        "b.c", "b", "b0", "x", "x!", "x.txt", "x0", "z",
                    ])
                #expect(children.filter(\.isFolder).map(\.name) == ["b.c", "b"])
                #expect(try archive.readFolder("/x", snapshot).map(\.name) == ["a", "b"])
                #expect(try archive.readFolder("/z", snapshot).isEmpty)
                let few = try archive.readFolder(
                    "/", ignoring: [ArchivePath("x"), ArchivePath("b/c")], limit: 3, snapshot)
                #expect(few.map(\.name) == ["b.c", "b0", "x!"])
                var iterator = try archive.entries(in: snapshot)
                iterator.seek(to: try ArchivePath("x/b"))
                #expect(try iterator.next(in: snapshot)?.path.string == "/x/b/c")
            }
        }
    }

    @Test func `passes over entries that no writer would make`() throws {
        try withArchive { store, archive in
            let writer = try archive.indexWriter()
            let good = EntryValue(linkTo: "t").encoded(.blockOffsetFirst)
            let bad: [(String, [UInt8]?)] = [
                ("/../up", good), ("/a//b", good), ("/a\\b", good), ("x", good), ("/nothing", nil),
                ("/empty", []), ("/text", text("\"x\"")), ("/cut", Array(good.dropLast())),
                ("/blob", text(#"{"blob":{"blockOffset":-1}}"#)),
                ("/link", text(#"{"linkname":7}"#)),
                ("/flag", text(#"{"executable":"yes"}"#)),
                ("/large", text(#"{"blob":{"blockOffset":1e300,"blockLength":1}}"#)),
            ]
            try store.write { (transaction) throws in
                for (path, value) in bad {
                    try writer.put(ArchiveKeys.files + text(path), value, in: transaction)
                }
                try archive.link("/good", to: "t", in: transaction)
            }
            try store.read { (snapshot) throws in
                var iterator = try archive.entries(in: snapshot)
                #expect(try iterator.next(in: snapshot)?.path.string == "/good")
                #expect(try iterator.next(in: snapshot) == nil)
                // "x" does not begin with a slash, so it lies outside of every folder.
                #expect(iterator.malformedCount == bad.count - 1)
                #expect(iterator.lastMalformed != nil)
                let error = #expect(throws: ArchiveError.self) {
                    _ = try archive.entry(at: "/cut", in: snapshot)
                }
                #expect(error?.code == .malformedEntry)
                #expect(try archive.contentLength(in: snapshot) == 0)
            }
        }
    }

    @Test func `follows links as far as they lead`() throws {
        try withArchive { store, archive in
            try store.write { (transaction) throws in
                try archive.put(text("end"), at: "/16", in: transaction)
                for number in 0..<16 {
                    try archive.link("/\(number)", to: "/\(number + 1)", in: transaction)
                }
                try archive.link("/empty", to: "", in: transaction)
            }
            try store.read { (snapshot) throws in
                #expect(
                    try archive.read("/1", followingLinks: true, in: snapshot) == text("end"))
                #expect(throws: ArchiveError.self) {
                    _ = try archive.read("/0", followingLinks: true, in: snapshot)
                }
                let empty = try archive.entry(at: "/empty", followingLinks: true, in: snapshot)
                #expect(empty?.value.linkname?.isEmpty == true)
                #expect(try archive.read("/1", in: snapshot) == nil)
            }
        }
    }

    @Test func `truncates both feeds to what a version needs`() throws {
        try withArchive { store, archive in
            try store.write { (transaction) throws in
                try archive.put(text("1"), at: "/a", in: transaction)
                try archive.put(text("2"), at: "/b", in: transaction)
                try archive.put(text("3"), at: "/a", in: transaction)
            }
            try store.write { try archive.truncate(to: 3, in: $0) }
            try store.read { (snapshot) throws in
                #expect(try archive.version(in: snapshot) == 3)
                #expect(try archive.read("/a", in: snapshot) == text("1"))
                let content = try snapshot.head(of: archive.requireContent().feed)
                #expect(content.length == 2)
                #expect(content.fork == 1)
                #expect(try snapshot.head(of: archive.index.feed).fork == 1)
                #expect(throws: ArchiveError.self) {
                    _ = try archive.checkout(4).list("/", snapshot)
                }
            }
        }
    }

    @Test func `refuses an index that was changed behind a batch`() throws {
        try withArchive { store, archive in
            #expect(throws: ArchiveError.self) {
                try store.write { (transaction) throws in
                    try archive.withBatch(in: transaction) { batch in
                        try batch.link(ArchivePath("a"), to: "b", in: transaction)
                        try archive.link("/c", to: "d", in: transaction)
                    }
                }
            }
            let version = try store.read { try archive.version(in: $0) }
            #expect(version == 1)
        }
    }
}
