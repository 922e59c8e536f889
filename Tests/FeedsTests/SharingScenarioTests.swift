import Cryptography
import Feeds
import Foundation
import Merkle
import Testing

/// Threads and processes on one store; each exit test's body is a process of its own.
@Suite struct SharingScenarioTests {
    @Test func `threads that append to one feed never fork it`() async throws {
        let folder = try TemporaryFolder()
        let keyPair = KeyPair.numbered(1)
        let store = try FeedStore(path: folder.path, options: .quick)
        let feed = try await store.write { try $0.makeFeed(signedBy: keyPair.publicKey) }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<4 {
                group.addTask {
                    let own = try FeedStore(path: folder.path, options: .quick)
                    for _ in 0..<50 {
                        try await own.write {
                            _ = try $0.append(blocks(1..<4), to: feed, signingWith: keyPair)
                        }
                        _ = try await own.read { try $0.head(of: feed) }
                    }
                }
            }
            try await group.waitForAll()
        }
        let head = try await store.read { try $0.head(of: feed) }
        #expect(head.length == 600 && head.fork == 0)
        #expect(try store.verify(feed) == [])
    }

    @Test func `processes that append to one feed never fork it`() async throws {
        let folder = try TemporaryFolder()
        let store = try FeedStore(path: folder.path, options: .quick)
        let feed = try await store.write {
            try $0.makeFeed(signedBy: KeyPair.numbered(1).publicKey)
        }
        let before = try store.storeVersion()
        let change = try await store.read { try $0.lastChange() }
        async let first: Void = appendInAnotherProcess(folder.path)
        async let second: Void = appendInAnotherProcess(folder.path)
        for index in 0..<40 as Range<UInt64> {
            try await store.write {
                _ = try $0.append(block(index), to: feed, signingWith: KeyPair.numbered(1))
            }
        }
        _ = await (first, second)
        let head = try await store.read { try $0.head(of: feed) }
        #expect(head.length == 40 + 2 * 120 && head.fork == 0 && head.isComplete)
        #expect(try store.storeVersion() == before + 40 + 80)
        let changed = try await store.read { try $0.feedsChanged(since: change) }
        #expect(changed == [feed])
        #expect(try store.verify(feed) == [])
    }

    private func appendInAnotherProcess(_ path: String) async {
        await #expect(processExitsWith: .success) { [path = path as String] in
            let keyPair = KeyPair.numbered(1)
            let store = try FeedStore(path: path, options: .quick)
            try appendRepeatedly(to: store, keyPair)
        }
    }

    @Test func `processes that make a store at once agree on its secret`() async throws {
        let folder = try TemporaryFolder()
        for round in 0..<5 {
            let path = folder.path + "/\(round)"
            async let first: Void = makeStoreInAnotherProcess(path)
            async let second: Void = makeStoreInAnotherProcess(path)
            _ = await (first, second)
            let store = try FeedStore(path: path, options: .mustExist)
            let feeds = try await store.read { try $0.feeds() }
            #expect(feeds.count == 1)
            let length = try await store.read { try $0.head(of: feeds[0]).length }
            #expect(length == 2)
        }
    }

    private func makeStoreInAnotherProcess(_ path: String) async {
        await #expect(processExitsWith: .success) { [path = path as String] in
            let store = try FeedStore(path: path, options: .quick)
            let keyPair = store.primaryKey.keyPair(named: "own")
            _ = try store.write { transaction in
                let feed = try transaction.makeFeed(signedBy: keyPair.publicKey)
                return try transaction.append([1], to: feed, signingWith: keyPair)
            }
        }
    }

    @Test func `a process killed while it writes leaves the last commit`() async throws {
        let folder = try TemporaryFolder()
        await #expect(processExitsWith: .signal(SIGKILL)) { [path = folder.path as String] in
            let keyPair = KeyPair.numbered(1)
            let store = try FeedStore(path: path)
            try appendRepeatedly(to: store, keyPair)
            try appendAndDie(in: store, keyPair)
        }
        let store = try FeedStore(path: folder.path, options: .mustExist)
        let feeds = try await store.read { try $0.feeds() }
        let feed = try #require(feeds.first)
        let head = try await store.read { try $0.head(of: feed) }
        #expect(head.length == 120)
        #expect(try store.findStructuralDamage() == [])
        #expect(try store.verify(feed) == [])
        let length = try await store.write {
            try $0.append([[1]], to: feed, signingWith: KeyPair.numbered(1)).length
        }
        #expect(length == 121)
    }
}

private func appendRepeatedly(to store: FeedStore, _ keyPair: KeyPair) throws {
    for _ in 0..<40 {
        try store.write { transaction in
            let feed = try transaction.makeFeed(signedBy: keyPair.publicKey)
            try transaction.append(blocks(5..<8), to: feed, signingWith: keyPair)
        }
    }
}

private func appendAndDie(in store: FeedStore, _ keyPair: KeyPair) throws {
    try store.write { transaction in
        let feed = try transaction.makeFeed(signedBy: keyPair.publicKey)
        try transaction.append(blocks(0..<5000), to: feed, signingWith: keyPair)
        kill(getpid(), SIGKILL)
    }
}
