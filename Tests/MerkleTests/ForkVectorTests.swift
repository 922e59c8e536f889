import Cryptography
import Merkle
import TestSupport
import Testing

@Suite struct ForkVectorTests {
    @Test func `a truncated feed has another fork and signature`() throws {
        for item in try Vectors.load("forks.json").cases.items {
            let (keyPair, verifier) = try writer(of: item)
            for (tree, expected) in try [
                (before(item), item.before), (after(item), item.after),
            ] {
                let head = tree.roots.head(fork: expected.fork.int)
                #expect(head.length == expected.length.int)
                #expect(head.byteLength == expected.byteLength.int)
                #expect(tree.roots.nodes == (try expected.roots.asNodes))
                #expect(head.treeHash == (try expected.treeHash.asDigest))
                let signable = verifier.signable(head, signer: verifier.manifest.signers[0])
                #expect(signable == expected.signable.hex)
                #expect(verifier.sign(head, with: keyPair) == expected.signature.hex)
                #expect(
                    verifier.isValid(
                        expected.signature.hex, for: tree.roots, fork: head.fork))
            }
        }
    }

    @Test func `a holder of the old fork finds the ancestor`() throws {
        for item in try Vectors.load("forks.json").cases.items where !item.reorg.items.isEmpty {
            let (_, verifier) = try writer(of: item)
            let old = try before(item)
            let new = try after(item)
            let base = old.roots.head(fork: item.before.fork.int)
            var reorganisation: Reorganisation?
            for (number, step) in item.reorg.items.enumerated() {
                let name = Comment("step \(number) of \(item.key.text)")
                let request = step.request.asRequest
                let id = step.request.id.int
                let priority = step.request.priority.uint64 ?? 0
                #expect(
                    request.encoded(id: id, priority: priority) == step.encodedRequest.hex, name)
                let made = try new.answer(
                    request, headVerifier: verifier, fork: item.after.fork.int,
                    signature: item.after.signature.hex)
                #expect(made.encoded(requestID: id) == step.encodedData.hex, name)
                let proof = try Proof.decode(step.encodedData.hex).proof
                if number == 0 {
                    reorganisation = try Reorganisation.begin(
                        with: proof, key: verifier.key, headVerifier: verifier,
                        replacing: base, stored: old
                    ).accepted
                } else {
                    let block = try #require(request.hash).index.value / 2
                    #expect(reorganisation?.request(forBlock: block) == request, name)
                    _ = try reorganisation?.apply(proof, stored: old).accepted
                }
                let state = try #require(reorganisation)
                #expect(state.ancestors == step.after.ancestors.int, name)
                #expect(state.isFinished == step.after.finished.bool, name)
                let want = step.after.want
                #expect(state.wanted?.start == want.start.uint64, name)
                #expect(state.wanted?.end == want.end.uint64, name)
                #expect(state.wanted?.nodes == want.nodes.uint64, name)
            }
            try check(try #require(reorganisation), new: new, old: old, item.reorgResult)
        }
    }

    private func check(
        _ state: Reorganisation, new: MemoryTree, old: MemoryTree, _ result: Vector
    ) throws {
        #expect(state.isFinished)
        #expect(state.upgrade.head.length == result.length.int)
        #expect(state.upgrade.head.fork == result.fork.int)
        #expect(state.upgrade.head.treeHash == (try result.treeHash.asDigest))
        #expect(state.ancestors == result.ancestors.int)
        #expect(state.ancestors == (result.keptBlocks.uint64 ?? state.ancestors))
        for node in state.nodes { #expect(new.nodes[node.index] == node) }
        let same = zip(old.blocks, new.blocks).prefix { $0 == $1 }
        #expect(UInt64(Array(same).count) >= state.ancestors)
    }

    private func writer(of item: Vector) throws -> (KeyPair, HeadVerifier) {
        let keyPair = KeyPair(seed: item.seed.hex)
        let key = try item.key.asFeedKey
        return (keyPair, try HeadVerifier.singleSigner(keyPair.publicKey, key: key))
    }

    private func before(_ item: Vector) throws -> MemoryTree {
        try BlockFormula().tree(length: item.before.length.int, big: item.bigBlocks)
    }

    private func after(_ item: Vector) throws -> MemoryTree {
        let formula = try BlockFormula()
        let kept = item.truncateTo.int
        var tree = try before(item).prefix(kept)
        tree.append(
            contentsOf: (kept..<kept + item.appended.int).lazy.map {
                formula.block($0, big: item.bigBlocks, byteSalt: item.appendedSalt.int)
            })
        return tree
    }
}

extension ReorganisationVerdict {
    var accepted: Value {
        get throws {
            switch self {
            case .valid(let value): return value
            case .invalid(let error): throw error
            }
        }
    }
}
