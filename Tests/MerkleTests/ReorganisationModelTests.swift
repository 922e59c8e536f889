import Cryptography
import Merkle
import Testing

@Suite struct ReorganisationModelTests {
    /// Two trees that part somewhere, and the writer of the newer one.
    struct World {
        var random: SeededGenerator
        let old: MemoryTree
        let new: MemoryTree
        let keyPair = KeyPair(seed: [UInt8](repeating: 9, count: 32))
        let verifier: HeadVerifier

        init(seed: UInt64) {
            random = SeededGenerator(seed: seed)
            old = MemoryTree(random.blocks(count: random.number(below: 60)))
            let kept = random.number(below: old.roots.length + 1)
            var new = old.prefix(kept)
            let added = random.number(below: 60) + (kept == 0 ? 1 : 0)
            if random.chance(20) {
                new.append(contentsOf: old.blocks.dropFirst(Int(kept)).prefix(Int(added)))
            }
            if new.roots.length == kept { new.append(contentsOf: random.blocks(count: added)) }
            if new.roots.length == 0 { new.append(contentsOf: [[1]]) }
            self.new = new
            verifier = HeadVerifier.singleSigner(keyPair.publicKey, flavour: "v1")
        }

        var common: UInt64 { UInt64(Array(zip(old.blocks, new.blocks).prefix { $0 == $1 }).count) }

        func answer(_ request: ProofRequest) throws -> Proof {
            let signature = verifier.sign(new.roots.head(fork: 4), with: keyPair) ?? []
            return try new.answer(
                request, headVerifier: verifier, fork: 4, signature: signature)
        }

        func begin(_ proof: Proof, stored: SparseNodes) throws -> Reorganisation {
            try Reorganisation.begin(
                with: proof, key: verifier.key, headVerifier: nil,
                replacing: old.roots.head(fork: 1), stored: stored
            ).accepted
        }
    }

    @Test(arguments: 0..<60, [false, true])
    func `the ancestor is the last block in common`(number: Int, isSparse: Bool) throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        do {
            try run(seed: seed, isSparse: isSparse)
        } catch {
            Issue.record("seed \(seed): \(error)")
        }
    }

    private func run(seed: UInt64, isSparse: Bool) throws {
        var world = World(seed: seed)
        var stored = SparseNodes()
        stored.nodes = world.old.nodes
        if isSparse {
            let roots = world.old.roots.nodes.map(\.index)
            for index in world.old.nodes.keys where !roots.contains(index) {
                if world.random.chance(30) { stored.nodes[index] = nil }
            }
        }
        let request = ProofRequest(
            fork: 4, upgrade: .init(start: 0, length: world.new.roots.length), manifest: true)
        var state = try world.begin(try world.answer(request), stored: stored)
        #expect(state.manifest == world.verifier.manifest)
        var rounds = 0
        while let wanted = state.wanted, rounds < 100 {
            rounds += 1
            #expect(wanted.end <= world.old.roots.length, "seed \(seed)")
            let block = wanted.start + world.random.number(below: wanted.end - wanted.start)
            let request = try #require(state.request(forBlock: block))
            let proof = try world.answer(request)
            try rejectChanged(proof, by: state, stored: stored, world: &world, seed: seed)
            switch try state.apply(proof, stored: stored) {
            case .valid: break
            case .invalid(let error): throw error
            }
        }
        #expect(state.isFinished, "seed \(seed)")
        #expect(state.upgrade.roots == world.new.roots, "seed \(seed)")
        if isSparse {
            #expect(state.ancestors <= world.common, "seed \(seed)")
        } else {
            #expect(state.ancestors == world.common, "seed \(seed)")
        }
        for node in state.nodes { #expect(world.new.nodes[node.index] == node, "seed \(seed)") }
    }

    private func rejectChanged(
        _ proof: Proof, by state: Reorganisation, stored: SparseNodes, world: inout World,
        seed: UInt64
    ) throws {
        guard var nodes = proof.hash?.nodes else { return }
        let position = Int(world.random.number(below: UInt64(nodes.count)))
        nodes[position].hash = Digest.leaf([1])
        var changed = proof
        changed.hash?.nodes = nodes
        var other = state
        if case .valid = try other.apply(changed, stored: stored) {
            Issue.record("seed \(seed): a changed answer was taken")
        }
        changed = proof
        changed.fork += 1
        if case .valid = try other.apply(changed, stored: stored) {
            Issue.record("seed \(seed): an answer of another fork was taken")
        }
    }

    @Test func `a lower or equal fork is not followed`() throws {
        let world = World(seed: 7)
        let request = ProofRequest(
            fork: 4, upgrade: .init(start: 0, length: world.new.roots.length))
        var base = world.old.roots.head(fork: 4)
        for fork in [UInt64(4), 5] {
            base.fork = fork
            let verdict = try Reorganisation.begin(
                with: try world.answer(request), key: world.verifier.key,
                headVerifier: world.verifier, replacing: base, stored: world.old)
            #expect(throws: ProofError.wrongFork) { try verdict.accepted }
        }
    }

    @Test func `an answer that brings nothing is refused`() throws {
        let world = try #require(
            (1..<200).lazy.map { World(seed: $0) }.first {
                $0.old.roots.length > 4 && $0.new.roots.length > 4 && $0.common < 3
            })
        var stored = SparseNodes()
        stored.nodes = world.old.nodes
        let request = ProofRequest(
            fork: 4, upgrade: .init(start: 0, length: world.new.roots.length))
        var state = try Reorganisation.begin(
            with: try world.answer(request), key: world.verifier.key,
            headVerifier: world.verifier, replacing: world.old.roots.head(fork: 0),
            stored: stored
        ).accepted
        let wanted = try #require(state.wanted)
        let root = TreeIndex(depth: wanted.nodes, offset: wanted.start >> wanted.nodes)
        let node = try #require(world.new.nodes[root])
        let alone = Proof(fork: 4, hash: .init(index: root, nodes: [node]))
        #expect(throws: ProofError.expectedNode(root)) {
            try state.apply(alone, stored: stored).accepted
        }
        #expect(throws: ProofError.self) {
            try state.apply(Proof(fork: 4), stored: stored).accepted
        }
        #expect(state.request(forBlock: wanted.end) == nil)
    }
}
