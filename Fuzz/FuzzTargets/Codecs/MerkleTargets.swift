import Cryptography

@testable import CompactEncoding
@testable import Merkle

extension FuzzTarget {
    static let merkle: [FuzzTarget] = [
        FuzzTarget(
            "manifest",
            seeds: [.bytes("manifests", "encoded"), .bytes("manifests", "hex")], runManifest),
        FuzzTarget(
            "multisignature",
            seeds: [.bytes("multisig", "signature", prefix: [0])]
                + [1, 2].map { .bytes("multisig", "signature", prefix: [$0]) },
            runMultisignature),
        FuzzTarget(
            "proof-request", seeds: [.bytes("proof", "encodedRequest")], runRequest),
        FuzzTarget("proof", seeds: [.bytes("proof", "encodedData")], runProof),
        FuzzTarget("proof-verification", seeds: [.made { try honestAnswers() }], runVerification),
        FuzzTarget("proof-changes", seeds: [.made { programs }], runChanges),
        FuzzTarget("reorganisation", seeds: [.made { programs }], runReorganisation),
    ]

    private static func runManifest(_ input: UnsafeRawBufferPointer) throws {
        let manifest = try Manifest(decoding: input)
        let bytes = manifest.encoded
        require((try? Manifest(decoding: bytes)) == manifest, "a manifest that is not read back")
        let key = manifest.feedKey
        if let verifier = HeadVerifier(key: key, manifest: manifest) {
            let tree = ProofWorld.all[0].tree
            _ = verifier.isValid(bytes, for: tree.roots, fork: 1)
            _ = verifier.isValid([], for: TreeRoots(), fork: 0)
            _ = verifier.sign(tree.roots.head(fork: 0), with: ProofWorld.keyPair)
        }
    }

    private static func runMultisignature(_ input: UnsafeRawBufferPointer) throws {
        guard let first = input.first else { return }
        let version: Manifest.Version = [.v0, .v1, .v2][Int(first % 3)]
        let field = try Multisignature(decoding: Array(input.dropFirst()), version: version)
        let bytes = field.encoded
        let again = try? Multisignature(decoding: bytes, version: version)
        require(again?.encoded == bytes, "a signature field that is not read back")
        var manifest = Manifest(singleSigner: ProofWorld.keyPair.publicKey, version: version)
        manifest.allowsPatch = true
        manifest.signers += [
            Signer(publicKey: KeyPair(seed: [UInt8](repeating: 1, count: 32)).publicKey)
        ]
        manifest.quorum = UInt64(1 + (first >> 7))
        let verifier = HeadVerifier(manifest)
        let world = ProofWorld.all[12]
        require(
            !verifier.isValid(bytes, for: world.tree.roots, fork: 77), "a forged signature")
    }

    /// A request may be anything; what is answered must be true, and answer it.
    private static func runRequest(_ input: UnsafeRawBufferPointer) throws {
        var decoder = CompactDecoder(input)
        let request = try ProofRequest.decode(from: &decoder).request
        let bytes = request.encodedBytes
        bytes.withCompactDecoder { decoder in
            let again = try? ProofRequest.decode(from: &decoder).request
            require(again == request, "a request that is not read back")
        }
        for world in [ProofWorld.all[2], ProofWorld.all[14]] {
            var request = request
            request.fork = world.fork
            guard let proof = try? world.answer(request, by: world.tree.blocks.count) else {
                continue
            }
            // A seek alone is answered by a proof of nothing.
            require(proof.provesNothing || proof.answers(request), "an answer to something else")
            _ = proof.encodedBytes
            if case .valid(let verified) = try world.verdict(on: proof) {
                world.expectTruth(verified, of: proof)
            }
        }
    }

    private static func runProof(_ input: UnsafeRawBufferPointer) throws {
        var decoder = CompactDecoder(input)
        let proof = try Proof.decode(from: &decoder).proof
        let bytes = proof.encodedBytes
        try bytes.withCompactDecoder { (decoder) throws(CompactDecodingError) in
            let again = try? Proof.decode(from: &decoder).proof
            require(again == proof, "a proof that is not read back")
        }
        for world in ProofWorld.all.suffix(4) {
            if case .valid(let verified) = try world.verdict(on: proof) {
                world.expectTruth(verified, of: proof)
            }
        }
    }

    /// The first bytes choose the reader's state, the others are the answer.
    private static func runVerification(_ input: UnsafeRawBufferPointer) throws {
        var source = ByteSource(input)
        let world = try reader(&source)
        var decoder = CompactDecoder(source.rest())
        let proof = try Proof.decode(from: &decoder).proof
        if case .valid(let verified) = try world.verdict(on: proof) {
            world.expectTruth(verified, of: proof)
        }
    }

    /// A reader that has the roots of some length and some nodes more.
    private static func reader(_ source: inout ByteSource) throws -> ProofWorld {
        var world = ProofWorld.all[source.number(below: ProofWorld.all.count)]
        let total = world.tree.roots.length
        let length = UInt64(source.number(below: Int(total) + 1))
        world.reader.roots = try world.tree.roots(ofLength: length) ?? TreeRoots()
        for node in world.reader.roots.nodes { world.reader.nodes[node.index] = node }
        let extra = source.word()
        for bit in 0..<16 where extra & 1 << bit != 0 {
            let index = TreeIndex(UInt64(bit * 2 + 1))
            guard index.lastBlock < length else { continue }
            world.reader.nodes[index] = world.tree.nodes[index]
        }
        if extra & 1 != 0 { world.known = world.writer }
        return world
    }

