public import CompactEncoding
import Cryptography

// A manifest's key is the hash of the form written here; a reader accepts longer number forms,
// unknown flag bits and a version 0 list of one signer, and hashes what it would itself write.

extension Manifest: CompactEncodable {
    private enum Flags {
        static let patch: UInt64 = 1
        static let prologue: UInt64 = 2
        static let linked: UInt64 = 4
        static let userData: UInt64 = 8
    }

    /// Writes the canonical form, which the feed key is the hash of.
    public func encode(to encoder: inout CompactEncoder) {
        encoder.writeUInt(version.rawValue)
        guard version != .v0 else { return encodeVersion0(to: &encoder) }
        var flags: UInt64 = 0
        if allowsPatch { flags |= Flags.patch }
        if prologue != nil { flags |= Flags.prologue }
        if linkedFeeds != nil { flags |= Flags.linked }
        if userData != nil { flags |= Flags.userData }
        encoder.writeUInt(flags)
        encoder.writeUInt(HashID.blake2b)
        encoder.writeUInt(quorum)
        encode(signers, to: &encoder)
        if let prologue {
            encoder.write(prologue.treeHash)
            encoder.writeUInt(prologue.length)
        }
        if let linkedFeeds {
            encoder.writeArrayCount(linkedFeeds.count)
            for key in linkedFeeds { encoder.write(key) }
        }
        if let userData { encoder.writeBuffer(userData) }
    }

    private func encodeVersion0(to encoder: inout CompactEncoder) {
        encoder.writeUInt(HashID.blake2b)
        if let prologue, signers.isEmpty {
            encoder.writeUInt(Version0Kind.prologue)
            encoder.write(prologue.treeHash)
        } else if signers.count == 1, quorum == 1, !allowsPatch {
            encoder.writeUInt(Version0Kind.oneSigner)
            signers[0].encode(to: &encoder)
        } else {
            encoder.writeUInt(Version0Kind.signers)
            encoder.writeUInt(allowsPatch ? Flags.patch : 0)
            encoder.writeUInt(quorum)
            encode(signers, to: &encoder)
        }
    }

    private func encode(_ signers: [Signer], to encoder: inout CompactEncoder) {
        encoder.writeArrayCount(signers.count)
        for signer in signers { signer.encode(to: &encoder) }
    }
}

extension Manifest: CompactDecodable {
    /// Reads any of the three versions.
    public init(from decoder: inout CompactDecoder) throws(CompactDecodingError) {
        guard let version = Version(rawValue: try decoder.readUInt()) else { throw .unknownType }
        switch version {
        case .v0: self = try Manifest(version0From: &decoder)
        case .v1, .v2: self = try Manifest(version, from: &decoder)
        }
    }

    private init(
        version0From decoder: inout CompactDecoder
    ) throws(CompactDecodingError) {
        try decoder.expectHashID()
        switch try decoder.readUInt() {
        case Version0Kind.prologue:
            let treeHash = try decoder.readFixedBytes(Digest.self)
            self.init(
                version: .v0, quorum: 0, signers: [],
                prologue: Prologue(treeHash: treeHash, length: 0))
        case Version0Kind.oneSigner:
            self.init(version: .v0, quorum: 1, signers: [try Signer(from: &decoder)])
        case Version0Kind.signers:
            let flags = try decoder.readUInt()
            let quorum = try decoder.readUInt()
            self.init(
                version: .v0, allowsPatch: flags & Flags.patch != 0, quorum: quorum,
                signers: try decoder.readSigners())
        default: throw .unknownType
        }
    }

    private init(
        _ version: Version, from decoder: inout CompactDecoder
    ) throws(CompactDecodingError) {
        let flags = try decoder.readUInt()
        try decoder.expectHashID()
        let quorum = try decoder.readUInt()
        self.init(
            version: version, allowsPatch: flags & Flags.patch != 0, quorum: quorum,
            signers: try decoder.readSigners())
        if flags & Flags.prologue != 0 {
            let treeHash = try decoder.readFixedBytes(Digest.self)
            prologue = Prologue(treeHash: treeHash, length: try decoder.readUInt())
        }
        if flags & Flags.linked != 0 { linkedFeeds = try decoder.readLinkedFeeds() }
        if flags & Flags.userData != 0 {
            let bytes = try decoder.readBuffer()
            guard bytes.count <= Limits.maximumUserDataByteCount else { throw .arrayTooLarge }
            userData = Array(bytes)
        }
    }
}

extension Signer: CompactEncodable, CompactDecodable {
    static let byteCount = 1 + Digest.byteCount + PublicKey.byteCount

    /// Writes signature id, namespace and public key.
    public func encode(to encoder: inout CompactEncoder) {
        encoder.writeUInt(SignatureID.ed25519)
        encoder.write(namespace)
        encoder.write(publicKey)
    }

    /// Reads signature id, namespace and public key.
    public init(from decoder: inout CompactDecoder) throws(CompactDecodingError) {
        guard try decoder.readUInt() == SignatureID.ed25519 else { throw .unknownType }
        let namespace = try decoder.readFixedBytes(Digest.self)
        self.init(publicKey: try decoder.readFixedBytes(PublicKey.self), namespace: namespace)
    }
}

extension CompactDecoder {
    fileprivate mutating func expectHashID() throws(CompactDecodingError) {
        guard try readUInt() == HashID.blake2b else { throw .unknownType }
    }

    fileprivate mutating func readSigners() throws(CompactDecodingError) -> [Signer] {
        let count = try readCount(of: Signer.byteCount, limit: Limits.maximumSigners)
        var signers: [Signer] = []
        signers.reserveCapacity(count)
        for _ in 0..<count {
            signers.append(try Signer(from: &self))
        }
        return signers
    }

    fileprivate mutating func readLinkedFeeds() throws(CompactDecodingError) -> [FeedKey] {
        let count = try readCount(of: FeedKey.byteCount, limit: Limits.maximumLinkedFeeds)
        var keys: [FeedKey] = []
        keys.reserveCapacity(count)
        for _ in 0..<count {
            keys.append(try readFixedBytes(FeedKey.self))
        }
        return keys
    }
}

private enum HashID {
    static let blake2b: UInt64 = 0
}

private enum SignatureID {
    static let ed25519: UInt64 = 0
}

/// What stands behind the version 0 type.
private enum Version0Kind {
    static let prologue: UInt64 = 0
    static let oneSigner: UInt64 = 1
    static let signers: UInt64 = 2
}
