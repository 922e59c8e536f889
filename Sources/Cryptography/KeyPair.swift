import CSodium

/// An Ed25519 key pair whose secret is wiped with the last reference and never printed.
public final class KeyPair: Sendable {
    /// The public half.
    public let publicKey: PublicKey

    /// Seed ‖ public key, as libsodium wants it.
    package let secretKey: SecretBytes

    /// How many bytes a seed has.
    public static let seedByteCount = 32

    private init(publicKey: PublicKey, secretKey: SecretBytes) {
        self.publicKey = publicKey
        self.secretKey = secretKey
    }

    /// The pair that follows from a seed of 32 bytes, which the caller should wipe.
    public convenience init(seed: UnsafeRawBufferPointer) {
        let (publicKey, secretKey) = Self.derive(from: seed)
        self.init(publicKey: publicKey, secretKey: secretKey)
    }

    private static func derive(from seed: UnsafeRawBufferPointer) -> (PublicKey, SecretBytes) {
        precondition(seed.count == seedByteCount, "A seed has 32 bytes")
        Sodium.start()
        var words = Words32()
        let secretKey = SecretBytes(byteCount: 64) { secret in
            withUnsafeMutableBytes(of: &words) { key in
                guard let key = key.octets, let secret = secret.octets, let seed = seed.octets
                else { return }
                crypto_sign_ed25519_seed_keypair(key, secret, seed)
            }
        }
        return (PublicKey(words: words), secretKey)
    }

    /// The pair that follows from a seed of 32 bytes, which the caller should wipe.
    public convenience init(seed: [UInt8]) {
        let (publicKey, secretKey) = seed.withUnsafeBytes { Self.derive(from: $0) }
        self.init(publicKey: publicKey, secretKey: secretKey)
    }

    /// The pair that follows from a seed.
    package convenience init(seed: SecretBytes) {
        let (publicKey, secretKey) = seed.withUnsafeBytes { Self.derive(from: $0) }
        self.init(publicKey: publicKey, secretKey: secretKey)
    }

    /// A new pair.
    public static func random(_ randomness: Randomness = .system) -> KeyPair {
        KeyPair(seed: SecretBytes(byteCount: seedByteCount) { randomness.fill($0) })
    }

    /// Signs a message; the same message always gives the same signature.
    public func sign(_ message: UnsafeRawBufferPointer) -> Signature {
        Signature(
            words: Words64 { signature in
                secretKey.withUnsafeBytes { secret in
                    guard let secret = secret.octets else { return }
                    crypto_sign_ed25519_detached(
                        signature.assumingMemoryBound(to: UInt8.self), nil,
                        message.octets, UInt64(message.count), secret)
                }
            })
    }

    /// Signs a message; the same message always gives the same signature.
    public func sign(_ message: [UInt8]) -> Signature {
        message.withUnsafeBytes { sign($0) }
    }
}

extension KeyPair: CustomStringConvertible, CustomReflectable {
    /// The public key alone.
    public var description: String { "KeyPair(\(publicKey))" }

    /// The public key alone.
    public var customMirror: Mirror { Mirror(self, children: ["publicKey": publicKey]) }
}
