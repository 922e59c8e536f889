import CompactEncoding
import Cryptography
import Merkle
import TestSupport
import Testing

/// The blocks that the feeds of a set are filled with.
struct BlockFormula {
    let salt: UInt64
    private let bigBlocks: Vector

    init() throws {
        let blocks = try Vectors.load("merkle-feeds.json").blocks
        salt = blocks.salt.uint64 ?? 1
        bigBlocks = blocks.bigBlocks
    }

    func size(_ index: UInt64, big: Vector = .null) -> Int {
        for sizes in [big, bigBlocks] {
            if let size = sizes[String(index)].uint64 { return Int(size) }
        }
        if (index + salt) % 7 == 3 { return 0 }
        if (index + salt) % 97 == 50 { return Int(300 + index % 100) }
        return Int(1 + (37 * index + 11 * salt) % 61)
    }

    /// Sizes come from the salt of the set, bytes from the salt of the part.
    func block(_ index: UInt64, big: Vector = .null, byteSalt: UInt64? = nil) -> [UInt8] {
        let salt = byteSalt ?? salt
        return (0..<size(index, big: big)).map {
            UInt8(truncatingIfNeeded: 131 * index + 17 * UInt64($0) + salt)
        }
    }

    func tree(length: UInt64, big: Vector = .null) -> MemoryTree {
        MemoryTree((0..<length).lazy.map { block($0, big: big) })
    }
}

extension Vector {
    /// A node written as `[index, size, hash]` or as an object.
    var asNode: Node {
        get throws {
            let isList = !items.isEmpty
            let hash = isList ? self[2] : self["hash"]
            return Node(
                index: TreeIndex(isList ? self[0].int : self.index.int),
                size: isList ? self[1].int : self.size.int, hash: try hash.asDigest)
        }
    }

    var asNodes: [Node] { get throws { try items.map { try $0.asNode } } }

    var asDigest: Digest { get throws { try #require(Digest(hex)) } }

    var asFeedKey: FeedKey { get throws { try #require(FeedKey(hex)) } }

    /// A manifest as the vectors write it, complete or as the input of one to be made.
    var asManifest: Manifest {
        get throws {
            let version = try self.version.uint64.map {
                try #require(Manifest.Version(rawValue: $0))
            }
            var manifest = Manifest(
                version: version, allowsPatch: self.allowPatch.bool ?? false,
                quorum: self.quorum.uint64,
                signers: try self.signers.items.map { try $0.asSigner })
            if !self.prologue.isNull {
                manifest.prologue = Manifest.Prologue(
                    treeHash: try self.prologue["hash"].asDigest,
                    length: self.prologue.length.uint64 ?? 0)
            }
            if !self.linked.isNull {
                manifest.linkedFeeds = try self.linked.items.map { try $0.asFeedKey }
            }
            manifest.userData = self.userData.bytes
            if version == nil, manifest.linkedFeeds != nil || manifest.userData != nil {
                manifest.version = .v2
            }
            return manifest
        }
    }

    private var asSigner: Signer {
        get throws {
            #expect(self.signature.string ?? "ed25519" == "ed25519")
            let publicKey = try #require(PublicKey(self.publicKey.hex))
            guard !self.namespace.isNull else { return Signer(publicKey: publicKey) }
            return Signer(publicKey: publicKey, namespace: try self.namespace.asDigest)
        }
    }

    var asRequest: ProofRequest {
        var request = ProofRequest(fork: self.fork.uint64 ?? 0)
        if !self.block.isNull {
            request.block = .init(index: self.block.index.int, nodes: self.block.nodes.int)
        }
        let hash = self["hash"]
        if !hash.isNull {
            request.hash = .init(index: TreeIndex(hash.index.int), nodes: hash.nodes.int)
        }
        if !self.seek.isNull {
            // `bytes` is an accessor of the vector itself.
            request.seek = .init(
                bytes: self.seek["bytes"].int, padding: self.seek.padding.uint64 ?? 0)
        }
        if !self.upgrade.isNull {
            request.upgrade = .init(
                start: self.upgrade.start.int, length: self.upgrade.length.int)
        }
        request.manifest = self.manifest.bool ?? false
        return request
    }

    /// A decoded answer; `value` stands in for a block that the formula gives.
    func asProof(value: (UInt64) -> [UInt8]) throws -> Proof {
        var proof = Proof(fork: self.fork.uint64 ?? 0)
        if !self.block.isNull {
            let index = self.block.index.int
            proof.block = .init(
                index: index, value: self.block.value.bytes ?? value(index),
                nodes: try self.block.nodes.asNodes)
        }
        let hash = self["hash"]
        if !hash.isNull {
            proof.hash = .init(
                index: TreeIndex(hash.index.int), nodes: try hash.nodes.asNodes)
        }
        if !self.seek.isNull {
            proof.seek = .init(
                bytes: self.seek["bytes"].int, nodes: try self.seek.nodes.asNodes)
        }
        if !self.upgrade.isNull {
            proof.upgrade = .init(
                start: self.upgrade.start.int, length: self.upgrade.length.int,
                nodes: try self.upgrade.nodes.asNodes,
                additionalNodes: try self.upgrade.additionalNodes.asNodes,
                signature: self.upgrade.signature.bytes ?? [])
        }
        if !self.manifest.isNull { proof.manifest = try self.manifest.asManifest }
        return proof
    }
}

extension ProofRequest {
    func encoded(id: UInt64, priority: UInt64 = 0) -> [UInt8] {
        encodedBytes { encode(to: &$0, id: id, priority: priority) }
    }

    static func decode(_ bytes: [UInt8]) throws -> (
        id: UInt64, priority: UInt64, request: ProofRequest
    ) {
        try bytes.withCompactDecoder { (decoder) throws(CompactDecodingError) in
            try ProofRequest.decode(from: &decoder)
        }
    }
}

extension Proof {
    func encoded(requestID: UInt64) -> [UInt8] {
        encodedBytes { encode(to: &$0, requestID: requestID) }
    }

    static func decode(_ bytes: [UInt8]) throws -> (requestID: UInt64, proof: Proof) {
        try bytes.withCompactDecoder { (decoder) throws(CompactDecodingError) in
            try Proof.decode(from: &decoder)
        }
    }
}

private func encodedBytes(_ body: (inout CompactEncoder) -> Void) -> [UInt8] {
    var counter = CompactEncoder()
    body(&counter)
    return [UInt8](unsafeUninitializedCapacity: counter.byteCount) { buffer, count in
        var encoder = CompactEncoder(UnsafeMutableRawBufferPointer(buffer))
        body(&encoder)
        count = encoder.byteCount
    }
}

extension ProofVerdict {
    /// What may be stored; the test fails if nothing may.
    var accepted: VerifiedProof {
        get throws {
            switch self {
            case .valid(let verified): return verified
            case .invalid(let error): throw error
            }
        }
    }

    var isValid: Bool {
        guard case .valid = self else { return false }
        return true
    }
}
