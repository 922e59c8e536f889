import CompactEncoding
import Cryptography
import Merkle
import Testing

@Suite struct ProofHostileTests {
    static let numbers: [UInt64] = [
        0, 1, 2, 3, 7, 8, 9, 15, 16, 17, 18, 1 << 32, Limits.maximumLength - 1,
        Limits.maximumLength, Limits.maximumLength * 2 - 1, Limits.maximumLength * 2,
        (1 << 53) - 1, 1 << 62, .max >> 1, 1 << 63, .max - 1, .max,
    ]

    let tree = MemoryTree((0..<9).map { [UInt8](repeating: $0, count: 10) })
    let keyPair = KeyPair(seed: [UInt8](repeating: 5, count: 32))
    var verifier: HeadVerifier { .singleSigner(keyPair.publicKey, flavour: "v1") }
    var signature: [UInt8] { verifier.sign(tree.roots.head(fork: 0), with: keyPair) ?? [] }

    private func verdict(on proof: Proof, length: UInt64 = 9) throws -> ProofVerdict {
        let reader = try tree.reader(length: length)
        return try ProofVerifier(
            key: verifier.key, headVerifier: verifier, fork: 0, roots: reader.roots
        ).verify(proof, with: reader)
    }

    @Test func `requests of any numbers have a true answer or none`() throws {
        var random = SeededGenerator(seed: 11)
        for _ in 0..<20_000 {
            func number() -> UInt64 { Self.numbers.randomElement(using: &random) ?? 0 }
            var request = ProofRequest()
            if random.chance(50) { request.block = .init(index: number(), nodes: number()) }
            if random.chance(30) {
                request.hash = .init(index: TreeIndex(number()), nodes: number())
            }
            if random.chance(50) { request.seek = .init(bytes: number(), padding: number()) }
            if random.chance(50) { request.upgrade = .init(start: number(), length: number()) }
            let builder = ProofBuilder(
                headVerifier: verifier, fork: 0, roots: tree.roots, signature: signature)
            do {
                let proof = try builder.proof(for: request, from: tree)
                let lists = [
                    proof.block?.nodes, proof.hash?.nodes, proof.seek?.nodes,
                    proof.upgrade?.nodes, proof.upgrade?.additionalNodes,
                ]
                for node in lists.flatMap({ $0 ?? [] }) { #expect(tree.nodes[node.index] == node) }
            } catch let error as ProofRequestError {
                #expect(!error.description.isEmpty)
            }
        }
    }

    @Test func `answers of any numbers never trap and prove nothing untrue`() throws {
        var random = SeededGenerator(seed: 12)
        func number() -> UInt64 { Self.numbers.randomElement(using: &random) ?? 0 }
        func nodes() -> [Node] {
            (0..<Int(random.number(below: 5))).map { _ in
                let index = TreeIndex(number())
                if random.chance(50), let node = tree.nodes[index] { return node }
                return Node(index: index, size: number(), hash: .zero)
            }
        }
        for _ in 0..<20_000 {
            var proof = Proof(fork: random.chance(90) ? 0 : number())
            if random.chance(40) {
                proof.block = .init(index: number(), value: [1], nodes: nodes())
            }
            if random.chance(40) { proof.hash = .init(index: TreeIndex(number()), nodes: nodes()) }
            if random.chance(40) { proof.seek = .init(bytes: number(), nodes: nodes()) }
            if random.chance(60) {
                proof.upgrade = .init(
                    start: number(), length: number(), nodes: nodes(), additionalNodes: nodes(),
                    signature: random.chance(50) ? signature : [])
            }
            _ = proof.upgrade?.endLength
            let length: UInt64 = [0, 5, 9].randomElement(using: &random) ?? 0
            guard case .valid(let verified) = try verdict(on: proof, length: length) else {
                continue
            }
            for node in verified.nodes { #expect(tree.nodes[node.index]?.hash == node.hash) }
            #expect(verified.upgrade.map { $0.roots == tree.roots } ?? true)
        }
    }

    @Test func `sizes that sum above the limit are refused`() throws {
        for size in [Limits.maximumByteLength, .max] {
            let node = Node(index: TreeIndex(0), size: size, hash: .zero)
            let sibling = Node(index: TreeIndex(2), size: 1, hash: .zero)
            let proof = Proof(fork: 0, hash: .init(index: TreeIndex(0), nodes: [node, sibling]))
            #expect(try verdict(on: proof) == .invalid(.outOfBounds))
            let upgrade = Proof(
                fork: 0, upgrade: .init(start: 0, length: 2, nodes: [node, sibling], signature: []))
            #expect(try !verdict(on: upgrade, length: 0).isValid)
        }
    }

    @Test func `a climb above every tree is refused`() throws {
        var index = TreeIndex(0)
        var nodes = [Node(index: index, size: 0, hash: .zero)]
        for _ in 0..<100 {
            nodes.append(Node(index: index.sibling, size: 0, hash: .zero))
            index = index.parent
        }
        let proof = Proof(fork: 0, hash: .init(index: TreeIndex(0), nodes: nodes))
        #expect(try verdict(on: proof) == .invalid(.outOfBounds))
    }

    @Test func `lists longer than any proof are not read`() throws {
        let node = Node(index: TreeIndex(0), size: 1, hash: .zero)
        let nodes = [Node](repeating: node, count: Limits.maximumNodesPerList + 1)
        let proof = Proof(fork: 0, hash: .init(index: TreeIndex(0), nodes: nodes))
        #expect(throws: CompactDecodingError.arrayTooLarge) {
            try Proof.decode(proof.encoded(requestID: 1))
        }
        let huge: [UInt8] = [2, 1, 0, 0, 0xfe, 0xff, 0xff, 0x0f, 0]
        #expect(throws: CompactDecodingError.self) { try Proof.decode(huge) }
    }

    @Test func `random bytes decode or throw`() {
        var random = SeededGenerator(seed: 13)
        for _ in 0..<20_000 {
            let count = Int(random.number(below: 60))
            var bytes = (0..<count).map { _ in UInt8(truncatingIfNeeded: random.next()) }
            if !bytes.isEmpty, random.chance(80) { bytes[0] &= 0x1f }
            _ = try? Proof.decode(bytes)
            _ = try? ProofRequest.decode(bytes)
            _ = try? Manifest(decoding: bytes).feedKey
            for version in [Manifest.Version.v0, .v1] {
                _ = try? Multisignature(decoding: bytes, version: version)
            }
        }
    }
}
