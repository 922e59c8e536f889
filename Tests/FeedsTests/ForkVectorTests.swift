import Cryptography
import Feeds
import Merkle
import TestSupport
import Testing

@Suite struct ForkVectorTests {
    @Test func `a store truncates, appends and is followed like this`() throws {
        let formula = try BlockFormula()
        for item in try Vectors.load("forks.json").cases.items {
            let keyPair = KeyPair(seed: item.seed.hex)
            try withStore { writer in
                try withStore { reader in
                    let feed = try makeFeed(keyPair, key: item.key.hex, in: writer)
                    let writerSide = Side(store: writer, feed: feed, keyPair: keyPair)
                    let copy = try reader.write { try $0.addFeed(feed.key) }
                    let readerSide = Side(store: reader, feed: copy, keyPair: keyPair)
                    try writer.write {
                        try $0.append(
                            formula.blocks(0..<item.before.length.int, big: item.bigBlocks),
                            to: feed, signingWith: keyPair)
                    }
                    try expect(feed, in: writer, item.before)
                    _ = try readerSide.upgrade(from: writerSide)
                    for index in 0..<item.before.length.int {
                        try readerSide.download(index, from: writerSide)
                    }
                    try expect(copy, in: reader, item.before)
                    try writer.write { transaction in
                        let start = item.truncateTo.int
                        try transaction.truncate(feed, to: start, signingWith: keyPair)
                        try transaction.append(
                            formula.blocks(
                                start..<start + item.appended.int, big: item.bigBlocks,
                                byteSalt: item.appendedSalt.int),
                            to: feed, signingWith: keyPair)
                    }
                    try expect(feed, in: writer, item.after)
                    guard !item.reorg.items.isEmpty else { return }
                    try follow(item, writer: writerSide, reader: readerSide)
                }
            }
        }
    }

    private func makeFeed(_ keyPair: KeyPair, key: [UInt8], in store: FeedStore) throws -> Feed {
        for kind in FeedKind.allCases {
            let feed = try store.write {
                try $0.makeFeed(signedBy: keyPair.publicKey, kind: kind)
            }
            if feed.key.bytes == key { return feed }
        }
        throw Stop()
    }

    private func expect(_ feed: Feed, in store: FeedStore, _ expected: Vector) throws {
        try store.read { snapshot in
            let head = try snapshot.head(of: feed)
            #expect(head.length == expected.length.int)
            #expect(head.fork == expected.fork.int)
            #expect(head.byteLength == expected.byteLength.int)
            #expect(head.treeHash.bytes == expected.treeHash.hex)
            let roots = try expected.roots.items.map { try $0.asNode }
            #expect(try snapshot.roots(of: feed).nodes == roots)
            #expect(try snapshot.signature(of: feed) == expected.signature.hex)
        }
        #expect(try store.verify(feed) == [])
    }

    private func follow(_ item: Vector, writer: Side, reader: Side) throws {
        var reorganisation: Reorganisation?
        for step in item.reorg.items {
            let request = step.request.asRequest
            let made = try #require(try writer.proof(for: request))
            #expect(made.encoded(requestID: step.request.id.int) == step.encodedData.hex)
            let proof = try Proof.decode(step.encodedData.hex)
            try reader.store.read { snapshot in
                if var going = reorganisation {
                    let error = try snapshot.advance(&going, of: reader.feed, with: proof)
                    #expect(error == nil)
                    reorganisation = going
                } else if case .started(let start) = try snapshot.beginReorganisation(
                    of: reader.feed, with: proof)
                {
                    reorganisation = start
                }
            }
            let state = try #require(reorganisation)
            #expect(state.ancestors == step.after.ancestors.int)
            #expect(state.isFinished == step.after.finished.bool)
        }
        let finished = try #require(reorganisation)
        let followed = try reader.store.write { try $0.follow(finished, of: reader.feed) }
        #expect(followed?.ancestors == item.reorgResult.ancestors.int)
        try expect(reader.feed, in: reader.store, item.after)
        let kept = min(item.reorgResult.ancestors.int, item.before.length.int)
        let held = try reader.store.read { try $0.heldRanges(in: 0..<1000, of: reader.feed) }
        #expect(held == (kept == 0 ? [] : [0..<kept]))
        #expect(item.reorgResult.keptBlocks.uint64 ?? kept >= kept)
        for index in 0..<item.after.length.int {
            try reader.download(index, from: writer)
        }
        let head = try reader.head
        #expect(head.isComplete)
        #expect(try reader.store.verify(reader.feed) == [])
    }
}
