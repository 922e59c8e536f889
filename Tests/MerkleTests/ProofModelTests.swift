import Merkle
import Testing

@Suite struct ProofModelTests {
    @Test(arguments: 0..<40)
    func `a sparse reader learns exactly the writer's tree`(number: Int) throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        do {
            try run(seed: seed)
        } catch {
            Issue.record("seed \(seed): \(error)")
        }
    }

    private func run(seed: UInt64) throws {
        var world = ProofWorld(seed: seed)
        let total = world.tree.roots.length
        for _ in 0..<60 {
            let least = max(world.length, 1)
            let writerLength = least + world.random.number(below: total - least + 1)
            let request = try world.request(toWriterOf: writerLength)
            let proof = try world.answer(request, writerLength: writerLength)
            #expect(proof.answers(request), "seed \(seed)")
            let verified = try world.verdict(on: proof).accepted
            let falsehood = world.falsehood(in: verified, of: proof)
            #expect(falsehood == nil, "seed \(seed), \(request)")
            if request.upgrade != nil {
                #expect(verified.upgrade?.roots.length == writerLength, "seed \(seed)")
            }
            world.store(verified)
            let sizes = world.reader.nodes.values.allSatisfy { world.tree.nodes[$0.index] == $0 }
            #expect(sizes, "seed \(seed)")
        }
        try compareBytes(world, seed: seed)
    }

    @Test(arguments: 0..<40)
    func `whoever lies about sizes that nothing binds changes no byte's place`(
        number: Int
    ) throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        do {
            try runWithLiar(seed: seed)
        } catch {
            Issue.record("seed \(seed): \(error)")
        }
    }

    private func runWithLiar(seed: UInt64) throws {
        var world = ProofWorld(seed: seed)
        let total = world.tree.roots.length
        for _ in 0..<60 {
            let least = max(world.length, 1)
            let writerLength = least + world.random.number(below: total - least + 1)
            let request = try world.request(toWriterOf: writerLength)
            let proof = try world.answer(request, writerLength: writerLength)
            // An honest answer passes, whatever was stored of a liar's before.
            let honest = try world.verdict(on: proof).accepted
            let lie = try world.verdict(on: lying(proof))
            guard case .valid(let verified) = lie, world.random.chance(70) else {
                world.store(honest)
                continue
            }
            #expect(world.falsehood(in: verified, of: proof) == nil, "seed \(seed)")
            world.store(verified)
            for node in world.reader.nodes.values where world.tree.nodes[node.index] != node {
                #expect(world.reader.unproven.contains(node.index), "seed \(seed)")
            }
        }
        try compareBytes(world, seed: seed)
        try prove(allBlocksOf: &world, seed: seed)
    }

    /// Moves bytes between the two nodes of which only the sum is bound.
    private func lying(_ proof: Proof) -> Proof {
        var proof = proof
        func shift(_ nodes: inout [Node]) {
            guard nodes.count > 1, nodes[0].size > 0 else { return }
            nodes[0].size -= 1
            nodes[1].size += 1
        }
        if var hash = proof.hash {
            shift(&hash.nodes)
            proof.hash = hash
        }
        if var seek = proof.seek {
            shift(&seek.nodes)
            proof.seek = seek
        }
        return proof
    }

    /// Blocks prove what the liar left open, until every size is right.
    private func prove(allBlocksOf world: inout ProofWorld, seed: UInt64) throws {
        for block in 0..<world.length {
            let nodes = try world.reader.roots.missingNodes(fromBlock: block, in: world.reader)
            let request = ProofRequest(block: .init(index: block, nodes: nodes))
            let proof = try world.answer(request, writerLength: world.length)
            world.store(try world.verdict(on: proof).accepted)
        }
        #expect(world.reader.unproven.isEmpty, "seed \(seed)")
        let isRight = world.reader.nodes.values.allSatisfy { world.tree.nodes[$0.index] == $0 }
        #expect(isRight, "seed \(seed)")
    }

    /// Where the reader knows a byte's place, it is the place that counting gives.
    private func compareBytes(_ world: ProofWorld, seed: UInt64) throws {
        let roots = world.reader.roots
        let sizes = world.tree.blocks.map { UInt64($0.count) - world.padding }
        for block in 0...roots.length {
            let offset = world.tree.blocks.prefix(Int(block)).map { UInt64($0.count) }
                .reduce(0, +)
            let known = try roots.byteOffset(ofBlock: block, from: world.reader)
            #expect(known == nil || known == offset, "seed \(seed)")
            let whole = try roots.byteOffset(ofBlock: block, from: world.tree)
            #expect(whole == offset, "seed \(seed)")
        }
        let end = roots.byteLength - world.padding * roots.length
        for byte in 0...end {
            let whole = try roots.position(
                ofByte: byte, padding: world.padding, from: world.tree)
            guard case .found(let block, let offset) = whole else {
                Issue.record("seed \(seed): byte \(byte) not found")
                continue
            }
            #expect(sizes.prefix(Int(block)).reduce(0, +) + offset == byte, "seed \(seed)")
            let isInside = block == roots.length || offset < sizes[Int(block)] || offset == 0
            #expect(isInside, "seed \(seed)")
            let known = try roots.position(
                ofByte: byte, padding: world.padding, from: world.reader)
            if case .below(let node, _) = known {
                #expect(node.contains(TreeIndex(block: block)) || offset == 0, "seed \(seed)")
            } else {
                #expect(known == whole, "seed \(seed)")
            }
        }
        let beyond = try roots.position(
            ofByte: end + 1, padding: world.padding, from: world.tree)
        #expect(beyond == .beyondEnd)
    }
}