    private static func honestAnswers() throws -> [[UInt8]] {
        var inputs: [[UInt8]] = []
        for seed in 0..<400 {
            let number = UInt8(seed % ProofWorld.all.count)
            let head = [number, UInt8(truncatingIfNeeded: seed * 7), UInt8(seed & 255), 0]
            let choices = (0..<40).map { UInt8(truncatingIfNeeded: ($0 + 1) * seed &* 31 >> 2) }
            try (head + choices).withUnsafeBytes { bytes in
                var source = ByteSource(bytes)
                let world = try reader(&source)
                guard let request = try? world.request(&source),
                    let proof = try? world.answer(request, by: world.tree.blocks.count)
                else { return }
                inputs.append(head + proof.encodedBytes)
            }
        }
        return inputs
    }

    private static var programs: [[UInt8]] {
        (0..<200).map { seed in
            (0..<(20 + seed)).map {
                UInt8(truncatingIfNeeded: ($0 &+ 3) &* (seed &* 61 &+ 17) >> 3)
            }
        }
    }

    /// A reader asks, honest answers are changed; what is accepted must be true all the same.
    private static func runChanges(_ input: UnsafeRawBufferPointer) throws {
        var source = ByteSource(input)
        var world = ProofWorld.all[source.number(below: ProofWorld.all.count)]
        var last: Proof?
        for _ in 0..<8 where !source.isAtEnd {
            let request = try world.request(&source)
            let total = Int(world.tree.roots.length)
            let least = max(Int(world.length + (request.upgrade?.length ?? 0)), 1)
            let length = least + source.number(below: total - least + 1)
            guard let proof = try? world.answer(request, by: length) else { continue }
            var changed = proof
            for _ in 0..<source.number(below: 5) { changed.change(&source, nodes: world.tree) }
            if let last, source.chance(20) { changed.take(partOf: last, &source) }
            if case .valid(let verified) = try world.verdict(on: changed) {
                world.expectTruth(verified, of: changed)
                world.store(verified)
            }
            guard case .valid(let verified) = try world.verdict(on: proof) else {
                // What was stored in between may make an answer one that was not asked for.
                continue
            }
            world.expectTruth(verified, of: proof)
            world.store(verified)
            last = proof
        }
    }

    /// A reader follows a fork by changed answers; what it takes over must be of the new tree.
    private static func runReorganisation(_ input: UnsafeRawBufferPointer) throws {
        var source = ByteSource(input)
        let old = MemoryTree(MemoryTree.blocks(count: source.number(below: 34), salt: 3))
        let kept = source.number(below: old.blocks.count + 1)
        let new = MemoryTree(
            old.blocks.prefix(kept)
                + MemoryTree.blocks(count: 1 + source.number(below: 20), salt: 11))
        let world = ProofWorld(
            tree: new, ProofWorld.verifiers[2], fork: 4, lengths: [new.blocks.count])
        var stored = SparseNodes()
        for (index, node) in old.nodes.sorted(by: { $0.key.value < $1.key.value }) {
            let isRoot = old.roots.nodes.contains { $0.index == index }
            if isRoot || source.chance(70) { stored.nodes[index] = node }
        }
        var proof = try world.answer(
            ProofRequest(
                fork: 4, upgrade: .init(start: 0, length: new.roots.length), manifest: true),
            by: new.blocks.count)
        for _ in 0..<source.number(below: 3) { proof.change(&source, nodes: new) }
        let verdict = try Reorganisation.begin(
            with: proof, key: world.writer.key, headVerifier: nil,
            replacing: old.roots.head(fork: 1), stored: stored)
        guard case .valid(var state) = verdict else { return }
        try follow(&state, world: world, stored: stored, &source)
        let common = zip(old.blocks, new.blocks).prefix { $0 == $1 }.count
        require(state.ancestors <= UInt64(common) || !state.isFinished, "too many kept blocks")
        for node in state.nodes where !state.unprovenSizes.contains(node.index) {
            require(new.nodes[node.index] == node, "node \(node.index) of another tree")
        }
    }

    private static func follow(
        _ state: inout Reorganisation, world: ProofWorld, stored: SparseNodes,
        _ source: inout ByteSource
    ) throws {
        for _ in 0..<60 {
            guard let wanted = state.wanted else { return }
            let block = wanted.start + UInt64(source.number(below: Int(wanted.end - wanted.start)))
            guard let request = state.request(forBlock: block) else { return }
            let honest = try world.answer(request, by: world.tree.blocks.count)
            var proof = honest
            for _ in 0..<source.number(below: 3) { proof.change(&source, nodes: world.tree) }
            if case .valid = try state.apply(proof, stored: stored) { continue }
            guard case .valid = try state.apply(honest, stored: stored) else {
                fail("an honest answer that is refused")
            }
        }
        require(state.wanted == nil, "a search that does not end")
    }
}
