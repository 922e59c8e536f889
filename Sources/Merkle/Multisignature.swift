public import CompactEncoding
public import Cryptography

/// One signer's share of a signature field.
///
/// A signer who is ahead signed a longer tree; the nodes prove that it grew from the signed head.
public struct PartialSignature: Hashable, Sendable {
    /// The signer's number in the manifest.
    public var signer: UInt64
    /// The signature over the head of this length, or of `patch` blocks more.
    public var signature: Signature
    /// The number of blocks by which the signed tree is longer.
    public var patch: UInt64
    /// The nodes of an upgrade from the head to the longer tree, empty without a patch.
    public var nodes: [Node]

    /// Makes a share.
    public init(signer: UInt64, signature: Signature, patch: UInt64 = 0, nodes: [Node] = []) {
        self.signer = signer
        self.signature = signature
        self.patch = patch
        self.nodes = nodes
    }
}

/// A signature field that holds the signatures of several signers.
///
/// See docs/formats/manifests.md#the-signature-field.
public struct Multisignature: Hashable, Sendable {
    /// One signer's signature.
    public struct Part: Hashable, Sendable {
        /// The signer's number in the manifest.
        public var signer: UInt64
        /// The signature.
        public var signature: Signature
        /// The number of blocks by which the signed tree is longer; 0 for the head itself.
        public var patch: UInt64
        /// Version 0 only: positions in the node list, which no verifier reads.
        var positions: [UInt64] = []
        /// Version 0 only: a block number, which no verifier reads.
        var start: UInt64 = 0
    }

    /// The signatures in the order of the field; the first `quorum` of them count.
    public private(set) var parts: [Part] = []
    /// The nodes that all patches together need.
    public private(set) var nodes: [Node] = []
    /// The layout.
    public let version: Manifest.Version

    /// Joins the shares of several signers.
    public init(_ shares: [PartialSignature], version: Manifest.Version) {
        self.version = version
        for share in shares {
            var part = Part(signer: share.signer, signature: share.signature, patch: share.patch)
            if let last = share.nodes.last {
                part.start = last.index.lastBlock &+ 1
            }
            for node in share.nodes {
                part.positions.append(add(node))
            }
            parts.append(part)
        }
    }

    private mutating func add(_ node: Node) -> UInt64 {
        let known = nodes.firstIndex { version == .v0 ? $0 == node : $0.index == node.index }
        if let known { return UInt64(known) }
        nodes.append(node)
        return UInt64(nodes.count - 1)
    }

    /// Reads a signature field.
    public init(
        decoding field: [UInt8], version: Manifest.Version
    ) throws(CompactDecodingError) {
        self.version = version
        guard field.count <= Limits.maximumSignatureByteCount else { throw .outOfBounds }
        let (parts, nodes) = try field.withCompactDecoder {
            (decoder) throws(CompactDecodingError) in
            let parts = try decoder.readParts(version: version)
            return (parts, try decoder.readNodes(limit: Limits.maximumPatchNodes))
        }
        self.parts = parts
        self.nodes = nodes
    }
}

extension Multisignature: CompactEncodable {
    /// Writes the field in the layout of its version.
    public func encode(to encoder: inout CompactEncoder) {
        encoder.writeArrayCount(parts.count)
        for part in parts {
            if version == .v0 { encoder.writeUInt(part.patch > 0 ? 1 as UInt64 : 0) }
            encoder.writeUInt(part.signer)
            encoder.write(part.signature)
            if version != .v0 {
                encoder.writeUInt(part.patch)
            } else if part.patch > 0 {
                encoder.writeUInt(part.start)
                encoder.writeUInt(part.patch)
                encoder.writeArrayCount(part.positions.count)
                for position in part.positions { encoder.writeUInt(position) }
            }
        }
        encoder.write(nodes)
    }
}

extension CompactDecoder {
    fileprivate mutating func readParts(
        version: Manifest.Version
    ) throws(CompactDecodingError) -> [Multisignature.Part] {
        let count = try readCount(of: 2 + Signature.byteCount, limit: Limits.maximumSigners)
        var parts: [Multisignature.Part] = []
        parts.reserveCapacity(count)
        for _ in 0..<count {
            parts.append(version == .v0 ? try readVersion0Part() : try readPart())
        }
        return parts
    }

    private mutating func readPart() throws(CompactDecodingError) -> Multisignature.Part {
        let signer = try readUInt()
        let signature = try readFixedBytes(Signature.self)
        return Multisignature.Part(
            signer: signer, signature: signature, patch: try readUInt())
    }

    private mutating func readVersion0Part() throws(CompactDecodingError) -> Multisignature.Part {
        let flags = try readUInt()
        let signer = try readUInt()
        let signature = try readFixedBytes(Signature.self)
        var part = Multisignature.Part(signer: signer, signature: signature, patch: 0)
        guard flags & 1 != 0 else { return part }
        part.start = try readUInt()
        part.patch = try readUInt()
        let count = try readCount(of: 1, limit: Limits.maximumPatchNodes)
        part.positions.reserveCapacity(count)
        for _ in 0..<count {
            part.positions.append(try readUInt())
        }
        return part
    }
}
