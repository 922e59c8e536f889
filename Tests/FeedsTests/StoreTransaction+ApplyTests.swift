import Cryptography
import Feeds
import Merkle
import Testing

@Suite struct ApplyTests {
    @Test(arguments: FeedKind.allCases)
    func `a reader learns the manifest, the head and the blocks`(kind: FeedKind) throws {
        try withWriterAndReader(70, kind: kind) { writer, reader in
            let upgraded = try #require(try reader.upgrade(from: writer)?.applied)
            #expect(upgraded.head == (try writer.head.treeHead))
            #expect(upgraded.isManifestNew)
            let traits = try reader.store.read { try $0.traits(of: reader.feed) }
            #expect(traits.hasManifest && !traits.isWritable)
            #expect(traits.isCompat == (kind == .compat))
            for index in [69, 3, 2, 0, 1, 3] as [UInt64] {
                let wasHeld = try reader.store.read {
                    try $0.contains(blockAt: index, of: reader.feed)
                }
                let outcome = try reader.download(index, from: writer)
                let applied = try #require(outcome?.applied)
                #expect(applied.block == index && applied.isBlockNew == !wasHeld)
                #expect(applied.head == nil && !applied.isManifestNew)
            }
            let head = try reader.head
            #expect(head.contiguousLength == 4)
            let held = try reader.store.read { try $0.heldRanges(in: 0..<70, of: reader.feed) }
            #expect(held == [0..<4, 69..<70])
            try writer.append(70..<75)
            let again = try #require(try reader.upgrade(from: writer)?.applied)
            #expect(again.head?.length == 75 && !again.isManifestNew)
            #expect(try reader.store.verify(reader.feed) == [])
        }
    }

