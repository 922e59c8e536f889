import CompactEncoding
import Cryptography
import Merkle
import TestSupport
import Testing

@Suite struct FeedVectorTests {
    @Test func `the block formula is the one of the set`() throws {
        let formula = try BlockFormula()
        for check in try Vectors.load("merkle-feeds.json").blocks.checks.items {
            let block = formula.block(check.index.int)
            #expect(block.count == Int(check.size.int))
            #expect(block == check["hex"].hex)
        }
    }

    @Test func `feeds have these nodes, roots and hashes`() throws {
        let formula = try BlockFormula()
        for feed in try Vectors.load("merkle-feeds.json").feeds.items {
            let tree = formula.tree(length: feed.length.int, big: feed.bigBlocks)
            #expect(tree.roots.length == feed.length.int)
            #expect(tree.roots.byteLength == feed.byteLength.int)
            #expect(tree.roots.nodes == (try feed.roots.asNodes))
            #expect(tree.roots.treeHash == (try feed.treeHash.asDigest))
            #expect(TreeRoots(length: feed.length.int, nodes: tree.roots.nodes) == tree.roots)
            for (index, block) in feed.blocks.items.enumerated() {
                #expect(tree.blocks[index] == block.hex)
            }
            let nodes = try feed.nodes.asNodes
            for node in nodes {
                #expect(tree.nodes[node.index] == node)
                #expect(try Node(decoding: node.encoded) == node)
            }
            if !nodes.isEmpty { #expect(nodes.count == tree.nodes.count) }
        }
    }

    @Test func `blocks begin at these bytes, and bytes lie in these blocks`() throws {
        let formula = try BlockFormula()
        for feed in try Vectors.load("merkle-feeds.json").feeds.items {
            let tree = formula.tree(length: feed.length.int, big: feed.bigBlocks)
            for item in feed.byteOffsets.items {
                let offset = try tree.roots.byteOffset(ofBlock: item.block.int, from: tree)
                #expect(offset == item.offset.int)
                let leaf = tree.nodes[TreeIndex(block: item.block.int)]
                #expect(leaf?.size == item.size.int)
            }
            for item in feed.seeks.items {
                let position = try tree.roots.position(
                    ofByte: item.byte.int, padding: item.padding.uint64 ?? 0, from: tree)
                #expect(
                    position == .found(block: item.block.int, offset: item.offset.int),
                    "byte \(item.byte.int) of \(feed.name.text)")
            }
        }
    }

    @Test(arguments: ["compat", "v0", "v1"])
    func `a head is signed in each flavour`(flavour: String) throws {
        for feed in try Vectors.load("merkle-feeds.json").feeds.items {
            let expected = feed[flavour]
            guard !expected.isNull else { continue }
            let keyPair = KeyPair(seed: feed.seed.hex)
            #expect(keyPair.publicKey.bytes == feed.publicKey.hex)
            let verifier = HeadVerifier.singleSigner(keyPair.publicKey, flavour: flavour)
            #expect(verifier.key == (try expected.key.asFeedKey))
            #expect(verifier.key.discoveryKey.bytes == expected.discoveryKey.hex)
            let roots = try #require(
                TreeRoots(length: feed.length.int, nodes: try feed.roots.asNodes))
            let fork = feed.fork.uint64 ?? 0
            let head = roots.head(fork: fork)
            let signable = verifier.signable(head, signer: verifier.manifest.signers[0])
            #expect(signable == expected.signable.hex)
            #expect(verifier.sign(head, with: keyPair) == expected.signature.hex)
            #expect(verifier.isValid(expected.signature.hex, for: roots, fork: fork))
            #expect(!verifier.isValid(expected.signature.hex, for: roots, fork: fork + 1))
        }
    }
}

extension HeadVerifier {
    /// The verifier of a feed with one writer, in one of the flavours of the vectors.
    static func singleSigner(_ publicKey: PublicKey, flavour: String) -> HeadVerifier {
        switch flavour {
        case "compat": HeadVerifier(compatKey: FeedKey(publicKey))
        case "v0": HeadVerifier(Manifest(singleSigner: publicKey, version: .v0))
        case "v2": HeadVerifier(Manifest(singleSigner: publicKey, version: .v2))
        default: HeadVerifier(Manifest(singleSigner: publicKey))
        }
    }

    /// The verifier of a feed with one writer whose key tells the flavour.
    static func singleSigner(_ publicKey: PublicKey, key: FeedKey) throws -> HeadVerifier {
        let verifiers = ["compat", "v0", "v1", "v2"].map {
            singleSigner(publicKey, flavour: $0)
        }
        return try #require(verifiers.first { $0.key == key })
    }
}
