import Cryptography
import Feeds
import Foundation
import LMDB
import Merkle
import Synchronization
import Testing

@Suite struct FeedStoreTests {
    @Test func `a store keeps its primary key`() throws {
        let folder = try TemporaryFolder()
        let path = folder.path + "/store"
        let pair = try FeedStore(path: path, options: .quick).primaryKey.keyPair(named: "a")
        let again = try FeedStore(path: path, options: .mustExist).primaryKey.keyPair(named: "a")
        #expect(pair.publicKey == again.publicKey)
        let given = try #require(PrimaryKey([UInt8](repeating: 5, count: 32)))
        let other = try FeedStore(
            path: folder.path + "/other",
            options: FeedStoreOptions(durability: .processCrash, primaryKey: given))
        #expect(
            other.primaryKey.keyPair(named: "a").publicKey == given.keyPair(named: "a").publicKey)
        #expect(!"\(other.primaryKey)".contains("05"))
    }

    @Test func `only the owner can read the files`() throws {
        let folder = try TemporaryFolder()
        let path = folder.path + "/store"
        let store = try FeedStore(path: path, options: .quick)
        for (name, mode) in [("", 0o700), ("/data.mdb", 0o600), ("/lock.mdb", 0o600)] {
            let attributes = try FileManager.default.attributesOfItem(atPath: path + name)
            #expect(attributes[.posixPermissions] as? Int == mode)
        }
        #expect(store.dataFilePath == path + "/data.mdb")
    }

    @Test func `an absent store is an error that creates nothing`() throws {
        let folder = try TemporaryFolder()
        for options in [FeedStoreOptions.mustExist, .readOnly] {
            #expect(throws: FeedStoreError(.absent, "")) {
                try FeedStore(path: folder.path + "/none", options: options)
            }
            #expect(throws: FeedStoreError(.absent, "")) {
                try FeedStore(path: folder.path, options: options)
            }
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == [])
    }

    @Test func `a file is no store`() throws {
        let folder = try TemporaryFolder()
        let path = folder.path + "/file"
        try Data("text".utf8).write(to: URL(fileURLWithPath: path))
        for options in [FeedStoreOptions.mustExist, .quick] {
            #expect(throws: FeedStoreError(.notADirectory, "")) {
                try FeedStore(path: path, options: options)
            }
            #expect(throws: FeedStoreError(.notADirectory, "")) {
                try FeedStore(path: path + "/inside", options: options)
            }
        }
        #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == Data("text".utf8))
    }

    @Test func `files that are no database are named as damaged`() throws {
        let folder = try TemporaryFolder()
        let garbage = Data((0..<8192).map { UInt8(truncatingIfNeeded: $0 * 7) })
        try garbage.write(to: URL(fileURLWithPath: folder.path + "/data.mdb"))
        #expect(throws: FeedStoreError(.damaged, "")) {
            try FeedStore(path: folder.path, options: .mustExist)
        }
        #expect(throws: FeedStoreError(.damaged, "")) {
            try FeedStore(path: folder.path, options: .quick)
        }
    }

    @Test func `a database that holds no store is none`() throws {
        let folder = try TemporaryFolder()
        try Environment(path: folder.path).close()
        #expect(throws: FeedStoreError(.absent, "")) {
            try FeedStore(path: folder.path, options: .mustExist)
        }
        try FeedStore(path: folder.path, options: .quick).close()
        try FeedStore(path: folder.path, options: .mustExist).close()
    }

    @Test func `a newer format is refused`() throws {
        let folder = try TemporaryFolder()
        try FeedStore(path: folder.path, options: .quick).close()
        let environment = try Environment(path: folder.path)
        let meta = try environment.openDatabase(named: "meta")
        try environment.write {
            try $0.put([3, 0, 0, 0], forKey: Array("format".utf8), in: meta)
        }
        environment.close()
        for options in [FeedStoreOptions.mustExist, .quick, .readOnly] {
            #expect(throws: FeedStoreError(.newerFormat, "")) {
                try FeedStore(path: folder.path, options: options)
            }
        }
    }

    @Test func `a store opened for reading refuses to write`() throws {
        let folder = try TemporaryFolder()
        try FeedStore(path: folder.path, options: .quick).close()
        let store = try FeedStore(path: folder.path, options: .readOnly)
        let count = try store.read { try $0.feeds().count }
        #expect(count == 0)
        #expect(throws: FeedStoreError(.readOnly, "")) {
            try store.write { try $0.addFeed(FeedKey(KeyPair.numbered(1).publicKey)) }
        }
    }

    @Test func `two openings of one folder see the same, and each other's commits`() throws {
        let folder = try TemporaryFolder()
        let first = try FeedStore(path: folder.path, options: .quick)
        let second = try FeedStore(path: folder.path + "/.", options: .quick)
        let seen = Mutex<[[Feed]]>([])
        var observation: CommitObservation? = second.observeCommits { feeds in
            seen.withLock { $0.append(feeds) }
        }
        let version = try second.storeVersion()
        let feed = try first.write { try $0.addFeed(FeedKey(KeyPair.numbered(1).publicKey)) }
        #expect(seen.withLock { $0 } == [[feed]])
        #expect(try second.storeVersion() > version)
        try first.write { _ in }
        #expect(seen.withLock { $0 }.count == 1)
        #expect(throws: Stop.self) {
            try first.write { transaction in
                _ = try transaction.addFeed(FeedKey(KeyPair.numbered(2).publicKey))
                throw Stop()
            }
        }
        withExtendedLifetime(observation) {}
        observation = nil
        try first.write { _ = try $0.addFeed(FeedKey(KeyPair.numbered(3).publicKey)) }
        #expect(seen.withLock { $0 }.count == 1)
        let feeds = try second.read { try $0.feeds() }
        #expect(feeds.map(\.number) == [0, 1])
    }

    @Test func `the asynchronous forms do the same`() async throws {
        let folder = try TemporaryFolder()
        let store = try FeedStore(path: folder.path, options: .quick)
        let keyPair = KeyPair.numbered(1)
        let feed = try await store.write { transaction in
            let feed = try transaction.makeFeed(signedBy: keyPair.publicKey)
            try transaction.append(blocks(0..<10), to: feed, signingWith: keyPair)
            return feed
        }
        let length = try await store.read { try $0.head(of: feed).length }
        #expect(length == 10)
    }
}

