import CompactEncoding
import Cryptography
import Merkle
import Testing

@Suite struct ProofMutationTests {
    @Test(arguments: 0..<30)
    func `a changed answer never passes with other content`(number: Int) throws {
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
        for _ in 0..<15 {
            let least = max(world.length, 1)
            let writerLength = least + world.random.number(below: total - least + 1)
            let request = try world.request(toWriterOf: writerLength)
            let proof = try world.answer(request, writerLength: writerLength)
            for _ in 0..<20 {
                var changed = proof
                mutate(&changed, with: &world.random)
                try check(changed, in: world, seed: seed)
            }
            let encoded = proof.encoded(requestID: 1)
            for _ in 0..<20 {
                var bytes = encoded
                let position = Int.random(in: 0..<bytes.count, using: &world.random)
                bytes[position] ^= 1 << UInt8.random(in: 0..<8, using: &world.random)
                if let changed = try? Proof.decode(bytes).proof {
                    try check(changed, in: world, seed: seed)
                }
                #expect(throws: CompactDecodingError.self) {
                    try Proof.decode(Array(encoded[..<position]))
                }
            }
            world.store(try world.verdict(on: proof).accepted)
        }
    }

    private func check(_ proof: Proof, in world: ProofWorld, seed: UInt64) throws {
        guard case .valid(let verified) = try world.verdict(on: proof) else { return }
        #expect(world.falsehood(in: verified, of: proof) == nil, "seed \(seed): \(proof)")
    }

    private func mutate(_ proof: inout Proof, with random: inout SeededGenerator) {
        switch random.number(below: 10) {
        case 0: proof.fork += random.number(below: 2)
        case 1:
            if let count = proof.block?.value.count, count > 0 {
                proof.block?.value[Int(random.number(below: UInt64(count)))] ^= 1
            } else {
                proof.block?.value.append(0)
            }
        case 2: proof.block?.index ^= 1 << random.number(below: 6)
        case 3: proof.hash = proof.hash.map { mutated($0, with: &random) }
        case 4:
            proof.upgrade?.length ^= 1 << random.number(below: 6)
        case 5:
            if let count = proof.upgrade?.signature.count, count > 0 {
                let position = Int(random.number(below: UInt64(count)))
                proof.upgrade?.signature[position] ^= 1 << UInt8(random.number(below: 8))
            }
        case 6:
            if var nodes = proof.block?.nodes {
                mutate(&nodes, with: &random)
                proof.block?.nodes = nodes
            }
        case 7:
            if var nodes = proof.seek?.nodes {
                mutate(&nodes, with: &random)
                proof.seek?.nodes = nodes
            }
        case 8:
            if var nodes = proof.upgrade?.nodes {
                mutate(&nodes, with: &random)
                proof.upgrade?.nodes = nodes
            }
        default:
            if var nodes = proof.upgrade?.additionalNodes {
                mutate(&nodes, with: &random)
                proof.upgrade?.additionalNodes = nodes
            }
        }
    }

    private func mutated(
        _ hash: Proof.Hash, with random: inout SeededGenerator
    ) -> Proof.Hash {
        var nodes = hash.nodes
        mutate(&nodes, with: &random)
        return Proof.Hash(index: random.chance(20) ? hash.index.parent : hash.index, nodes: nodes)
    }

    private func mutate(_ nodes: inout [Node], with random: inout SeededGenerator) {
        guard !nodes.isEmpty else { return }
        let position = Int(random.number(below: UInt64(nodes.count)))
        switch random.number(below: 7) {
        case 0: nodes[position].size += 1
        case 1: nodes[position].size = UInt64.max - random.number(below: 2)
        case 2: nodes[position].index = nodes[position].index.sibling
        case 3: nodes[position].hash = Digest.leaf([1, 2, 3])
        case 4: nodes.remove(at: position)
        case 5: nodes.append(nodes[position])
        default:
            // Bytes moved from one node to its neighbour: sums stay as they are.
            let other = (position + 1) % nodes.count
            guard nodes[position].size > 0, other != position else { return }
            nodes[position].size -= 1
            nodes[other].size += 1
        }
    }
}
