import Cryptography
import Feeds
import Merkle
import TestSupport
import Testing

@Suite struct FeedVectorTests {
    @Test func `feeds in a store have these keys, heads and signatures`() throws {
        let formula = try BlockFormula()
        for item in try Vectors.load("merkle-feeds.json").feeds.items {
            let keyPair = KeyPair(seed: item.seed.hex)
            #expect(keyPair.publicKey.bytes == item.publicKey.hex)
            for kind in FeedKind.allCases {
                try withStore { store in
                    let feed = try store.write {
                        try $0.makeFeed(signedBy: keyPair.publicKey, kind: kind)
                    }
                    // In batches of growing size, so that tiles are written more than once.
                    var length: UInt64 = 0
                    while length < item.length.int {
                        let end = min(item.length.int, length * 2 + 3)
                        try store.write {
                            try $0.append(
                                formula.blocks(length..<end, big: item.bigBlocks), to: feed,
                                signingWith: keyPair)
                        }
                        length = end
                    }
                    try check(feed, in: store, item, flavour: item[kind.vectorName])
                }
            }
        }
    }

    private func check(
        _ feed: Feed, in store: FeedStore, _ item: Vector, flavour: Vector
    ) throws {
        guard !flavour.isNull else { return }
        let name = Comment(rawValue: item.name.string ?? "")
        #expect(feed.key.bytes == flavour.key.hex, name)
        #expect(feed.discoveryKey.bytes == flavour.discoveryKey.hex, name)
        try store.read { snapshot in
            let head = try snapshot.head(of: feed)
            #expect(head.length == item.length.int, name)
            #expect(head.fork == item.fork.uint64 ?? 0, name)
            #expect(head.byteLength == item.byteLength.int, name)
            #expect(head.treeHash.bytes == item.treeHash.hex, name)
            let roots = try item.roots.items.map { try $0.asNode }
            #expect(try snapshot.roots(of: feed).nodes == roots, name)
            #expect(try snapshot.signature(of: feed) == flavour.signature.hex, name)
            let verifier = try #require(try snapshot.verifier(of: feed))
            let signable = verifier.signable(head.treeHead, signer: verifier.manifest.signers[0])
            #expect(signable == flavour.signable.hex, name)
            for vector in item.nodes.items {
                let node = try vector.asNode
                #expect(try snapshot.node(at: node.index, of: feed) == node, name)
            }
            for (index, block) in item.blocks.items.enumerated() {
                #expect(try snapshot.block(at: UInt64(index), of: feed) == block.hex, name)
            }
            for place in item.byteOffsets.items {
                let offset = try snapshot.byteOffset(ofBlock: place.block.int, of: feed)
                #expect(offset == place.offset.int, name)
            }
            for seek in item.seeks.items {
                let position = try snapshot.position(ofByte: seek.byte.int, of: feed)
                #expect(position == .found(block: seek.block.int, offset: seek.offset.int), name)
            }
        }
        #expect(try store.verify(feed) == [], name)
    }
}

extension FeedKind {
    fileprivate var vectorName: String {
        switch self {
        case .compat: "compat"
        case .version0: "v0"
        case .version1: "v1"
        }
    }
}
