import Cryptography
import Feeds
import Merkle
import TestSupport
import Testing

@Suite struct ProofSessionVectorTests {
    @Test func `a sparse reader's store asks and stores exactly this`() throws {
        let formula = try BlockFormula()
        for session in try Vectors.load("proof-sessions.json").sessions.items {
            let keyPair = KeyPair(seed: session.seed.hex)
            let key = try #require(FeedKey(session.key.hex))
            try withStore { writer in
                try withStore { reader in
                    let copy = try reader.write { try $0.addFeed(key) }
                    let readerSide = Side(store: reader, feed: copy, keyPair: keyPair)
                    let feed = try writer.write { transaction in
                        let kinds = FeedKind.allCases
                        return try kinds.map {
                            try transaction.makeFeed(signedBy: keyPair.publicKey, kind: $0)
                        }.first { $0.key == key }
                    }
                    let writerSide = Side(
                        store: writer, feed: try #require(feed), keyPair: keyPair)
                    for (number, step) in session.steps.items.enumerated() {
                        try run(
                            step, named: "step \(number)", formula, session, writer: writerSide,
                            reader: readerSide)
                    }
                }
            }
        }
    }

    private func run(
        _ step: Vector, named name: Comment, _ formula: BlockFormula, _ session: Vector,
        writer: Side, reader: Side
    ) throws {
        let length = try writer.head.length
        try writer.store.write {
            try $0.append(
                formula.blocks(length..<step.producerLength.int, big: session.bigBlocks),
                to: writer.feed, signingWith: writer.keyPair)
        }
        let request = step.request.asRequest
        let former = try reader.head.length
        if let block = request.block, block.index < former {
            let count = try reader.store.read {
                try $0.missingNodes(forBlock: block.index, of: reader.feed)
            }
            #expect(count == block.nodes, name)
        }
        if let hash = request.hash {
            let count = try reader.store.read {
                try $0.missingNodes(from: hash.index, of: reader.feed)
            }
            #expect(count == hash.nodes, name)
        }
        let made = try #require(try writer.proof(for: request))
        #expect(made.encoded(requestID: step.request.id.int) == step.encodedData.hex, name)
        let outcome = try reader.apply(try Proof.decode(step.encodedData.hex))
        let applied = try #require(outcome.applied)
        #expect(applied.block == request.block?.index, name)
        #expect((applied.head != nil) == (step.after.length.int > former), name)
        try reader.store.read { snapshot in
            let head = try snapshot.head(of: reader.feed)
            #expect(head.length == step.after.length.int, name)
            #expect(head.treeHash.bytes == step.after.treeHash.hex, name)
            for value in step.after.addedNodes.items {
                #expect(
                    try snapshot.node(at: TreeIndex(value.int), of: reader.feed) != nil, name)
            }
            if let index = request.block?.index {
                let block = formula.block(index, big: session.bigBlocks)
                #expect(try snapshot.block(at: index, of: reader.feed) == block, name)
            }
        }
        #expect(try reader.store.verify(reader.feed) == [], name)
    }
}