    @Test func `many answers in one transaction count once`() throws {
        try withWriterAndReader(300) { writer, reader in
            _ = try reader.upgrade(from: writer)
            let before = try reader.store.read { try $0.lastChange() }
            try reader.store.write { transaction in
                for index in (0..<300 as Range<UInt64>).reversed() {
                    let request = ProofRequest(
                        block: .init(
                            index: index,
                            nodes: try transaction.snapshot.missingNodes(
                                forBlock: index, of: reader.feed)))
                    let proof = try #require(try writer.proof(for: request))
                    let outcome = try transaction.apply(proof, to: reader.feed)
                    #expect(outcome.applied?.isBlockNew == true)
                    let expected: UInt64 = index == 0 ? 300 : 0
                    #expect(
                        try transaction.snapshot.head(of: reader.feed).contiguousLength
                            == expected)
                }
            }
            #expect(try reader.store.read { try $0.lastChange() } == before + 1)
            #expect(try reader.store.verify(reader.feed) == [])
        }
    }

    @Test func `a reader serves what it holds, and no more`() throws {
        try withWriterAndReader(20) { writer, reader in
            _ = try reader.upgrade(from: writer)
            try reader.download(5, from: writer)
            let held = ProofRequest(block: .init(index: 5, nodes: 4))
            #expect(try reader.proof(for: held) == writer.proof(for: held))
            #expect(try reader.proof(for: ProofRequest(block: .init(index: 6, nodes: 0))) == nil)
            #expect(try reader.proof(for: ProofRequest(block: .init(index: 12, nodes: 4))) == nil)
            let otherFork = ProofRequest(
                fork: 1, block: .init(index: 5, nodes: 4), manifest: true)
            let answer = try #require(try reader.proof(for: otherFork))
            #expect(answer.provesNothing && answer.manifest != nil)
            #expect(throws: ProofRequestError.outOfBounds) {
                try reader.proof(for: ProofRequest(block: .init(index: 20, nodes: 0)))
            }
            #expect(throws: ProofRequestError.invalidUpgrade) {
                try reader.proof(for: ProofRequest(upgrade: .init(start: 0, length: 21)))
            }
        }
    }

    @Test func `nothing of a damaged answer is stored`() throws {
        try withWriterAndReader(33) { writer, reader in
            let request = ProofRequest(
                block: .init(index: 7, nodes: 0), upgrade: .init(start: 0, length: 33),
                manifest: true)
            let good = try #require(try writer.proof(for: request))
            var wrongs: [Proof] = []
            for change in [
                { $0.block?.value.append(0) }, { $0.block?.index += 1 },
                { $0.upgrade?.signature[10] ^= 1 }, { $0.upgrade?.nodes[0].size += 1 },
                { $0.block?.nodes.removeLast() }, { $0.upgrade?.nodes.removeLast() },
                { $0.fork = 1 },
                { $0.manifest = Manifest(singleSigner: KeyPair.numbered(9).publicKey) },
            ] as [(inout Proof) -> Void] {
                var proof = good
                change(&proof)
                wrongs.append(proof)
            }
            for proof in wrongs {
                let outcome = try reader.apply(proof)
                #expect(outcome.applied == nil)
                let head = try reader.head
                #expect(head == .empty)
                try reader.store.read { snapshot in
                    let node = try snapshot.node(at: TreeIndex(14), of: reader.feed)
                    #expect(node == nil)
                    #expect(try !snapshot.contains(blockAt: 7, of: reader.feed))
                    #expect(try !snapshot.traits(of: reader.feed).hasManifest)
                }
            }
            #expect(try reader.apply(good).applied != nil)
        }
    }

    @Test func `a block is checked and stored from where it lies`() throws {
        try withWriterAndReader(9) { writer, reader in
            _ = try reader.upgrade(from: writer)
            let request = ProofRequest(block: .init(index: 4, nodes: 3))
            var proof = try #require(try writer.proof(for: request))
            let value = try #require(proof.block?.value)
            // The bytes in the answer itself play no part.
            proof.block?.value = [1, 2, 3]
            for (bytes, isGood) in [(value + [0], false), ([], false), (value, true)] {
                let outcome = try bytes.withUnsafeBytes { bytes in
                    try reader.store.write {
                        try $0.apply(proof, blockValue: bytes, to: reader.feed)
                    }
                }
                #expect((outcome.applied?.isBlockNew == true) == isGood)
            }
            let stored = try reader.store.read { try $0.block(at: 4, of: reader.feed) }
            #expect(stored == value)
        }
    }

    @Test func `a lie about sizes decides nothing, and a block mends it`() throws {
        try withWriterAndReader(16) { writer, reader in
            _ = try reader.upgrade(from: writer)
            let request = ProofRequest(hash: .init(index: TreeIndex(block: 5), nodes: 4))
            var proof = try #require(try writer.proof(for: request))
            #expect(proof.hash?.nodes[0].size ?? 0 > 0)
            proof.hash?.nodes[0].size -= 1
            proof.hash?.nodes[1].size += 1
            #expect(try reader.apply(proof).applied != nil)
            try reader.store.read { snapshot in
                let offset = try snapshot.byteOffset(ofBlock: 5, of: reader.feed)
                #expect(offset == nil)
                #expect(try snapshot.byteOffset(ofBlock: 4, of: reader.feed) != nil)
                // What is not proven is not passed on either.
                let answer = try snapshot.proof(for: request, of: reader.feed)
                #expect(answer == nil)
            }
            try reader.download(5, from: writer)
            for index in 4...6 as ClosedRange<UInt64> {
                let offsets = try [writer, reader].map { side in
                    try side.store.read { try $0.byteOffset(ofBlock: index, of: side.feed) }
                }
                #expect(offsets[0] == offsets[1] && offsets[0] != nil)
            }
            #expect(try reader.store.verify(reader.feed) == [])
        }
    }

    @Test func `a seek narrows until the byte is found`() throws {
        try withWriterAndReader(200) { writer, reader in
            _ = try reader.upgrade(from: writer)
            let length = try writer.head.byteLength
            for byte in [0, 1, length / 3, length - 1, length] {
                let expected = try writer.store.read {
                    try $0.position(ofByte: byte, of: writer.feed)
                }
                var found: BytePosition?
                for _ in 0..<20 where found == nil {
                    let position = try reader.store.read {
                        try $0.position(ofByte: byte, of: reader.feed)
                    }
                    guard case .below(let index, _) = position else {
                        found = position
                        continue
                    }
                    let request = ProofRequest(
                        hash: .init(index: TreeIndex(block: index.firstBlock), nodes: index.depth),
                        seek: .init(bytes: byte))
                    let proof = try #require(try writer.proof(for: request))
                    #expect(try reader.apply(proof).applied != nil)
                    guard case .found(let block, _) = expected else { continue }
                    try reader.download(block, from: writer)
                }
                #expect(found == expected)
            }
            #expect(try reader.store.verify(reader.feed) == [])
        }
    }

    @Test func `numbers that cannot be sent on are refused`() throws {
        let keyPair = KeyPair.numbered(1)
        let verifier = HeadVerifier(Manifest(singleSigner: keyPair.publicKey))
        let root = Node(index: TreeIndex(0), size: 1 << 53, hash: Digest.hash(of: [1]))
        var hasher = TreeHasher()
        hasher.add(hash: root.hash, index: 0, size: root.size)
        let head = TreeHead(
            fork: 0, length: 1, byteLength: root.size, treeHash: hasher.finalize())
        let signature = try #require(verifier.sign(head, with: keyPair))
        let proof = Proof(
            fork: 0,
            upgrade: .init(start: 0, length: 1, nodes: [root], signature: signature),
            manifest: verifier.manifest)
        try withStore { store in
            let feed = try store.write { try $0.addFeed(verifier.key) }
            let outcome = try store.write { try $0.apply(proof, to: feed) }
            #expect(outcome == .rejected(.outOfBounds))
        }
    }
}
