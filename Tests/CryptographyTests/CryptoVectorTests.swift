import Cryptography
import TestSupport
import Testing

/// The tables of crypto.json about hashes, keys and signatures.
@Suite struct CryptoVectorTests {
    private let vectors: Vector

    init() throws { vectors = try Vectors.load("crypto.json") }

    @Test func `namespaces follow from a name and a number`() throws {
        for item in vectors.namespaces.items {
            #expect(Digest.hash(ofUTF8: item.name.text).bytes == item.nameHash.hex)
            for (index, id) in item.ids.items.enumerated() {
                #expect(Namespace.make(item.name.text, UInt8(index)).bytes == id.hex)
            }
        }
    }

    @Test func `every namespace that has a role has a name here`() throws {
        let known: [String: [String: Digest]] = [
            "hypercore": [
                "TREE": Namespace.tree,
                "REPLICATE_INITIATOR": Namespace.replicateInitiator,
                "REPLICATE_RESPONDER": Namespace.replicateResponder,
                "MANIFEST": Namespace.manifest,
                "DEFAULT_NAMESPACE": Namespace.defaultSigner,
                "BLOCK_ENCRYPTION": Namespace.blockEncryption,
            ],
            "hyperswarm/secret-stream": [
                "INITIATOR": Namespace.streamInitiator,
                "RESPONDER": Namespace.streamResponder,
                "SEND": Namespace.streamSend,
            ],
            "corestore": ["NS": Namespace.store],
        ]
        for (name, roles) in vectors.namespaceRoles.members {
            let ids = try #require(vectors.namespaces.items.first { $0.name.string == name }).ids
            for (index, role) in roles.items.enumerated() {
                let namespace = try #require(known[name]?[role.text], "\(name) \(role.text)")
                #expect(namespace.bytes == ids[index].hex)
            }
        }
    }

    @Test func `key pairs follow from seeds`() throws {
        for item in vectors.keyPairs.items {
            let pair = KeyPair(seed: item.seed.hex)
            #expect(pair.publicKey.bytes == item.publicKey.hex)
            #expect(pair.secretKey.withUnsafeBytes { Array($0) } == item.secretKey.hex)
        }
    }

    @Test func `discovery keys follow from feed keys`() throws {
        for item in vectors.discoveryKeys.items {
            let key = try #require(FeedKey(item.key.hex))
            #expect(key.discoveryKey.bytes == item.discoveryKey.hex)
        }
    }

    @Test func `hashes go over parts one after the other`() throws {
        for item in vectors.hashes.items {
            var hasher = BLAKE2bHasher()
            for part in item.parts.items { hasher.update(part.hex) }
            #expect(hasher.finalize().bytes == item.hash.hex)
            #expect(Digest.hash(of: item.parts.items.flatMap(\.hex)).bytes == item.hash.hex)
        }
    }

    @Test func `leaves hash their size and content`() throws {
        for item in vectors.leaves.items {
            let data = content(of: item, named: "data")
            #expect(UInt64(data.count) == item.size.int)
            #expect(Digest.leaf(data).bytes == item.hash.hex)
        }
    }

    @Test func `parents hash the sum of sizes and the children by index`() throws {
        for item in vectors.parents.items {
            let children = try [node(item.a), node(item.b)].sorted { $0.index < $1.index }
            let size = children[0].size + children[1].size
            #expect(size == item.size.int)
            let hash = Digest.parent(size: size, left: children[0].hash, right: children[1].hash)
            #expect(hash.bytes == item.hash.hex)
        }
    }

    @Test func `tree hashes go over the roots`() throws {
        for item in vectors.trees.items {
            var hasher = TreeHasher()
            for root in item.roots.items {
                let root = try node(root)
                hasher.add(hash: root.hash, index: root.index, size: root.size)
            }
            #expect(hasher.finalize().bytes == item.hash.hex)
        }
    }

    @Test func `signatures are deterministic and valid`() throws {
        for item in vectors.signatures.items {
            let pair = KeyPair(seed: item.seed.hex)
            #expect(pair.publicKey.bytes == item.publicKey.hex)
            let signature = pair.sign(item.message.hex)
            #expect(signature.bytes == item.signature.hex)
            #expect(pair.publicKey.isValid(signature, for: item.message.hex))
        }
    }

    @Test func `signatures are checked strictly`() throws {
        for item in vectors.signatureChecks.items {
            let key = try #require(PublicKey(item.publicKey.hex))
            let signature = try #require(Signature(item.signature.hex))
            let isValid = key.isValid(signature, for: item.message.hex)
            #expect(isValid == item.valid.bool, "\(item.note.string ?? "")")
        }
    }

    @Test func `capabilities are bound to connection and side`() throws {
        for item in vectors.capabilities.items {
            let key = try #require(FeedKey(item.key.hex))
            let hash = try #require(Digest64(item.handshakeHash.hex))
            let initiator = Capability.make(feedKey: key, handshakeHash: hash, isInitiator: true)
            let responder = Capability.make(feedKey: key, handshakeHash: hash, isInitiator: false)
            #expect(initiator.bytes == item.initiator.hex)
            #expect(responder.bytes == item.responder.hex)
        }
    }

    @Test func `stream ids are bound to connection and side`() throws {
        for item in vectors.streamIds.items {
            let hash = try #require(Digest64(item.handshakeHash.hex))
            let initiator = StreamID.make(handshakeHash: hash, isInitiator: true)
            let responder = StreamID.make(handshakeHash: hash, isInitiator: false)
            #expect(initiator.bytes == item.initiator.hex)
            #expect(responder.bytes == item.responder.hex)
        }
    }

    private struct Node {
        let index: UInt64
        let size: UInt64
        let hash: Digest
    }

    /// A node is an array or an object.
    private func node(_ vector: Vector) throws -> Node {
        let isArray = !vector.items.isEmpty
        return Node(
            index: (isArray ? vector[0] : vector.index).int,
            size: (isArray ? vector[1] : vector.size).int,
            hash: try #require(Digest((isArray ? vector[2] : vector.hash).hex)))
    }
}

/// Bytes that are given as they are, or as one byte that is repeated.
func content(of vector: Vector, named name: String) -> [UInt8] {
    let repeated = vector[name + "Repeat"]
    guard repeated.isNull else {
        return [UInt8](repeating: UInt8(repeated.byte.int), count: Int(repeated.count.int))
    }
    return vector[name].hex
}
