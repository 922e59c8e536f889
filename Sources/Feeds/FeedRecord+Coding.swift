import CompactEncoding
import Cryptography
import Merkle

extension CompactEncoder {
    mutating func write(_ value: some FixedBytes) {
        value.withUnsafeBytes { writeFixed($0) }
    }
}

extension CompactDecoder {
    mutating func read<Value: FixedBytes>(
        _ type: Value.Type
    ) throws(CompactDecodingError) -> Value {
        let bytes = try readFixed(byteCount: Value.byteCount)
        guard let base = bytes.baseAddress else { throw .outOfBounds }
        return Value(unsafeCopying: base)
    }
}

extension FeedConflict.Side {
    func encode(to encoder: inout CompactEncoder) {
        encoder.writeUInt64(fork)
        encoder.writeUInt64(length)
        encoder.write(treeHash)
        encoder.writeBuffer(signature)
    }

    init(from decoder: inout CompactDecoder) throws(CompactDecodingError) {
        fork = try decoder.readUInt64()
        length = try decoder.readUInt64()
        treeHash = try decoder.read(Digest.self)
        signature = try decoder.readBytes()
    }
}

// Numbers that a peer can choose are written in eight bytes: a `uint` ends at 2^53.
extension FeedRecord: CompactEncodable {
    func encode(to encoder: inout CompactEncoder) {
        var flags = flags
        if !manifest.isEmpty { flags.insert(.hasManifest) }
        if conflict != nil { flags.insert(.isFrozen) }
        if conflict?.otherProof != nil { flags.insert(.hasConflictProof) }
        encoder.writeUInt(flags.rawValue)
        encoder.write(key)
        encoder.writeUInt64(lastChange)
        encoder.writeUInt64(head.fork)
        encoder.writeUInt64(head.length)
        encoder.writeUInt64(head.byteLength)
        encoder.writeUInt64(head.contiguousLength)
        encoder.write(head.treeHash)
        encoder.writeBuffer(signature)
        if let conflict {
            conflict.own.encode(to: &encoder)
            conflict.other.encode(to: &encoder)
        }
        if !manifest.isEmpty { encoder.writeBuffer(manifest) }
        if let conflict, let upgrade = conflict.otherProof {
            Proof(fork: conflict.other.fork, upgrade: upgrade).encode(
                to: &encoder, requestID: 0)
        }
    }
}

extension FeedRecord: CompactDecodable {
    init(from decoder: inout CompactDecoder) throws(CompactDecodingError) {
        flags = Flags(rawValue: try decoder.readUInt())
        key = try decoder.read(FeedKey.self)
        lastChange = try decoder.readUInt64()
        head = FeedHead(
            fork: try decoder.readUInt64(), length: try decoder.readUInt64(),
            byteLength: try decoder.readUInt64(), contiguousLength: try decoder.readUInt64(),
            treeHash: try decoder.read(Digest.self))
        signature = try decoder.readBytes()
        if flags.contains(.isFrozen) {
            let own = try FeedConflict.Side(from: &decoder)
            conflict = FeedConflict(own: own, other: try FeedConflict.Side(from: &decoder))
        }
        if flags.contains(.hasManifest) { manifest = try decoder.readBytes() }
        if flags.contains(.hasConflictProof) {
            conflict?.otherProof = try Proof.decode(from: &decoder).proof.upgrade
        }
        flags.subtract([.hasManifest, .isFrozen, .hasConflictProof])
    }
}

extension FeedHead {
    /// Reads the head alone, which stands at a fixed place of a record, without allocating.
    init?(inRecord value: UnsafeRawBufferPointer) {
        var decoder = CompactDecoder(value)
        do throws(CompactDecodingError) {
            _ = try decoder.readUInt()
            _ = try decoder.readFixed(byteCount: FeedKey.byteCount + 8)
            self.init(
                fork: try decoder.readUInt64(), length: try decoder.readUInt64(),
                byteLength: try decoder.readUInt64(),
                contiguousLength: try decoder.readUInt64(),
                treeHash: try decoder.read(Digest.self))
        } catch {
            return nil
        }
    }
}
