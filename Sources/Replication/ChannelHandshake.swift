package import CompactEncoding
package import Cryptography

/// What a side says when it opens a feed's channel.
package struct ChannelHandshake: Hashable, Sendable {
    package var supportsSeeks: Bool
    /// Proof that the sender knows the feed's key; see docs/formats/crypto.md#capability.
    package var capability: Digest

    package init(supportsSeeks: Bool = true, capability: Digest) {
        self.supportsSeeks = supportsSeeks
        self.capability = capability
    }
}

extension ChannelHandshake: CompactEncodable, CompactDecodable {
    package func encode(to encoder: inout CompactEncoder) {
        encoder.writeUInt((supportsSeeks ? 1 : 0) as UInt64)
        capability.withUnsafeBytes { encoder.writeFixed($0) }
    }

    package init(from decoder: inout CompactDecoder) throws(CompactDecodingError) {
        let flags = try decoder.readUInt()
        guard let start = try decoder.readFixed(byteCount: Digest.byteCount).baseAddress else {
            throw .outOfBounds
        }
        self.init(supportsSeeks: flags & 1 != 0, capability: Digest(unsafeCopying: start))
    }
}