@Suite struct FeedTests {
    @Test(arguments: FeedKind.allCases)
    func `a feed is found by its keys`(kind: FeedKind) throws {
        try withFeed(1, kind: kind) { store, feed, keyPair in
            try store.write { transaction in
                let again = try transaction.makeFeed(signedBy: keyPair.publicKey, kind: kind)
                #expect(again == feed)
                #expect(try transaction.addFeed(feed.key) == feed)
            }
            try store.read { snapshot in
                let found = try snapshot.feed(for: feed.key)
                #expect(found == feed)
                #expect(try snapshot.feed(for: feed.discoveryKey) == feed)
                #expect(try snapshot.feed(for: FeedKey(Digest.zero)) == nil)
                let traits = try snapshot.traits(of: feed)
                #expect(traits.isWritable && traits.hasManifest && !traits.isFrozen)
                #expect(traits.isCompat == (kind == .compat))
                #expect((feed.key == FeedKey(keyPair.publicKey)) == (kind == .compat))
            }
        }
    }

    @Test func `a manifest of another feed is refused`() throws {
        try withFeed(1) { store, feed, keyPair in
            let other = try store.write { try $0.addFeed(FeedKey(Digest.zero)) }
            let manifest = try store.read { try $0.manifest(of: feed) }
            let known = try #require(manifest)
            #expect(throws: FeedStoreError(.wrongManifest, "")) {
                try store.write { try $0.setManifest(known, of: other) }
            }
        }
    }

    @Test func `changes are listed in the order of the last one`() throws {
        try withStore { store in
            let pairs = (0..<4).map { KeyPair.numbered($0) }
            let feeds = try pairs.map { pair in
                try store.write { try $0.makeFeed(signedBy: pair.publicKey) }
            }
            let start = try store.read { try $0.lastChange() }
            for number in [2, 0, 2, 1] {
                try store.write {
                    try $0.append([1], to: feeds[number], signingWith: pairs[number])
                }
            }
            try store.read { snapshot in
                let changed = try snapshot.feedsChanged(since: start)
                #expect(changed == [feeds[0], feeds[2], feeds[1]])
                #expect(try snapshot.feedsChanged(since: snapshot.lastChange()) == [])
                #expect(try snapshot.feedsChanged(since: 0).count == 4)
            }
        }
    }

    @Test func `a removed feed leaves nothing, and its number is not used again`() throws {
        try withFeed(40) { store, feed, keyPair in
            let second = try store.write { transaction in
                let second = try transaction.makeFeed(signedBy: KeyPair.numbered(2).publicKey)
                try transaction.append([[1], [2]], to: second, signingWith: KeyPair.numbered(2))
                return second
            }
            try store.write { try $0.removeFeed(feed) }
            try store.read { snapshot in
                let found = try snapshot.feed(for: feed.key)
                #expect(found == nil)
                #expect(try snapshot.feed(for: feed.discoveryKey) == nil)
                #expect(try snapshot.feeds() == [second])
                #expect(try snapshot.block(at: 0, of: feed) == nil)
                #expect(try snapshot.node(at: TreeIndex(0), of: feed) == nil)
                #expect(try snapshot.block(at: 1, of: second) == [2])
                #expect(try snapshot.feedsChanged(since: 0) == [second])
                #expect(throws: FeedStoreError(.unknownFeed, "")) { try snapshot.head(of: feed) }
            }
            let again = try store.write {
                try $0.makeFeed(signedBy: keyPair.publicKey)
            }
            #expect(again.number == 2)
            #expect(try store.verify(second) == [])
            #expect(try store.findStructuralDamage() == [])
        }
    }
}
