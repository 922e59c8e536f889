import CSodium

/// Encryption of a feed's blocks at rest; the tree and the wire see only its output.
///
/// There is no authentication: the tree of the feed gives integrity.
/// See docs/formats/crypto.md#block-encryption.
public final class BlockCipher: Sendable {
    /// How many bytes stand in front of every stored block.
    public static let paddingByteCount = 8

    package let blockKey: SecretBytes
    package let blindingKey: SecretBytes

    private init(secret: SecretBytes) {
        blockKey = secret
        blindingKey = SecretBytes(byteCount: 32) { output in
            var hasher = BLAKE2bHasher()
            secret.withUnsafeBytes { hasher.update($0) }
            hasher.finalize(into: output)
        }
    }

    /// The cipher whose block key is given directly, 32 bytes.
    public convenience init(blockKey: UnsafeRawBufferPointer) {
        precondition(blockKey.count == 32, "A block key has 32 bytes")
        self.init(secret: SecretBytes(copying: blockKey))
    }

    /// The cipher of a feed that an encryption key of 32 bytes is used for.
    ///
    /// Whether a feed is in compat mode is known once its manifest is.
    public convenience init(
        encryptionKey: UnsafeRawBufferPointer, feedKey: FeedKey, isCompat: Bool
    ) {
        precondition(encryptionKey.count == 32, "An encryption key has 32 bytes")
        let blockKey = SecretBytes(byteCount: 32) { output in
            var hasher: BLAKE2bHasher
            if isCompat {
                hasher = feedKey.withUnsafeBytes { BLAKE2bHasher(key: $0) }
            } else {
                hasher = BLAKE2bHasher()
                hasher.update(Namespace.blockEncryption)
                hasher.update(feedKey)
            }
            hasher.update(encryptionKey)
            hasher.finalize(into: output)
        }
        self.init(secret: blockKey)
    }

    /// The stored form of a block; `fork` is the feed's at the time of the append.
    public func encrypt(block: UnsafeRawBufferPointer, index: UInt64, fork: UInt64) -> [UInt8] {
        let byteCount = block.count + Self.paddingByteCount
        return [UInt8](unsafeUninitializedCapacity: byteCount) { output, count in
            var padding = fork.littleEndian
            withUnsafeMutableBytes(of: &padding) { padding in
                exclusiveOr(
                    padding, with: UnsafeRawBufferPointer(padding), nonce: (index.littleEndian, 0),
                    key: blindingKey)
            }
            let output = UnsafeMutableRawBufferPointer(output)
            output.storeBytes(of: padding, as: UInt64.self)
            exclusiveOr(
                UnsafeMutableRawBufferPointer(rebasing: output[Self.paddingByteCount...]),
                with: block, nonce: (index.littleEndian, padding), key: blockKey)
            count = byteCount
        }
    }

    /// The block that a stored form stands for.
    public func decrypt(
        block: UnsafeRawBufferPointer, index: UInt64
    ) throws(BlockCipherError) -> [UInt8] {
        guard block.count >= Self.paddingByteCount else { throw .tooShort }
        let padding = block.loadUnaligned(as: UInt64.self)
        let body = UnsafeRawBufferPointer(rebasing: block[Self.paddingByteCount...])
        return [UInt8](unsafeUninitializedCapacity: body.count) { output, count in
            exclusiveOr(
                UnsafeMutableRawBufferPointer(output), with: body,
                nonce: (index.littleEndian, padding), key: blockKey)
            count = body.count
        }
    }

    /// The same as for a buffer.
    public func encrypt(block: [UInt8], index: UInt64, fork: UInt64) -> [UInt8] {
        block.withUnsafeBytes { encrypt(block: $0, index: index, fork: fork) }
    }

    /// The same as for a buffer.
    public func decrypt(block: [UInt8], index: UInt64) throws(BlockCipherError) -> [UInt8] {
        try block.withUnsafeBufferPointer { (block) throws(BlockCipherError) in
            try decrypt(block: UnsafeRawBufferPointer(block), index: index)
        }
    }

    /// XSalsa20 with a nonce whose last eight bytes are zero.
    private func exclusiveOr(
        _ output: UnsafeMutableRawBufferPointer, with input: UnsafeRawBufferPointer,
        nonce: (UInt64, UInt64), key: SecretBytes
    ) {
        Sodium.start()
        let inputCount = input.count
        withUnsafeBytes(of: (nonce.0, nonce.1, UInt64(0))) { nonce in
            key.withUnsafeBytes { key in
                guard let output = output.octets, let input = input.octets,
                    let nonce = nonce.octets, let key = key.octets
                else { return }
                crypto_stream_xsalsa20_xor(output, input, UInt64(inputCount), nonce, key)
            }
        }
    }
}

extension BlockCipher: CustomStringConvertible, CustomReflectable {
    /// A word instead of the keys.
    public var description: String { "BlockCipher(secret)" }

    /// Nothing of the keys.
    public var customMirror: Mirror { Mirror(self, children: []) }
}
