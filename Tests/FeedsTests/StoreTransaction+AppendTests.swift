import Cryptography
import Feeds
import Merkle
import Testing

/// What a test throws to undo a transaction.
struct Stop: Error {}

@Suite struct AppendTests {
    @Test(
        arguments: [0, 1, 2, 3, 7, 8, 9, 15, 16, 17, 31, 32, 33, 511, 512, 513, 1100] as [UInt64])
    func `a feed appended at once or one by one has the same head`(length: UInt64) throws {
        var appender = TreeAppender(roots: TreeRoots())
        for block in blocks(0..<length) { appender.append(block) }
        try withFeed(length) { store, feed, keyPair in
            let single = try store.write { transaction in
                try transaction.makeFeed(signedBy: keyPair.publicKey, kind: .compat)
            }
            for index in 0..<length {
                try store.write {
                    try $0.append(block(index), to: single, signingWith: keyPair)
                }
            }
            try store.read { snapshot in
                for feed in [feed, single] {
                    let head = try snapshot.head(of: feed)
                    #expect(head.treeHead == appender.roots.head(fork: 0))
                    #expect(head.contiguousLength == length)
                    for node in appender.nodes {
                        #expect(try snapshot.node(at: node.index, of: feed) == node)
                    }
                    for index in 0..<length {
                        #expect(try snapshot.block(at: index, of: feed) == block(index))
                    }
                    #expect(try snapshot.block(at: length, of: feed) == nil)
                    guard length > 0 else { continue }
                    let verifier = try #require(try snapshot.verifier(of: feed))
                    let signature = try snapshot.signature(of: feed)
                    #expect(verifier.isValid(signature, for: appender.roots, fork: 0))
                }
            }
            #expect(try store.verify(feed) == [])
            #expect(try store.verify(single) == [])
        }
    }

    @Test func `a transaction sees what it appended`() throws {
        try withFeed(3) { store, feed, keyPair in
            try store.write { transaction in
                try transaction.append(blocks(3..<5), to: feed, signingWith: keyPair)
                #expect(try transaction.snapshot.head(of: feed).length == 5)
                #expect(try transaction.snapshot.block(at: 4, of: feed) == block(4))
                let head = try transaction.append(block(5), to: feed, signingWith: keyPair)
                #expect(head.length == 6)
                let proof = try transaction.snapshot.proof(
                    for: ProofRequest(upgrade: .init(start: 0, length: 6)), of: feed)
                let signature = try #require(proof?.upgrade?.signature)
                let verifier = try #require(try transaction.snapshot.verifier(of: feed))
                let roots = try transaction.snapshot.roots(of: feed)
                #expect(verifier.isValid(signature, for: roots, fork: 0))
            }
            #expect(try store.read { try $0.head(of: feed).length } == 6)
        }
    }

    @Test func `a transaction that throws leaves nothing`() throws {
        try withFeed(3) { store, feed, keyPair in
            let before = try store.read { try $0.head(of: feed) }
            #expect(throws: Stop.self) {
                try store.write { transaction in
                    try transaction.append(blocks(3..<400), to: feed, signingWith: keyPair)
                    _ = try transaction.makeFeed(signedBy: KeyPair.numbered(7).publicKey)
                    throw Stop()
                }
            }
            try store.read { snapshot in
                let head = try snapshot.head(of: feed)
                #expect(head == before)
                #expect(try snapshot.block(at: 3, of: feed) == nil)
                #expect(try snapshot.feeds().count == 1)
            }
            #expect(try store.verify(feed) == [])
        }
    }

    @Test func `an append that fails halfway cannot be committed`() throws {
        try withFeed(3) { store, feed, keyPair in
            #expect(throws: Stop.self) {
                try store.write { transaction in
                    do {
                        try transaction.append(to: feed, signingWith: keyPair) { appender in
                            try appender.append([1])
                            throw Stop()
                        }
                    } catch is Stop {}
                }
            }
            let length = try store.read { try $0.head(of: feed).length }
            #expect(length == 3)
            #expect(try store.verify(feed) == [])
        }
    }

    @Test func `nobody else can append`() throws {
        try withFeed(1) { store, feed, _ in
            #expect(throws: FeedStoreError(.notWritable, "")) {
                try store.write {
                    try $0.append([1], to: feed, signingWith: KeyPair.numbered(9))
                }
            }
            let other = try store.write {
                try $0.addFeed(FeedKey(KeyPair.numbered(3).publicKey))
            }
            #expect(throws: FeedStoreError(.notWritable, "")) {
                try store.write {
                    try $0.append([1], to: other, signingWith: KeyPair.numbered(3))
                }
            }
        }
    }

    @Test func `many feeds grow side by side`() throws {
        try withStore { store in
            let pairs = (0..<5).map { KeyPair.numbered($0) }
            let feeds = try store.write { transaction in
                var feeds: [Feed] = []
                for pair in pairs {
                    feeds.append(try transaction.makeFeed(signedBy: pair.publicKey))
                }
                return feeds
            }
            for round in 0..<40 as Range<UInt64> {
                try store.write { transaction in
                    for (feed, pair) in zip(feeds, pairs) {
                        try transaction.append(
                            blocks(round * 9..<round * 9 + 9), to: feed, signingWith: pair)
                    }
                }
            }
            for feed in feeds {
                let length = try store.read { try $0.head(of: feed).length }
                #expect(length == 360)
                #expect(try store.verify(feed) == [])
            }
        }
    }

    @Test func `large blocks are stored as they are`() throws {
        try withFeed { store, feed, keyPair in
            let large = [UInt8](repeating: 7, count: 3 << 20)
            try store.write {
                try $0.append([large, [], large], to: feed, signingWith: keyPair)
            }
            try store.read { snapshot in
                let stored = try snapshot.block(at: 2, of: feed)
                #expect(stored == large)
                #expect(try snapshot.block(at: 1, of: feed) == [])
                #expect(try snapshot.head(of: feed).byteLength == 6 << 20)
            }
        }
    }
}
