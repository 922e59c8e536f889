import CompactEncoding
import Cryptography
import Merkle
import TestSupport
import Testing

/// The blocks that the feeds of a set are filled with.
struct BlockFormula {
    let salt: UInt64

    init() throws { salt = try Vectors.load("merkle-feeds.json").blocks.salt.uint64 ?? 1 }

    /// Sizes come from the salt of the set, bytes from the salt of the part.
    func block(_ index: UInt64, big: Vector = .null, byteSalt: UInt64? = nil) -> [UInt8] {
        (0..<size(index, big: big)).map {
            UInt8(truncatingIfNeeded: 131 * index + 17 * UInt64($0) + (byteSalt ?? salt))
        }
    }

    func blocks(_ range: Range<UInt64>, big: Vector = .null, byteSalt: UInt64? = nil) -> [[UInt8]] {
        range.map { block($0, big: big, byteSalt: byteSalt) }
    }

    private func size(_ index: UInt64, big: Vector) -> Int {
        if let size = big[String(index)].uint64 { return Int(size) }
        if (index + salt) % 7 == 3 { return 0 }
        if (index + salt) % 97 == 50 { return Int(300 + index % 100) }
        return Int(1 + (37 * index + 11 * salt) % 61)
    }
}

extension Vector {
    var asNode: Node {
        get throws {
            let isList = !items.isEmpty
            let hash = isList ? self[2] : self["hash"]
            return Node(
                index: TreeIndex(isList ? self[0].int : self.index.int),
                size: isList ? self[1].int : self.size.int,
                hash: try #require(Digest(hash.hex)))
        }
    }

    var asRequest: ProofRequest {
        var request = ProofRequest(
            fork: self.fork.uint64 ?? 0, manifest: self.manifest.bool ?? false)
        if !self.block.isNull {
            request.block = .init(index: self.block.index.int, nodes: self.block.nodes.int)
        }
        if !self["hash"].isNull {
            request.hash = .init(
                index: TreeIndex(self["hash"].index.int), nodes: self["hash"].nodes.int)
        }
        if !self.seek.isNull {
            request.seek = .init(
                bytes: self.seek["bytes"].int, padding: self.seek.padding.uint64 ?? 0)
        }
        if !self.upgrade.isNull {
            request.upgrade = .init(start: self.upgrade.start.int, length: self.upgrade.length.int)
        }
        return request
    }
}

extension Proof {
    func encoded(requestID: UInt64) -> [UInt8] {
        var counter = CompactEncoder()
        encode(to: &counter, requestID: requestID)
        return [UInt8](unsafeUninitializedCapacity: counter.byteCount) { buffer, count in
            var encoder = CompactEncoder(UnsafeMutableRawBufferPointer(buffer))
            encode(to: &encoder, requestID: requestID)
            count = encoder.byteCount
        }
    }

    static func decode(_ bytes: [UInt8]) throws -> Proof {
        try bytes.withCompactDecoder { (decoder) throws(CompactDecodingError) in
            try Proof.decode(from: &decoder)
        }.proof
    }
}
